#!/bin/sh
# Writes part $1 of the point POINT, as it is in the store, to standard output.
set -eu

# shellcheck source=templates/_shared/scripts/engine.sh
. "$(dirname "$0")/engine.sh"

trap 'code=$?; rm -rf "$SCRATCH"; exit $code' EXIT

open_store
get "$POINT" "$1"
