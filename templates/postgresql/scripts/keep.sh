#!/bin/sh
# Looks after the archive of the write-ahead log, started by the maintenance with the share that it reads: removes
# what no kept point needs, looks for gaps in what is left, and reads that share of it.
set -eu

# shellcheck source=templates/postgresql/scripts/wal.sh
. "$SCRIPTS/wal.sh"

fail() {
  echo "$*" >&2
  exit 1
}

# Removes the files of system $1 whose names are in the file `useless`.
remove_useless() {
  test -s "$SCRATCH/useless" || return 0
  while read -r name; do
    place_of "$name"
    echo
  done <"$SCRATCH/useless" >"$SCRATCH/places"
  rclone delete --files-from-raw "$SCRATCH/places" "archive:$1" || fail "log that nobody needs was not removed"
  echo "$(grep -c . "$SCRATCH/useless") files of log are removed" >&2
}

# Prints those archived files that lie before segment $1, and newest parts of segments that are complete now.
useless() {
  LC_ALL=C awk -v begin="$1" '
    { there[$1] = 1 }
    END {
      for (name in there) {
        if (name ~ /\.history$/) continue
        if (substr(name, 9, 16) < substr(begin, 9) || (name ~ /\.partial$/ && substr(name, 1, 24) in there)) print name
      }
    }
  ' "$SCRATCH/archived"
}

# Reads share $2 of what is archived of system $1; a segment has $3 bytes.
read_share() {
  while read -r name <&5; do
    number=$(printf '%s' "$name" | cksum | cut -d ' ' -f 1)
    test "$((number % SHARES + 1))" -eq "$2" || continue
    fetch_archived "$1" "$name" "$SCRATCH/segment" || fail "the archived $name is damaged"
    test "$(wc -c <"$SCRATCH/segment")" -eq "$3" || fail "the archived $name is not whole"
    rm -f "$SCRATCH/segment"
  done 5<"$SCRATCH/kept-log"
}

open_archive || fail "the encryption password cannot be used"
: >"$SCRATCH/begins"
cp "$SCRATCH/kept" "$SCRATCH/begun"
if test -n "$WAL_KEEP"; then
  # The newest of those that are too old is where the window begins.
  LADDER="window=$WAL_KEEP" FLOOR=1 /bin/sh "$SCRIPTS/maintain.sh" expired <"$SCRATCH/kept" >"$SCRATCH/outside"
  LC_ALL=C sort "$SCRATCH/outside" | sed '$d' >"$SCRATCH/before"
  LC_ALL=C comm -23 "$SCRATCH/kept" "$SCRATCH/before" >"$SCRATCH/begun"
fi
while read -r point; do
  rclone cat "$STORE/records/$point.json" >"$SCRATCH/record" || fail "the record of point $point cannot be read"
  sed -n 's/^.*"wal \([0-9]*\) \([0-9A-F]\{24\}\) \([0-9]*\)".*$/\1 \2 \3/p' "$SCRATCH/record" >>"$SCRATCH/begins"
done <"$SCRATCH/begun"
code=0
rclone lsf --dirs-only archive: >"$SCRATCH/systems" 2>"$SCRATCH/said" || code=$?
if test "$code" -ne 0 && test "$code" -ne 3; then
  cat "$SCRATCH/said" >&2
  fail "the archive cannot be listed"
fi
gaps=
while read -r folder <&3; do
  system=$(printf '%s' "$folder" | tr -d /)
  # After a restore the numbers of the segments begin again further back, so the least one counts.
  sed -n "s/^$system .\{8\}\(.\{16\}\) /\1 &/p" "$SCRATCH/begins" | LC_ALL=C sort | head -n 1 |
    cut -d ' ' -f 2- >"$SCRATCH/begin"
  if ! read -r _ begin size <"$SCRATCH/begin"; then
    # Log without a copy that it could follow; only a new server may get one.
    rclone delete --min-age "$GRACE"s "archive:$system" || fail "log that nobody needs was not removed"
    continue
  fi
  list_archive "$system" || fail "the archive cannot be listed"
  useless "$begin" >"$SCRATCH/useless"
  remove_useless "$system"
  list_archive "$system" || fail "the archive cannot be listed"
  newest=$(sed -n 's/^\([0-9A-F]\{8\}\)-.*\.history$/\1/p' "$SCRATCH/archived" | LC_ALL=C sort | tail -n 1)
  : >"$SCRATCH/history"
  timeline=$((0x$(printf '%.8s' "$begin")))
  if test -n "$newest" && test "$((0x$newest))" -gt "$timeline"; then
    name=$(grep "^$newest-" "$SCRATCH/archived" | tail -n 1)
    fetch_archived "$system" "$name" "$SCRATCH/history" || fail "the archived $name is damaged"
    timeline=$((0x$newest))
  fi
  missing=$(follow "$begin" "$size" "$timeline")
  test -z "$missing" || gaps="$gaps $missing"
  grep -v '\.history$' "$SCRATCH/archived" >"$SCRATCH/kept-log" || :
  read_share "$system" "$1" "$size"
done 3<"$SCRATCH/systems"
test -z "$gaps" ||
  fail "GAP: the archive lacks$gaps, and has what follows: older points do not reach the moments after that"
