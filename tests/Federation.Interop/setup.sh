#!/bin/sh
# Installs what the interop tests talk to: gRPC for Node.js and for Python. May be run again at any time.
set -eu
cd "$(dirname "$0")"

missing=""
for package in nodejs npm python3-grpcio python3-protobuf protobuf-compiler libprotobuf-dev; do
  case $package in
    nodejs) command -v node >/dev/null 2>&1 || missing="$missing $package" ;;
    npm) command -v npm >/dev/null 2>&1 || missing="$missing $package" ;;
    *) dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package" ;;
  esac
done

if [ -n "$missing" ]; then
  apt-get update
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
fi

cd node
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund
fi
