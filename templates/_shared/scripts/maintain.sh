#!/bin/sh
# Looks after one store of one dataset: removes what the ladder no longer keeps, removes what is left of
# runs that failed, and reads one share of what is kept, another one each time.
set -eu

# shellcheck source=templates/_shared/scripts/engine.sh
. "$(dirname "$0")/engine.sh"

trap 'code=$?; rm -rf "$SCRATCH"; exit $code' EXIT
trap 'die "stopped from outside"' TERM INT

# Reads the ids of points, oldest first, and prints those that no rung of LADDER keeps. Ages are counted from
# the newest point, so that nothing is removed when backups have stopped; the FLOOR newest always stay. Of a
# coarser rung the newest point of each hour, day, week (from Monday), month or year in UTC stays.
expired() {
  LC_ALL=C awk -v ladder="$LADDER" -v floor="$FLOOR" '
    function days(y, m, d) {
      if (m <= 2) { y -= 1; m += 12 }
      return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
    }
    {
      id[NR] = $1
      day[NR] = days(substr($1, 1, 4) + 0, substr($1, 5, 2) + 0, substr($1, 7, 2) + 0)
      at[NR] = day[NR] * 86400 + substr($1, 10, 2) * 3600 + substr($1, 12, 2) * 60 + substr($1, 14, 2)
    }
    function period(rung, n) {
      if (rung == "hourly") return substr(id[n], 1, 11)
      if (rung == "daily") return substr(id[n], 1, 8)
      if (rung == "weekly") return int((day[n] + 3) / 7)
      if (rung == "monthly") return substr(id[n], 1, 6)
      return substr(id[n], 1, 4)
    }
    END {
      rungs = split(ladder, entry, " ")
      for (n = NR; n >= 1; n--) {
        keep = (NR - n < floor)
        for (r = 1; r <= rungs; r++) {
          split(entry[r], half, "=")
          if (at[NR] - at[n] > half[2] + 0) continue
          if (r == 1) { keep = 1; continue }
          key = half[1] " " period(half[1], n)
          if (!(key in seen)) { seen[key] = 1; keep = 1 }
        }
        if (!keep) print id[n]
      }
    }
  '
}

# Prints the ids in the store that have no record and are so much older than the newest point that no run
# can still be working on them.
abandoned() {
  newest=$(tail -n 1 "$SCRATCH/points")
  test -n "$newest" || return 0
  LC_ALL=C sort -u | LC_ALL=C comm -23 - "$SCRATCH/points" >"$SCRATCH/strays"
  { cat "$SCRATCH/strays" && printf '%s\n' "$newest"; } | LADDER="grace=$GRACE" FLOOR=1 expired
}

remove() {
  case $ENGINE in
    restic)
      repository forget --tag "point=$1" --unsafe-allow-remove-all ||
        die "point $1 was not forgotten"
      ;;
    object) rclone purge "$STORE/objects/$1" || die "the objects of point $1 were not removed" ;;
    *) die "there is no engine $ENGINE" ;;
  esac
}

stored() {
  case $ENGINE in
    restic)
      repository snapshots --json >"$SCRATCH/snapshots" || die "the snapshots cannot be listed"
      grep -o '"point=[0-9TZ]*-[0-9a-f]*"' "$SCRATCH/snapshots" | cut -d = -f 2 | tr -d '"' || :
      ;;
    object)
      listed objects --dirs-only >"$SCRATCH/folders" || die "the objects cannot be listed"
      tr -d / <"$SCRATCH/folders"
      ;;
    *) die "there is no engine $ENGINE" ;;
  esac
}

discard() {
  cat >/dev/null
}

# Reads share $1 of SHARES of what is kept, every byte of it.
check_share() {
  if test "$ENGINE" = restic; then
    repository check --read-data-subset "$1/$SHARES" || die "the repository is damaged: see above"
    return 0
  fi
  while read -r each <&5; do
    number=$(printf '%s' "$each" | cksum | cut -d ' ' -f 1)
    test "$((number % SHARES + 1))" -eq "$1" || continue
    read_record "$each"
    cp "$SCRATCH/parts" "$SCRATCH/wanted"
    while read -r part bytes digest <&4; do
      read_back "$each" "$part" "$bytes" "$digest" discard || die "point $each is damaged"
    done 4<"$SCRATCH/wanted"
  done 5<"$SCRATCH/kept"
}

if test $# -gt 0; then
  "$@"
  exit 0
fi

open_store
list_points
if test ! -s "$SCRATCH/points"; then
  die "there is no point of $POLICY/$DATASET at $LOCATION: nothing is protected"
fi
if test "$ENGINE" = restic; then
  code=0
  repository cat config >"$SCRATCH/config" || code=$?
  test "$code" -eq 0 || die "the repository cannot be opened: restic says $code"
fi

expired <"$SCRATCH/points" >"$SCRATCH/old"
stored >"$SCRATCH/stored"
abandoned <"$SCRATCH/stored" >"$SCRATCH/failed"
# The record goes first: what is half removed must not look like a point.
while read -r each <&4; do
  rclone deletefile "$STORE/records/$each.json" || die "the record of point $each was not removed"
done 4<"$SCRATCH/old"
while read -r each <&4; do
  ! grep -qFx "$each" "$SCRATCH/stored" || remove "$each"
  say "point $each is removed"
done 4<"$SCRATCH/old"
while read -r each <&4; do
  remove "$each"
  say "what is left of the failed run $each is removed"
done 4<"$SCRATCH/failed"
if test "$ENGINE" = restic; then
  repository prune || die "what is no longer needed was not removed"
fi

list_points
cp "$SCRATCH/points" "$SCRATCH/kept"
# The count of checks that succeeded, kept beside the data, says which share is next: a run that fails is
# made up for, so that SHARES successful runs in a row have read everything.
listed checks --files-only >"$SCRATCH/checks" || die "earlier checks cannot be listed"
last=$(sed -n 's/^\([0-9]\{8\}\)\.json$/\1/p' "$SCRATCH/checks" | LC_ALL=C sort | tail -n 1 | sed 's/^0*//')
test -n "$last" || last=0
share=$((last % SHARES + 1))
check_share "$share"
# Some kinds of data have more beside their points.
test ! -e "$SCRIPTS/keep.sh" || /bin/sh "$SCRIPTS/keep.sh" "$share" || die "what lies beside the points: see above"
printf '{"schema": "bpc.check/v1", "share": %s, "of": %s, "ended": %s, "points": %s}\n' "$share" "$SHARES" \
  "$(date -u +%s)" "$(grep -c . "$SCRATCH/kept")" >"$SCRATCH/check"
rclone rcat "$STORE/checks/$(printf '%08d' "$((last + 1))").json" <"$SCRATCH/check" ||
  die "the result of the check was not stored"
say "$(grep -c . "$SCRATCH/kept") points kept, $(grep -c . "$SCRATCH/old" || :) removed, share $share of $SHARES read"
