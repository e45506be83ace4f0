#!/bin/sh
# Brings Temporal's two databases to the schema of this image's server. Run before the server starts; a database that has the
# schema is left as it is, an older one is brought forward.
#
# Environment: POSTGRES_SEEDS (host), DB_PORT, POSTGRES_USER, SQL_PASSWORD (read by the tool itself), DBNAME,
# VISIBILITY_DBNAME; ATTEMPTS and PAUSE (seconds) say how patiently to wait for Postgres.
set -eu

: "${POSTGRES_SEEDS:?}" "${POSTGRES_USER:?}" "${SQL_PASSWORD:?}"
export SQL_PASSWORD
attempts=${ATTEMPTS:-30}
pause=${PAUSE:-2}

tool() {
	database=$1
	shift
	temporal-sql-tool --plugin postgres12_pgx --endpoint "$POSTGRES_SEEDS" --port "${DB_PORT:-5432}" \
		--user "$POSTGRES_USER" --database "$database" "$@"
}

# retry COMMAND...: until it succeeds, at most $attempts times.
retry() {
	attempt=1
	until "$@"; do
		if [ "$attempt" -ge "$attempts" ]; then
			echo "setup-schema: gave up after $attempts attempts: $*" >&2
			return 1
		fi
		attempt=$((attempt + 1))
		sleep "$pause"
	done
}

# migrate DATABASE SCHEMA
migrate() {
	echo "setup-schema: $1"
	# Makes the tables that hold the version. A database that is further than 0.0 keeps its version.
	retry tool "$1" setup-schema --version 0.0
	# From here on the database answers: what fails now fails for a reason that waiting does not mend.
	tool "$1" update-schema --schema-name "$2"
}

migrate "${DBNAME:-temporal}" postgresql/v12/temporal
migrate "${VISIBILITY_DBNAME:-temporal_visibility}" postgresql/v12/visibility
echo "setup-schema: done"
