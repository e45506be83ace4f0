#!/usr/bin/env bash
# Builds our own programs into bin/; says so only when it takes a while.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/progress.sh

mkdir -p bin
PROGRESS_AFTER=5 progress "building our own programs" "longer the first time" go build -o bin/ ./cmd/...
