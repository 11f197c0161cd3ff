#!/bin/sh
# Brings a point of the control plane to this machine: `fetch.sh snapshot LOCATION` its state, `fetch.sh bundle
# LOCATION` the files that belong to it. Needs rclone and restic, and in the environment:
# - KEYS, a directory with a directory for each Secret, which has a file for each of its keys;
# - TARGET, the directory to write to, which must be empty or not there;
# - WANTED, as for restore.sh: empty, `list`, the id of a point, or a moment.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
settings=$here/$1--$2.env
if test ! -f "$settings"; then
  echo "there is no $1 at $2; there are:" >&2
  for file in "$here"/*.env; do
    basename "$file" .env | sed 's/--/ /' >&2
  done
  exit 1
fi
test -d "$KEYS" || { echo "KEYS names no directory: $KEYS" >&2; exit 1; }
test -n "$TARGET" || { echo "TARGET is empty" >&2; exit 1; }
umask 077
set -a
# shellcheck source=/dev/null
. "$settings"
set +a
exec /bin/sh "$here/restore.sh"
