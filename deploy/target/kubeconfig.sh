#!/bin/sh
# Prints the kubeconfig with which the operator reaches the cluster of your current kubectl context, after
# `kubectl apply -k deploy/target/cluster` there:
#
#   deploy/target/kubeconfig.sh > us-east-1.kubeconfig
#
# The server's address is the one that you use; give the one that the operator's cluster reaches, where it differs:
#
#   deploy/target/kubeconfig.sh https://api.us-east-1.example.com:6443 > us-east-1.kubeconfig
set -eu
namespace=maestro-dr-system
secret=maestro-dr-token
server=${1:-$(kubectl config view --minify --raw -o 'jsonpath={.clusters[0].cluster.server}')}
ca=$(kubectl get secret "$secret" -n "$namespace" -o 'jsonpath={.data.ca\.crt}')
token=$(kubectl get secret "$secret" -n "$namespace" -o 'jsonpath={.data.token}' | base64 -d)
if [ -z "$server" ] || [ -z "$ca" ] || [ -z "$token" ]; then
  echo "Secret $secret in $namespace has no token yet: is deploy/target/cluster applied to this cluster? Try again in a moment." >&2
  exit 1
fi
cat <<EOF
apiVersion: v1
kind: Config
current-context: maestro-dr
contexts: [{ name: maestro-dr, context: { cluster: region, user: maestro-dr } }]
clusters: [{ name: region, cluster: { server: $server, certificate-authority-data: $ca } }]
users: [{ name: maestro-dr, user: { token: $token } }]
EOF
