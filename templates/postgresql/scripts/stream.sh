#!/bin/sh
# Archives the write-ahead log as it is written: receives it from the server, stores each segment once it is
# complete, and what there is of the newest one every LAG seconds. The server keeps what is not yet stored:
# its slot moves only when a segment was read back from the store. Ends when anything does not go on.
set -eu

if test "$*" = alive; then
  test -n "$(find "$SPOOL/beat" -mmin -10)"
  exit 0
fi

# shellcheck source=templates/_shared/scripts/engine.sh
. "$(dirname "$0")/engine.sh"
# shellcheck source=templates/postgresql/scripts/server.sh
. "$SCRIPTS/server.sh"
# shellcheck source=templates/postgresql/scripts/wal.sh
. "$SCRIPTS/wal.sh"

# shellcheck disable=SC2329 # the trap calls it
finish() {
  code=$?
  test ! -e "$SCRATCH/receiver" || kill "$(cat "$SCRATCH/receiver")" 2>"$SCRATCH/killed" || :
  wait || :
  rm -rf "$SCRATCH"
  exit "$code"
}
trap finish EXIT
trap stopped TERM INT

# The last seconds before the pod goes are stored, too.
# shellcheck disable=SC2329 # the trap calls it
stopped() {
  trap - TERM INT
  if test -n "$BEGIN"; then
    archive_complete
    archive_newest
    let_go || :
  fi
  die "stopped from outside"
}

# Sees that the server fits and protects itself, and leaves its identity in SYSTEM and SIZE.
look_at_server() {
  version=$(query --command "show server_version_num") || die "the server does not answer"
  client=$(pg_receivewal --version | sed 's/^[^0-9]*\([0-9]*\).*$/\1/')
  test "$client" -ge "$((version / 10000))" || die "pg_receivewal $client is older than the server"
  test "$(query --command "select pg_is_in_recovery()")" = f ||
    die "$HOST is a standby; the log is archived from the primary"
  test "$(query --command "select setting from pg_settings where name = 'max_slot_wal_keep_size'")" != -1 ||
    die "max_slot_wal_keep_size is not set: without it a slot can fill the disk of the server"
  SYSTEM=$(query --command "select system_identifier from pg_control_system()")
  SIZE=$(query --command "select setting from pg_settings where name = 'wal_segment_size'")
}

slot() {
  query --set "slot=$SLOT" "$@" --file -
}

# Makes the slot unless it is there, and leaves the first segment that it holds back in RESERVED.
hold_back() {
  status=$(slot <<'SQL'
select wal_status from pg_replication_slots where slot_name = :'slot'
SQL
)
  if test "$status" = lost || test -s "$SPOOL/$SYSTEM/anew"; then
    slot <<'SQL'
select from pg_replication_slots, pg_drop_replication_slot(slot_name) where slot_name = :'slot'
SQL
  fi
  slot <<'SQL'
select from (select :'slot' except select slot_name from pg_replication_slots) as missing (name),
  pg_create_physical_replication_slot(name, true)
SQL
  RESERVED=$(slot <<'SQL'
select pg_walfile_name(restart_lsn) from pg_replication_slots where slot_name = :'slot'
SQL
)
  test -n "$RESERVED" || die "the slot $SLOT holds nothing back"
}

# Prints the segment at which the archive goes on behind its last one, $1. A server that was restored is on a
# new timeline, which may have left the old one before that.
next_segment() {
  next=$(segment_behind "$1" 1 "$SIZE")
  current=$((0x$(query --command "select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")))
  old=$((0x$(printf '%.8s' "$1")))
  if test "$current" -eq "$old"; then
    echo "$next"
    return 0
  fi
  query --dbname 'replication=true' --command "TIMELINE_HISTORY $current" >"$SCRATCH/told" || return 1
  sed '1s/^[^|]*|//' "$SCRATCH/told" >"$SCRATCH/lines"
  left=$(sed -n "s,^$old"'[^0-9A-F]\([0-9A-F]*/[0-9A-F]*\)[^0-9A-F].*$,\1,p' "$SCRATCH/lines")
  if test -n "$left" && ! lies_before "$(segment_at "$(printf '%.8s' "$1")" "$left" "$SIZE")" "$next"; then
    echo "$next"
    return 0
  fi
  began=$(sed -n 's,^[0-9]*[^0-9A-F]\([0-9A-F]*/[0-9A-F]*\)[^0-9A-F].*$,\1,p' "$SCRATCH/lines" | tail -n 1)
  segment_at "$(printf '%08X' "$current")" "$began" "$SIZE"
}

# Succeeds if the segment $1 is further back than $2, on whatever timelines.
lies_before() {
  test "$(printf '%s' "$1" | cut -c 9-)" != "$(printf '%s' "$2" | cut -c 9-)" &&
    test "$(printf '%s\n%s\n' "$1" "$2" | cut -c 9- | LC_ALL=C sort | head -n 1)" = "$(printf '%s' "$1" | cut -c 9-)"
}

# Stores the file $1 as $2, and reads it back.
store() {
  gzip -1 <"$1" >"$SCRATCH/packed" || die "$2 was not packed"
  rclone copyto --no-check-dest "$SCRATCH/packed" "archive:$SYSTEM/$(place_of "$2")" || die "$2 was not stored"
  fetch_archived "$SYSTEM" "$2" "$SCRATCH/back" || die "$2 did not come back"
  test "$(sha256sum <"$SCRATCH/back")" = "$(sha256sum <"$1")" || die "$2 is not what was stored"
  rm -f "$SCRATCH/back"
}

# Stores the file $1 as $2 unless the archive has it; what is there is never replaced.
store_once() {
  if grep -qFx "$2" "$SCRATCH/archived"; then
    fetch_archived "$SYSTEM" "$2" "$SCRATCH/back" || die "$2 did not come back"
    test "$(sha256sum <"$SCRATCH/back")" = "$(sha256sum <"$1")" ||
      die "the archive has another $2: two servers claim the same history"
    rm -f "$SCRATCH/back"
    return 0
  fi
  store "$1" "$2"
  echo "$2" >>"$SCRATCH/archived"
}

# Stores what is complete in the spool.
archive_complete() {
  for file in "$SPOOL/$SYSTEM"/*; do
    name=$(basename "$file")
    case $name in
      "$PLACEHOLDER" | *.partial | *.tmp) continue ;;
      ????????.history)
        if ! grep -q "^$(printf '%.8s' "$name")-" "$SCRATCH/archived"; then
          store "$file" "$(printf '%.8s' "$name")-$(date -u +%Y%m%dT%H%M%SZ).history"
          say "the history of timeline $(printf '%.8s' "$name") is stored"
        fi
        ;;
      *[!0-9A-F]*) continue ;;
      ????????????????????????)
        store_once "$file" "$name"
        REACHED=$name
        say "segment $name is stored"
        touch "$SPOOL/beat"
        ;;
      *) continue ;;
    esac
    rm -f "$file"
  done
}

# Lets the server forget what is stored.
let_go() {
  test -n "$REACHED" || return 0
  slot --set "end=$(end_of_segment "$REACHED" "$SIZE")" >"$SCRATCH/advanced" <<'SQL' || return 1
select pg_replication_slot_advance(slot_name, :'end') from pg_replication_slots
  where slot_name = :'slot' and restart_lsn < :'end'
SQL
  REACHED=
}

# Succeeds if nothing that is complete waits in the spool.
nothing_waits() {
  find "$SPOOL/$SYSTEM" -type f ! -name anew ! -name "$PLACEHOLDER" ! -name '*.partial' ! -name '*.tmp' \
    >"$SCRATCH/waiting"
  test ! -s "$SCRATCH/waiting"
}

# Stores what there is of the newest segment, if that has changed.
archive_newest() {
  for file in "$SPOOL/$SYSTEM"/*.partial; do
    test -e "$file" || continue
    cp "$file" "$SCRATCH/newest" 2>"$SCRATCH/said" || continue
    digest=$(sha256sum <"$SCRATCH/newest")
    test "$digest" != "$NEWEST" || continue
    store "$SCRATCH/newest" "$(basename "$file")"
    NEWEST=$digest
  done
}

# Notes that everything which was received up to the moment $1 is in the store.
beat() {
  echo "$1" >"$SPOOL/beat"
  test -n "$METRICS_FILE" || return 0
  printf 'bpc_wal_archived_timestamp_seconds %s\n' "$1" >"$METRICS_FILE.new"
  mv "$METRICS_FILE.new" "$METRICS_FILE"
}

receive() {
  code=0
  # Without these a connection that died in the network would look alive for two hours.
  pg_receivewal --directory "$SPOOL/$SYSTEM" --no-loop --no-password \
    --dbname "keepalives_idle=20 keepalives_interval=10 keepalives_count=3 tcp_user_timeout=60000" \
    2>"$SCRATCH/received" &
  echo "$!" >"$SCRATCH/receiver"
  wait "$!" || code=$?
  cat "$SCRATCH/received" >&2
  echo "$code" >"$SCRATCH/ended"
}

# The log goes on behind what is stored. Where that cannot be, the next container begins anew where the slot
# begins, and if that cannot be either, with a new slot.
ended() {
  say "the stream has ended: pg_receivewal says $(cat "$SCRATCH/ended")"
  if grep -q -e 'has already been removed' -e "is not in this server's history" \
    -e 'is ahead of the WAL flush position' "$SCRATCH/received"; then
    if test -e "$SPOOL/$SYSTEM/anew"; then
      echo 'with a new slot' >"$SPOOL/$SYSTEM/anew"
    else
      : >"$SPOOL/$SYSTEM/anew"
    fi
    say "GAP: the server has nothing that follows $PLACEHOLDER; the archive begins anew. Make a backup now"
  fi
  die "the log is not being archived"
}

BEGIN=
REACHED=
NEWEST=
PLACEHOLDER=
open_store
open_archive || die "the encryption password cannot be used"
connect "$HOST"
look_at_server
mkdir -p "$SPOOL/$SYSTEM"
hold_back
list_archive "$SYSTEM" || die "the archive cannot be listed"
# What an earlier container of this pod has left, but for its placeholder, which holds nothing.
if test -e "$SPOOL/placeholder"; then
  PLACEHOLDER=$(cat "$SPOOL/placeholder")
fi
archive_complete
rm -f "$SPOOL/$SYSTEM"/*.partial "$SPOOL/$SYSTEM"/*.tmp
last=$(sed -n '/^[0-9A-F]\{24\}$/p' "$SCRATCH/archived" | LC_ALL=C sort | tail -n 1)
if test -z "$last" || test -e "$SPOOL/$SYSTEM/anew"; then
  BEGIN=$RESERVED
else
  BEGIN=$(next_segment "$last") || die "the server does not tell its history"
fi
# The receiver goes on behind the newest segment in its directory, and looks only at its name and size.
PLACEHOLDER=$(segment_behind "$BEGIN" -1 "$SIZE")
find "$SPOOL/$SYSTEM" -type f ! -name anew -exec rm -f {} +
echo "$PLACEHOLDER" >"$SPOOL/placeholder"
truncate -s "$SIZE" "$SPOOL/$SYSTEM/$PLACEHOLDER"
say "archiving system $SYSTEM from segment $BEGIN"
receive &
told=0
: >"$SPOOL/beat"
while test ! -e "$SCRATCH/ended"; do
  now=$(date -u +%s)
  archive_complete
  if test -e "$SPOOL/$SYSTEM/anew" && grep -qFx "$BEGIN" "$SCRATCH/archived"; then
    rm -f "$SPOOL/$SYSTEM/anew"
  fi
  if test "$((now - told))" -ge "$LAG"; then
    archive_newest
    if nothing_waits; then
      beat "$now"
      told=$now
    fi
  fi
  let_go || break
  sleep 1
done
# Whatever has ended the stream: what was received may be all that is left.
archive_complete
archive_newest
test -e "$SCRATCH/ended" || die "the slot $SLOT cannot be moved"
ended
