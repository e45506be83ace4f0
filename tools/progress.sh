# Sourced by the scripts beside it: runs a long command quietly and says every 15 seconds that it is still running.
#
# progress TEXT HINT COMMAND...
#   prints "TEXT … 30 s (HINT)" while COMMAND runs and "TEXT: done in 42 s" at the end; what COMMAND prints is shown
#   only when it fails. With PROGRESS_AFTER=SECONDS nothing is said before that time has passed.

progress_child=

progress() {
	local text=$1 hint=$2 log start=$SECONDS status=0 next=${PROGRESS_AFTER:-0} said=
	shift 2
	log=$(mktemp "${TMPDIR:-/tmp}/fossawork-setup.XXXXXX")
	"$@" >"$log" 2>&1 </dev/null &
	progress_child=$!
	while kill -0 "$progress_child" 2>/dev/null; do
		if [ $((SECONDS - start)) -ge "$next" ]; then
			echo "$text … ${said:+$((SECONDS - start)) s }($hint)"
			said=yes
			next=$((SECONDS - start + 15))
		fi
		sleep 0.2
	done
	wait "$progress_child" || status=$?
	progress_child=
	if [ "$status" -ne 0 ]; then
		cat "$log" >&2
		echo "$text: failed after $((SECONDS - start)) s, see above" >&2
	elif [ -n "$said" ]; then
		echo "$text: done in $((SECONDS - start)) s"
	fi
	rm -f "$log"
	return "$status"
}

# Whoever interrupts the script means the command as well.
trap '[ -z "$progress_child" ] || kill "$progress_child" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
