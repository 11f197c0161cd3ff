#!/bin/sh
# Brings one point back: WANTED is empty for the newest, `list` to show what there is, the id of a point, or
# a moment such as 2026-11-24T10:00:00Z for the newest point that is not younger. Before live data is
# overwritten, which only CONFIRM allows, the whole point is read and checked.
set -eu

# shellcheck source=templates/_shared/scripts/engine.sh
. "$(dirname "$0")/engine.sh"

# Nobody has to say any of these.
WANTED=$(printenv WANTED || :)
CONFIRM=$(printenv CONFIRM || :)
TARGET=$(printenv TARGET || :)
# Set where a point can be taken forward to any later moment.
FORWARD=$(printenv FORWARD || :)
export TARGET

trap 'code=$?; rm -rf "$SCRATCH"; exit $code' EXIT
trap 'die "stopped from outside"' TERM INT

# Succeeds if the moment $1 is not younger than $2; both like 20261124T100000Z.
not_younger() {
  test "$(printf '%s\n%s\n' "$1" "$2" | LC_ALL=C sort | head -n 1)" = "$1"
}

# Prints the id of the newest point that is not younger than the moment $1. One that is to be taken forward to
# that moment has to be complete by then.
choose() {
  chosen=
  moment=$(printf '%s' "$1" | tr -d ':-')
  LC_ALL=C sort -r "$SCRATCH/points" >"$SCRATCH/newest"
  while read -r each <&4; do
    not_younger "$(printf '%.16s' "$each")" "$moment" || continue
    if test -n "$FORWARD"; then
      read_record "$each"
      ended=$(sed -n 's/^  "ended": \([0-9]*\),$/\1/p' "$SCRATCH/record")
      not_younger "$(date -u -d "@$ended" +%Y%m%dT%H%M%SZ)" "$moment" || continue
    fi
    chosen=$each
    break
  done 4<"$SCRATCH/newest"
  printf '%s' "$chosen"
}

open_store
list_points
test -s "$SCRATCH/points" || die "there is no point of $POLICY/$DATASET at $LOCATION"
case $WANTED in
  list)
    cat "$SCRATCH/points"
    exit 0
    ;;
  '') POINT=$(tail -n 1 "$SCRATCH/points") ;;
  [0-9]*T*Z-*) POINT=$(grep -Fx "$WANTED" "$SCRATCH/points") || die "there is no point $WANTED" ;;
  [0-9][0-9][0-9][0-9]-*T*Z) POINT=$(choose "$WANTED") ;;
  *) die "WANTED is neither the id of a point nor a moment such as 2026-11-24T10:00:00Z" ;;
esac
test -n "$POINT" || die "no point is as old as $WANTED"
export POINT
say "restoring point $POINT from $LOCATION"
read_record "$POINT"
cp "$SCRATCH/parts" "$SCRATCH/wanted"

occupied=0
method guard || occupied=$?
case $occupied in
  0) ;;
  3)
    test "$CONFIRM" = "overwrite $POLICY/$DATASET" ||
      die "the target holds data; to overwrite it, set confirm to: overwrite $POLICY/$DATASET"
    say "checking the whole point before anything is overwritten"
    while read -r part bytes digest <&4; do
      read_back "$POINT" "$part" "$bytes" "$digest" method verify "$part" ||
        die "point $POINT is damaged; the target was not touched"
    done 4<"$SCRATCH/wanted"
    method clear || die "the target could not be cleared"
    ;;
  *) die "the target cannot be restored to" ;;
esac

while read -r part bytes digest <&4; do
  read_back "$POINT" "$part" "$bytes" "$digest" method restore "$part" ||
    die "part $part did not come back: the target is incomplete"
  say "part $part is back: $bytes bytes"
done 4<"$SCRATCH/wanted"
method finish || die "what came back did not stand the check"
say "point $POINT is restored"
