#!/usr/bin/env bash
# Installs what comes from the system's packages when it is missing: the PostgreSQL server programs and a Chromium.
# Does nothing, in a few milliseconds, when both are there.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/progress.sh

any() { # any FILE...: whether one of them exists
	local file
	for file in "$@"; do
		[ -e "$file" ] && return 0
	done
	return 1
}

# The same places as in internal/devstack/find.go.
have_postgres() {
	{ command -v postgres && command -v initdb; } >/dev/null 2>&1 ||
		any /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /usr/lib/postgresql*/bin/initdb \
			/opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb /usr/local/pgsql/bin/initdb \
			/Applications/Postgres.app/*/*/latest/bin/initdb
}

have_chromium() {
	[ -n "${FOSSAWORK_CHROMIUM:-}" ] ||
		any /usr/lib/chromium/chromium-headless-shell /usr/lib/chromium/chromium /usr/lib/chromium-browser/chromium-browser \
			/usr/lib64/chromium-browser/headless_shell /usr/lib64/chromium-browser/chromium-browser /opt/google/chrome/chrome \
			"/Applications/Chromium.app" "/Applications/Google Chrome.app" ||
		command -v chrome-headless-shell >/dev/null 2>&1
}

missing=()
have_postgres || missing+=(postgresql)
have_chromium || missing+=(chromium-headless-shell)
[ ${#missing[@]} -gt 0 ] || exit 0

give_up() {
	echo "missing: ${missing[*]}. $*" >&2
	echo "A browser in another place can be named with FOSSAWORK_CHROMIUM." >&2
	exit 1
}

if [ "$(uname)" = Darwin ]; then
	command -v brew >/dev/null 2>&1 ||
		give_up "Install Homebrew, then run: brew install postgresql@17 && brew install --cask google-chrome"
	for package in "${missing[@]}"; do
		case $package in
		postgresql) progress "installing postgresql@17" "first time only" brew install postgresql@17 ;;
		*) progress "installing google-chrome" "first time only" brew install --cask google-chrome ;;
		esac
	done
	exit 0
fi

command -v apt-get >/dev/null 2>&1 ||
	give_up "Install them with the package manager of this system (PostgreSQL 14 or newer, Chromium), then run this again."
if [ "$(id -u)" -ne 0 ]; then
	give_up "Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
fi

# Installing the server must not start one: the cluster used here is private. The setting is for this installation only.
no_cluster=/etc/postgresql-common/createcluster.d/fossawork-setup.conf
had_directory=$([ -d "${no_cluster%/*}" ] && echo yes || true)
install_missing() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -o DPkg::Lock::Timeout=300
	apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing[@]}"
}
mkdir -p "${no_cluster%/*}"
echo "create_main_cluster = false" >"$no_cluster"
status=0
progress "installing ${missing[*]}" "first time only, usually under a minute" install_missing || status=$?
rm -f "$no_cluster"
[ -n "$had_directory" ] || rmdir "${no_cluster%/*}" 2>/dev/null || true
[ "$status" -eq 0 ] || give_up "apt-get could not install them, see above."
