#!/bin/sh
# Takes what comes back of a control plane, for a person, into the directory TARGET.
set -eu

# shellcheck source=templates/etcd/scripts/trailer.sh
. "$SCRIPTS/trailer.sh"

fail() {
  echo "$*" >&2
  exit 1
}

# Revisions of the restored state have to be above all that clients have seen. What 1,500 writes a second add
# in the age of the snapshot, a tenth more, and at least what the documentation of etcd advises.
bump() {
  begun=$(sed -n 's/^  "begun": \([0-9]*\),$/\1/p' "$SCRATCH/record")
  age=$(($(date -u +%s) - begun))
  test "$age" -gt 0 || age=0
  number=$((age * 1650))
  test "$number" -ge 1000000000 || number=1000000000
  echo "$number"
}

guard() {
  case $TARGET in
    /*) ;;
    *) fail "TARGET is not an absolute path: $TARGET" ;;
  esac
  test -e "$TARGET" || return 0
  test -d "$TARGET" || fail "$TARGET is not a directory"
  test -z "$(ls -A "$TARGET")" || fail "$TARGET is not empty: choose another directory"
}

restore() {
  mkdir -p "$TARGET"
  chmod 0700 "$TARGET"
  case $1 in
    snapshot)
      cat >"$TARGET/snapshot.db.part"
      whole_snapshot "$TARGET/snapshot.db.part"
      mv "$TARGET/snapshot.db.part" "$TARGET/snapshot.db"
      ;;
    digests) cat >"$TARGET/DIGESTS" ;;
    bundle)
      tar -x -p -f - -C "$TARGET"
      (cd "$TARGET" && sha256sum -c DIGESTS) >"$SCRATCH/compared" ||
        fail "$(grep -v ': OK$' "$SCRATCH/compared")"
      ;;
    *) fail "there is no part $1" ;;
  esac
}

# Tries the restore with the program of this machine, if it has it.
try_out() {
  if ! command -v "$RESTORER" >"$SCRATCH/which"; then
    echo "NOT TRIED OUT: there is no $RESTORER on this machine" >&2
    return 0
  fi
  "$RESTORER" snapshot restore "$TARGET/snapshot.db" --data-dir "$SCRATCH/trial" >"$SCRATCH/said" 2>&1 ||
    fail "$(cat "$SCRATCH/said")"
  rm -rf "$SCRATCH/trial"
  echo "$RESTORER has restored it to a scratch directory, without complaint" >&2
}

finish() {
  if test -f "$TARGET/snapshot.db"; then
    try_out
    bump >"$TARGET/bump"
    printf 'bpc-%s-%s\n' "$POINT" "$(date -u +%Y%m%dT%H%M%SZ)" >"$TARGET/token"
    (cd "$TARGET" && sha256sum snapshot.db >snapshot.db.sha256)
    echo "$TARGET/snapshot.db: bump the revision by $(cat "$TARGET/bump")" >&2
  else
    echo "$TARGET: $(grep -c . "$TARGET/DIGESTS") files" >&2
  fi
}

case $1 in
  guard | restore | finish) "$@" ;;
  *) fail "only a backup job does $1" ;;
esac
