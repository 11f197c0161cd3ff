#!/bin/sh
# Reads part $1 of the data, writes it to standard output, and leaves its length and digest in files.
set -eu

rm -f "$SCRATCH/sum" "$SCRATCH/count" "$SCRATCH/whole"
mkfifo "$SCRATCH/sum" "$SCRATCH/count"
sha256sum <"$SCRATCH/sum" >"$SCRATCH/digest" &
summing=$!
wc -c <"$SCRATCH/count" >"$SCRATCH/bytes" &
counting=$!
if { /bin/sh "$SCRIPTS/method.sh" capture "$1" && : >"$SCRATCH/whole"; } |
  tee "$SCRATCH/sum" "$SCRATCH/count" && test -e "$SCRATCH/whole"; then
  wait "$summing"
  wait "$counting"
  exit 0
fi
kill "$summing" "$counting" 2>"$SCRATCH/killed" || :
echo "part $1 was not read to its end" >&2
exit 1
