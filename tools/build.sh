#!/usr/bin/env bash
# Builds a tool pinned in tools/<module>/go.mod into bin/, unless that very version is there already.
#
# usage: tools/build.sh MODULE [HINT]
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/progress.sh

module=$1
hint=${2:-first time only}
package=$(awk '$1 == "tool" { print $2 }' "tools/$module/go.mod")
name=${package##*/}

# The longest module path that is a prefix of the package is the one that contains it.
version=$(awk -v package="$package" '
	$1 == "require" { $1 = ""; $0 = $0 }
	NF >= 2 && index(package, $1) == 1 && length($1) > length(best) { best = $1; version = $2 }
	END { print version }' "tools/$module/go.mod")

stamp=bin/.$name.stamp
want="$version $(cat "tools/$module/go.mod" "tools/$module/go.sum" | cksum) $(go env GOVERSION GOOS GOARCH | tr '\n' ' ')"
if [ -x "bin/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
	exit 0
fi

# Tools built from modules do not know their own version.
flags="-s -w"
if [ "$name" = temporal ]; then
	flags="$flags -X github.com/temporalio/cli/temporalcli.Version=${version#v}"
fi

mkdir -p bin
# Built beside its place and moved, so that a running one is not disturbed and an interrupted build leaves nothing behind.
progress "building $name $version" "$hint" \
	env GOWORK=off go build -C "tools/$module" -trimpath -buildvcs=false -ldflags "$flags" -o "$PWD/bin/.$name.$$" "$package"
mv "bin/.$name.$$" "bin/$name"
echo "$want" >"$stamp"
