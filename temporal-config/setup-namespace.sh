#!/bin/sh
# Makes the namespace and our search attributes on a running Temporal server, and waits until both can be used. What is
# there already is left alone; an attribute of another type is an error, since types cannot be changed.
#
# Environment: TEMPORAL_ADDRESS (read by the command itself), TEMPORAL_NAMESPACE, RETENTION (how long closed workflows are
# kept; of a new namespace only), ATTEMPTS and PAUSE (seconds) say how patiently to wait for the server.
set -eu

namespace=${TEMPORAL_NAMESPACE:-default}
retention=${RETENTION:-72h}
attempts=${ATTEMPTS:-30}
pause=${PAUSE:-2}

# Name:Type, the same as SearchAttributes in workflows/names.go; a test compares the two.
search_attributes='
FossaworkUserId:Keyword
FossaworkScheduleId:Int
FossaworkJobType:Keyword
FossaworkTrigger:Keyword
FossaworkOutcome:Keyword
'

# retry COMMAND...: until it succeeds, at most $attempts times.
retry() {
	attempt=1
	until "$@"; do
		if [ "$attempt" -ge "$attempts" ]; then
			echo "setup-namespace: gave up after $attempts attempts: $*" >&2
			return 1
		fi
		attempt=$((attempt + 1))
		sleep "$pause"
	done
}

healthy() { temporal operator cluster health >/dev/null; }

# A second look, since somebody else may have made it in between.
ensure_namespace() {
	temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
		temporal operator namespace create --namespace "$namespace" --retention "$retention" ||
		temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1
}

# A new namespace is not known everywhere at once, so this may take a few attempts.
list_attributes() { known=$(temporal operator search-attribute list --namespace "$namespace"); }

# The type that the server knows for an attribute; empty when it knows none.
known_type() { printf '%s\n' "$known" | awk -v name="$1" '$1 == name { print $2 }'; }

create_attribute() { temporal operator search-attribute create --namespace "$namespace" --name "$1" --type "$2" >/dev/null; }

usable() { temporal workflow count --namespace "$namespace" --query "$1" >/dev/null; }

retry healthy
retry ensure_namespace
echo "setup-namespace: namespace $namespace is there"

retry list_attributes
query=
for attribute in $search_attributes; do
	name=${attribute%%:*}
	type=${attribute##*:}
	have=$(known_type "$name")
	case $have in
	"$type") ;;
	'')
		retry create_attribute "$name" "$type"
		echo "setup-namespace: added search attribute $name ($type)"
		;;
	*)
		echo "setup-namespace: search attribute $name is there with type $have instead of $type, and types cannot be changed." >&2
		echo "setup-namespace: start with an empty Temporal database; schedules come back from ours." >&2
		exit 1
		;;
	esac
	query="${query:+$query AND }$name IS NULL"
done

# The server takes a moment until it accepts them in queries and schedules.
retry usable "$query"
echo "setup-namespace: done"
