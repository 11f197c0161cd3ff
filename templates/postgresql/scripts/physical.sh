#!/bin/sh
# PostgreSQL by pg_basebackup: the whole server as one tar with the log that makes it consistent, and its
# manifest as the last file. A restore lets a server of its own recover it, from the archive if there is one,
# so that what it leaves behind is whole, checked, and on a timeline of its own.
set -eu

# shellcheck source=templates/postgresql/scripts/server.sh
. "$SCRIPTS/server.sh"
# shellcheck source=templates/postgresql/scripts/wal.sh
. "$SCRIPTS/wal.sh"

major() {
  "$1" --version | sed 's/^[^0-9]*\([0-9]*\).*$/\1/'
}

check() {
  connect "$HOST"
  pg_basebackup --version
  server=$(query --command "show server_version_num")
  echo "server $(query --command "show server_version")"
  for tool in pg_basebackup pg_verifybackup pg_waldump; do
    test "$(major "$tool")" -eq "$((server / 10000))" ||
      fail "$tool is of release $(major "$tool") and the server of $((server / 10000)): they must be the same"
  done
  test "$(query --command "select rolreplication or rolsuper from pg_roles where rolname = current_user")" = t ||
    fail "the account $PGUSER may not replicate"
  test "$(query --command "select count(*) from pg_tablespace where spcname not in ('pg_default', 'pg_global')")" \
    -eq 0 || fail "the server has tablespaces of its own, which cannot be part of a stream; use the method dump"
  test -n "$SLOTS" || return 0
  slot=$(printf '%s\n' "$SLOTS" | sed -n "s/^$LOCATION //p")
  test "$(query --command "select pg_is_in_recovery()")" = f ||
    fail "$HOST is a standby; the log is archived from the primary, and so is its beginning read from it"
  query --command "select 'wal ' || system_identifier || ' ' || pg_walfile_name(pg_current_wal_lsn()) || ' ' ||
    (select setting from pg_settings where name = 'wal_segment_size') from pg_control_system()"
  test -n "$(query --set "slot=$slot" --file - <<'SQL'
select slot_name from pg_replication_slots where slot_name = :'slot' and wal_status <> 'lost'
SQL
)" || echo "the log is not being archived: only the moment of this copy can be restored" >&2
}

parts() {
  echo base
}

capture() {
  connect "$HOST"
  # restic stores equal parts once, which compression would hide from it, and compresses by itself.
  set -- --format tar --wal-method fetch --checkpoint fast --label "$POINT" --no-password --pgdata -
  test "$ENGINE" = restic || set -- "$@" --compress 1
  exec pg_basebackup "$@"
}

# Unpacks standard input, which is read to its end, into the directory $1.
unpack() {
  if test "$ENGINE" = restic; then
    tar -x -f - -C "$1"
  else
    tar -x -z -f - -C "$1"
  fi
  cat >/dev/null
}

verify() {
  rm -rf "$SCRATCH/trial"
  mkdir -m 0700 "$SCRATCH/trial"
  unpack "$SCRATCH/trial"
  test -s "$SCRATCH/trial/backup_manifest" || fail "the copy has no manifest"
  pg_verifybackup --quiet "$SCRATCH/trial"
  rm -rf "$SCRATCH/trial"
}

guard() {
  claim=/data
  test -d "$claim" || fail "the claim is not mounted"
  other=$(find "$claim" -maxdepth 3 -name PG_VERSION ! -path "$DATA/*" ! -path '*/base/*' -print | head -n 1)
  if test -n "$other" && test ! -e "$DATA/PG_VERSION"; then
    fail "the claim holds a server in another directory: $other"
  fi
  if test -e "$DATA"; then
    test "$(stat -c %u "$DATA")" -eq "$(id -u)" ||
      fail "$DATA belongs to another user, and no server would start there"
  else
    mkdir -p "$DATA" || fail "$DATA cannot be made"
  fi
  chmod 0700 "$DATA"
  if test -e "$DATA/postmaster.pid"; then
    # A server that refuses to talk is one that runs.
    connect "$HOST"
    PGSSLMODE=disable
    code=0
    pg_isready --quiet --timeout 10 || code=$?
    test "$code" -eq 2 || fail "the server $HOST runs, and its data directory is in use: stop it first"
    echo "the server was not shut down; see that no pod uses the claim any more" >&2
  fi
  plan_recovery
  test -n "$(find "$DATA" -mindepth 1 -maxdepth 1 ! -name lost+found -print | head -n 1)" || return 0
  exit 3
}

# A server looks once a minute whether its lock file is still there, and stops at once if it is not. So one
# that runs unseen is fenced off by taking that file away.
clear() {
  if test -e "$DATA/postmaster.pid"; then
    rm -f "$DATA/postmaster.pid"
    echo "waiting until a server that still runs has seen that its lock is gone" >&2
    sleep "$FENCE"
    test ! -e "$DATA/postmaster.pid" || fail "a server uses the data directory"
  fi
  find "$DATA" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
}

restore() {
  unpack "$DATA"
}

# Decides how far the point is taken forward, and fails if the archive does not reach that far. Leaves what the
# server needs to know in files: `system`, `goal` (options, a line for each) and `archived`.
plan_recovery() {
  wanted=$(printenv WANTED || :)
  : >"$SCRATCH/archived"
  : >"$SCRATCH/system"
  echo 'recovery_target=immediate' >"$SCRATCH/goal"
  test -n "$SLOTS" || return 0
  open_archive || fail "the encryption password cannot be used"
  sed -n 's/^.*"wal \([0-9]*\) \([0-9A-F]\{24\}\) \([0-9]*\)".*$/\1 \2 \3/p' "$SCRATCH/record" >"$SCRATCH/begin"
  read -r system begin size <"$SCRATCH/begin" || fail "the point does not say where its log begins"
  echo "$system" >"$SCRATCH/system"
  list_archive "$system" || fail "the archive cannot be listed"
  case $wanted in
    [0-9]*T*Z-*) return 0 ;;
  esac
  moment=
  test -z "$wanted" || moment=$(printf '%s' "$wanted" | tr T ' ' | tr -d Z)
  choose_timeline "$(printf '%s' "$wanted" | tr -d ':-')" "$(printf '%.8s' "$begin")"
  missing=$(follow "$begin" "$size" "$timeline")
  if test -n "$moment"; then
    reach "$moment" "$missing"
    printf '%s\n' "recovery_target_time=$moment+00" "recovery_target_timeline=$timeline" >"$SCRATCH/goal"
    return 0
  fi
  test -z "$missing" || fail "GAP: $missing is not in the archive, and later ones are. $(until_when)"
  if test ! -s "$SCRATCH/row"; then
    echo "the archive has nothing that follows the point; it is restored as it is" >&2
    return 0
  fi
  echo "recovery_target_timeline=$timeline" >"$SCRATCH/goal"
}

# Leaves the number of the timeline that was in force at the moment $1, or is now, in `timeline` and its history
# in the file `history`. It has to descend from the timeline $2.
choose_timeline() {
  timeline=$((0x$2))
  : >"$SCRATCH/history"
  sed -n '/^[0-9A-F]\{8\}-.*\.history$/p' "$SCRATCH/archived" | LC_ALL=C sort -r >"$SCRATCH/histories"
  while read -r name; do
    since=$(printf '%s' "$name" | cut -c 10-25)
    if test -n "$1" && test "$(printf '%s\n%s\n' "$since" "$1" | LC_ALL=C sort | head -n 1)" != "$since"; then
      continue
    fi
    test "$((0x$(printf '%.8s' "$name")))" -gt "$timeline" || continue
    fetch_archived "$system" "$name" "$SCRATCH/candidate" || fail "$name cannot be read"
    if grep -q "^$timeline"'[^0-9]' "$SCRATCH/candidate"; then
      mv "$SCRATCH/candidate" "$SCRATCH/history"
      timeline=$((0x$(printf '%.8s' "$name")))
      return 0
    fi
  done <"$SCRATCH/histories"
}

# Prints the moment of the last transaction in the archived file $1, if there is one.
last_commit() {
  name=$(printf '%.24s' "$1")
  fetch_archived "$system" "$1" "$SCRATCH/$name" || fail "$1 cannot be read"
  # It complains where the segment ends in the middle of a record, which it always does.
  TZ=UTC pg_waldump --rmgr Transaction "$SCRATCH/$name" 2>"$SCRATCH/complaints" |
    sed -n 's/^.*desc: \(COMMIT\|ABORT\)[A-Z_ ]* \([0-9-]* [0-9:.]*\) UTC.*$/\2/p' | tail -n 1
  rm -f "$SCRATCH/$name"
}

# Prints up to when the row of files reaches.
until_when() {
  sort -r "$SCRATCH/row" >"$SCRATCH/backwards"
  while read -r each; do
    found=$(last_commit "$each")
    test -z "$found" || break
  done <"$SCRATCH/backwards"
  if test -n "$found"; then
    echo "The last transaction before that is of $found UTC"
  else
    echo "There is no transaction before that"
  fi
}

# Fails unless the row reaches the moment $1; $2 is the first file that is missing in it.
reach() {
  test -s "$SCRATCH/row" || fail "the archive has nothing that follows the point"
  before=$(until_when)
  found=$(printf '%s' "$before" | sed -n 's/^.* is of \(.*\) UTC$/\1/p')
  if test -n "$found" && test "$(printf '%s\n%s\n' "$1" "$found" | LC_ALL=C sort | head -n 1)" = "$1"; then
    return 0
  fi
  test -z "$2" || fail "GAP: $2 is not in the archive, and later ones are. $before"
  fail "the archive ends before $1. $before; leave the point empty for all that there is"
}

# The server's restore_command: fetches $1 to the path $2. What is not archived ends the recovery; what is and
# cannot be read stops the server, which takes codes above 125 for that.
fetch() {
  read -r system <"$SCRATCH/system" || exit 1
  case $1 in
    *.history) name=$(sed -n "/^$(printf '%.8s' "$1")-.*\.history\$/p" "$SCRATCH/archived" | tail -n 1) ;;
    *) name=$(sed -n "/^$1\$/p; /^$1\.partial\$/p" "$SCRATCH/archived" | head -n 1) ;;
  esac
  test -n "$name" || exit 1
  fetch_archived "$system" "$name" "$2" || exit 200
}

# The options of a server that nobody reaches, whatever settings came back with the data.
options() {
  cat <<OPTIONS
config_file=$SCRATCH/postgresql.conf
hba_file=$SCRATCH/pg_hba.conf
ident_file=$SCRATCH/pg_ident.conf
unix_socket_directories=$SCRATCH
unix_socket_group=
listen_addresses=
port=5432
ssl=off
shared_preload_libraries=
session_preload_libraries=
local_preload_libraries=
shared_buffers=128MB
huge_pages=off
dynamic_shared_memory_type=mmap
max_connections=20
max_prepared_transactions=$(LC_ALL=C pg_controldata "$DATA" | sed -n 's/^max_prepared_xacts setting: *//p')
autovacuum=off
archive_mode=off
synchronous_standby_names=
primary_conninfo=
primary_slot_name=
logging_collector=off
log_destination=stderr
log_timezone=UTC
timezone=UTC
lc_messages=C
hot_standby=off
archive_cleanup_command=
recovery_end_command=
recovery_target=
recovery_target_name=
recovery_target_xid=
recovery_target_lsn=
recovery_target_time=
recovery_target_inclusive=on
recovery_target_action=promote
recovery_target_timeline=latest
restore_command=/bin/sh $SCRIPTS/method.sh fetch %f %p
OPTIONS
  cat "$SCRATCH/goal"
}

stop_server() {
  pg_ctl stop --pgdata "$DATA" --mode fast --timeout 3600 >"$SCRATCH/stopping" 2>&1 ||
    fail "the server that recovered the data did not stop"
}

finish() {
  test -z "$SLOTS" || open_archive || fail "the encryption password cannot be used"
  rm -f "$DATA/standby.signal" "$SCRATCH/ended"
  : >"$DATA/recovery.signal"
  : >"$SCRATCH/postgresql.conf"
  : >"$SCRATCH/pg_ident.conf"
  # Only this pod sees the directory of the socket.
  echo 'local all all trust' >"$SCRATCH/pg_hba.conf"
  options >"$SCRATCH/options"
  set -- postgres -D "$DATA"
  while read -r option; do
    set -- "$@" -c "$option"
  done <"$SCRATCH/options"
  {
    code=0
    "$@" || code=$?
    echo "$code" >"$SCRATCH/ended"
  } >"$SCRATCH/server" 2>&1 &
  connect "$SCRATCH"
  PGPORT=5432
  PGSSLMODE=disable
  until pg_isready --quiet; do
    if test -e "$SCRATCH/ended"; then
      tail -n 30 "$SCRATCH/server" >&2
      fail "the data could not be recovered: the server says $(cat "$SCRATCH/ended")"
    fi
    sleep 1
  done
  query --command "select datname || ': ' || pg_size_pretty(pg_database_size(oid)) from pg_database
    where datallowconn order by 1" >&2
  query --command "select 'timeline ' || timeline_id || ', last transaction ' ||
    coalesce((pg_last_xact_replay_timestamp() at time zone 'UTC')::text || ' UTC', 'before the copy')
    from pg_control_checkpoint()" >&2
  stop_server
  LC_ALL=C pg_controldata "$DATA" | grep -q '^Database cluster state: *shut down$' ||
    fail "the server that recovered the data was not shut down"
  test ! -e "$DATA/recovery.signal" || fail "the recovery did not come to its end"
}

"$@"
