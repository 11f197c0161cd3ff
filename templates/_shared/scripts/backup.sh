#!/bin/sh
# Makes one point: reads each part of the data into the store, reads it back from there, checks it with the
# data's own tools, and only then writes the record that makes it a point.
set -eu

# shellcheck source=templates/_shared/scripts/engine.sh
. "$(dirname "$0")/engine.sh"

trap 'code=$?; rm -rf "$SCRATCH"; exit $code' EXIT
trap 'die "stopped from outside"' TERM INT

POINT=$(date -u +%Y%m%dT%H%M%SZ)-$(od -An -N3 -tx1 /dev/urandom | tr -d ' \n')
BEGUN=$(date -u +%s)
export POINT

open_store
method check >"$SCRATCH/tools" || die "the data cannot be backed up now"
test "$ENGINE" != restic || open_repository
method parts >"$SCRATCH/names" || die "it cannot be found out what there is to back up"
test -s "$SCRATCH/names" || die "there is nothing to back up"
: >"$SCRATCH/lines"
total=0
while read -r part <&4; do
  case $part in
    *[!a-z0-9-]* | '') die "a part has no usable name" ;;
  esac
  put "$part"
  read -r digest _ <"$SCRATCH/digest"
  read -r bytes _ <"$SCRATCH/bytes"
  test "$bytes" -gt 0 || die "part $part is empty"
  read_back "$POINT" "$part" "$bytes" "$digest" method verify "$part" ||
    die "part $part did not stand the check"
  printf '%s %s %s\n' "$part" "$bytes" "$digest" >>"$SCRATCH/lines"
  total=$((total + bytes))
  say "part $part: $bytes bytes, sha256 $digest"
done 4<"$SCRATCH/names"

{
  printf '{\n  "schema": "bpc.point/v1",\n'
  printf '  "point": "%s",\n  "verdict": "verified",\n' "$POINT"
  printf '  "cluster": "%s",\n  "policy": "%s",\n  "dataset": "%s",\n' "$CLUSTER" "$POLICY" "$DATASET"
  printf '  "location": "%s",\n  "engine": "%s",\n  "method": "%s",\n' "$LOCATION" "$ENGINE" "$METHOD"
  printf '  "begun": %s,\n  "ended": %s,\n' "$BEGUN" "$(date -u +%s)"
  printf '  "bytes": %s,\n  "tools": [' "$total"
  comma=
  while read -r tool; do
    printf '%s"%s"' "$comma" "$(printf '%s' "$tool" | tr -cd 'A-Za-z0-9._ +-')"
    comma=', '
  done <"$SCRATCH/tools"
  printf '],\n  "parts": [\n'
  comma=
  while read -r part bytes digest; do
    printf '%s    {"part": "%s", "bytes": %s, "sha256": "%s"}' "$comma" "$part" "$bytes" "$digest"
    comma=',
'
  done <"$SCRATCH/lines"
  printf '\n  ]\n}\n'
} >"$SCRATCH/record"
publish_record "$POINT"

if test -n "$METRICS_FILE"; then
  ended=$(date -u +%s)
  {
    printf 'bpc_point_begun_timestamp_seconds %s\n' "$BEGUN"
    printf 'bpc_point_ended_timestamp_seconds %s\n' "$ended"
    printf 'bpc_point_duration_seconds %s\n' "$((ended - BEGUN))"
    printf 'bpc_point_bytes %s\n' "$total"
  } >"$METRICS_FILE"
fi
say "point $POINT: $total bytes, verified"
