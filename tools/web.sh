#!/usr/bin/env bash
# Builds the web UI into web/dist, unless it was built from these very sources. Installs its packages first, and Node.js where it can.
#
# usage: tools/web.sh [packages]   packages: only install them
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/progress.sh

least=20.19 # the oldest Node.js that the build tools take

node_is_new_enough() {
	command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
		[ "$(printf '%s\n' "$least" "$(node --version | tr -d v)" | sort -V | head -1)" = "$least" ]
}

install_node() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -o DPkg::Lock::Timeout=300
	apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 nodejs npm
}

if ! node_is_new_enough; then
	if ! command -v node >/dev/null 2>&1; then
		if [ "$(uname)" = Darwin ] && command -v brew >/dev/null 2>&1; then
			progress "installing node" "first time only" brew install node
		elif [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
			progress "installing nodejs npm" "first time only" install_node
		fi
	fi
	if ! node_is_new_enough; then
		echo "The web UI is built with Node.js $least or newer and npm; found: $(node --version 2>/dev/null || echo none)." >&2
		echo "Install it (Debian 13: apt-get install nodejs npm; macOS: brew install node; else see nodejs.org), then run this again." >&2
		exit 1
	fi
fi

sum() { cksum | tr ' ' '-'; }

# The stamp lives inside the folder, so that removing the folder is enough to install again.
wanted="$(sum <web/package-lock.json) $(node --version)"
if [ "$(cat web/node_modules/.stamp 2>/dev/null)" != "$wanted" ]; then
	progress "installing the packages of the web UI" "when they have changed" \
		npm --prefix web ci --ignore-scripts --no-audit --no-fund --loglevel=error
	echo "$wanted" >web/node_modules/.stamp
fi
[ "${1:-}" != packages ] || exit 0

# What the build reads.
sources="$wanted $(find web/src web/public web/index.html web/vite.config.ts web/package.json -type f ! -name '*.test.*' -print0 |
	LC_ALL=C sort -z | xargs -0 cksum | sum)"
if [ "$(cat web/dist/.stamp 2>/dev/null)" = "$sources" ]; then
	exit 0
fi
PROGRESS_AFTER=5 progress "building the web UI" "some seconds" npm --prefix web run --silent build
echo "$sources" >web/dist/.stamp
