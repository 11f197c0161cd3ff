#!/bin/sh
# Redis by its replication stream: one RDB file with all that the server holds. A restore loads it into a
# server of its own, which lives in this job, and writes key by key to the target over the network: so the
# target's append-only file and replicas get everything too, and nobody has to touch its volume.
set -eu

# shellcheck source=templates/redis/scripts/take.sh
. "$SCRIPTS/take.sh"

fail() {
  echo "$*" >&2
  exit 1
}

# Makes the server $1 the one that `client` talks to.
connect() {
  SERVER=$1
  USERNAME=
  unset REDISCLI_AUTH
  test -e /credentials/database/password || return 0
  USERNAME=$(cat /credentials/database/username)
  REDISCLI_AUTH=$(cat /credentials/database/password)
  # Servers before release 6 know no names; to all others this is the one that a bare password stands for.
  test "$USERNAME" != default || USERNAME=
  export REDISCLI_AUTH
}

client() {
  test -z "$USERNAME" || set -- --user "$USERNAME" "$@"
  case $TLS in
    disable) ;;
    require) set -- --tls --insecure "$@" ;;
    verify)
      test -z "$CA_FILE" || set -- --cacert "$CA_FILE" "$@"
      set -- --tls "$@"
      ;;
    *) fail "there is no way $TLS to protect a connection" ;;
  esac
  redis-cli -h "$SERVER" -p "$PORT" "$@"
}

target() {
  if test -n "$TARGET"; then
    connect "$TARGET"
  else
    connect "$HOST"
  fi
}

# Talks to the server of this job.
copy() {
  (
    unset REDISCLI_AUTH
    cd "$SCRATCH/copy"
    exec redis-cli -s socket "$@"
  )
}

# Writes what `$2 INFO` says to the file $1.
info() {
  "$2" INFO >"$SCRATCH/said"
  tr -d '\r' <"$SCRATCH/said" >"$1"
  grep -q '^redis_version:' "$1" || fail "the server does not tell about itself: $(head -n 1 "$1")"
}

# Prints the field $2 of the file $1; nothing if there is none.
field() {
  sed -n "s/^$2://p" "$1"
}

# Writes the lines `database keys expiring` of the file $1 to the file $2.
counts() {
  sed -n 's/^db\([0-9]*\):keys=\([0-9]*\),expires=\([0-9]*\).*$/\1 \2 \3/p' "$1" >"$2"
}

# Prints column $3 of what `counts` wrote to the file $1 about database $2.
count() {
  found=$(grep "^$2 " "$1" | cut -d ' ' -f "$3")
  test -n "$found" || found=0
  echo "$found"
}

# With a wrong password redis-cli succeeds, and only its answer tells.
reach() {
  answer=$(client PING) || fail "the server $SERVER cannot be reached"
  test "$answer" = PONG || fail "the server $SERVER answers: $answer"
  info "$SCRATCH/info" client
  test "$(field "$SCRATCH/info" loading)" = 0 || fail "the server $SERVER is still loading its data"
  # Each node has a part of the keys only, and answers for no other.
  test "$(field "$SCRATCH/info" cluster_enabled)" = 0 || fail "the server $SERVER is a node of a Redis Cluster"
}

# Prints the names of the modules in what a server tells, the file $1.
modules() {
  sed -n 's/^module:name=\([^,]*\),.*$/\1/p' "$1"
}

# A file with values of a module passes the check and can still not be loaded without that module, so the
# server of this job has to have all that the server has.
check_modules() {
  modules "$SCRATCH/info" >"$SCRATCH/modules"
  test -s "$SCRATCH/modules" || return 0
  open_copy
  modules "$SCRATCH/held" >"$SCRATCH/ours"
  while read -r module; do
    grep -qFx -e "$module" "$SCRATCH/ours" ||
      fail "the server $SERVER has the module $module, which the image of this job has not"
  done <"$SCRATCH/modules"
}

# Prints a number that grows with the release $1.
number() {
  printf '%s\n' "$1" | sed 's/^\([0-9]*\)\.\([0-9]*\).*$/\1 \2/' | {
    read -r major minor
    echo "$((major * 1000 + minor))"
  }
}

check() {
  connect "$HOST"
  redis-cli --version
  reach
  echo "server $(field "$SCRATCH/info" redis_version)"
  link=$(field "$SCRATCH/info" master_link_status)
  case $link in
    '' | up) ;;
    *) fail "the replica $SERVER has lost its primary: what it holds is old" ;;
  esac
  held=$(field "$SCRATCH/info" used_memory_dataset)
  if test -n "$held" && test "$held" -gt "$MEMORY"; then
    echo "warning: the data takes $held bytes of memory, and the restore job has $MEMORY" >&2
  fi
  check_modules
}

parts() {
  echo dump
}

# A server that streams to a slow reader keeps its forked copy all that time, so the stream goes to a file
# first, as fast as it comes.
capture() {
  connect "$HOST"
  client --rdb "$SCRATCH/dump.rdb" >&2 || fail "the stream of the server $SERVER broke off"
  cat "$SCRATCH/dump.rdb"
  rm "$SCRATCH/dump.rdb"
}

# Names of keys are nobody's business in a log.
examine() {
  if redis-check-rdb "$1" >"$SCRATCH/examined"; then
    grep '^\[info\] [0-9]* ' "$SCRATCH/examined" >&2
    grep -q 'Checksum OK' "$SCRATCH/examined" || echo "the server writes no checksums" >&2
    return 0
  fi
  grep -a -m 1 -A 1 'RDB ERROR' "$SCRATCH/examined" >&2 || :
  fail "this is no whole RDB file that redis-check-rdb of this release can read"
}

verify() {
  examine /dev/stdin
  cat >/dev/null
}

# Fails unless the target can take what a server of this release writes.
writable() {
  reach
  test "$(field "$SCRATCH/info" role)" = master || fail "the target $SERVER is a replica: name its primary"
  theirs=$(field "$SCRATCH/info" redis_version)
  ours=$(redis-server --version | sed 's/^.* v=\([0-9.]*\) .*$/\1/')
  test "$(number "$theirs")" -ge "$(number "$ours")" ||
    fail "the target $SERVER has release $theirs, which cannot read what $ours writes"
}

guard() {
  target
  writable
  counts "$SCRATCH/info" "$SCRATCH/there"
  libraries=$(field "$SCRATCH/info" number_of_libraries)
  if ! test -s "$SCRATCH/there" && test "0$libraries" -eq 0; then
    return 0
  fi
  while read -r database keys _; do
    echo "the target $SERVER has $keys keys in database $database" >&2
  done <"$SCRATCH/there"
  test "0$libraries" -eq 0 || echo "the target $SERVER has $libraries libraries of functions" >&2
  exit 3
}

# Sends a command that answers OK.
order() {
  answer=$(client "$@")
  test "$answer" = OK || fail "the target $SERVER answers to $1: $answer"
}

clear() {
  target
  writable
  order FLUSHALL
  test -z "$(field "$SCRATCH/info" number_of_libraries)" || order FUNCTION FLUSH
}

# Starts a server of this job with the file `dump.rdb`, if there is one, and the modules of the image.
open_copy() {
  own=$(redis-server --version | sed 's/^.* v=\([0-9]*\)\..*$/\1/')
  mkdir -p "$SCRATCH/copy"
  cd "$SCRATCH/copy"
  set -- --port 0 --unixsocket socket --unixsocketperm 700 --dir . --dbfilename dump.rdb \
    --save '' --appendonly no --databases 16384
  test "$own" -lt 7 || set -- "$@" --enable-debug-command local
  for module in /usr/local/lib/redis/modules/*.so; do
    test ! -e "$module" || set -- "$@" --loadmodule "$module"
  done
  redis-server "$@" >log 2>&1 </dev/null &
  SERVING=$!
  trap close_copy EXIT
  until test "$(copy PING 2>>log || :)" = PONG; do
    if ! kill -0 "$SERVING" 2>>log; then
      tail -n 5 log >&2
      fail "the file cannot be loaded; has the job enough memory?"
    fi
    sleep 1
  done
  info "$SCRATCH/held" copy
  counts "$SCRATCH/held" "$SCRATCH/databases"
}

close_copy() {
  kill "$SERVING" 2>"$SCRATCH/killed" || :
  wait "$SERVING" || :
}

# Prints the commands that make the keys of database $1, and counts them in the file `sent`.
commands() {
  state='more'
  cursor=0
  sent=0
  printf 'SELECT %s\r\n' "$1"
  while test "$state" = more; do
    copy EVAL "$TAKE" 0 "$1" "$cursor" >"$SCRATCH/page" || return 1
    read -r state cursor number length <"$SCRATCH/page" || return 1
    case $state in
      more | done) ;;
      *)
        echo "the copy answers: $state $cursor $number" >&2
        return 1
        ;;
    esac
    {
      read -r _
      head -c "$length"
    } <"$SCRATCH/page" || return 1
    sent=$((sent + number))
  done
  echo "$sent" >"$SCRATCH/sent"
}

# Sends the keys of database $1 to the target.
send() {
  rm -f "$SCRATCH/whole"
  { commands "$1" && : >"$SCRATCH/whole"; } | client --pipe --pipe-timeout 600 >"$SCRATCH/answers" || {
    tail -n 1 "$SCRATCH/answers" >&2
    fail "the target $SERVER did not take all keys of database $1"
  }
  test -e "$SCRATCH/whole" || fail "database $1 was not sent to its end"
  read -r sent <"$SCRATCH/sent"
  # The command that chooses the database is answered as well.
  grep -q "^errors: 0, replies: $((sent + 1))\$" "$SCRATCH/answers" || {
    tail -n 1 "$SCRATCH/answers" >&2
    fail "the target $SERVER did not take all $sent keys of database $1"
  }
  echo "$1 $sent" >>"$SCRATCH/taken"
}

# The library functions cannot be dumped from a script, and redis-cli ends what it prints with a line break.
send_functions() {
  libraries=$(field "$SCRATCH/held" number_of_libraries)
  test "0$libraries" -gt 0 || return 0
  copy FUNCTION DUMP >"$SCRATCH/functions"
  size=$(wc -c <"$SCRATCH/functions")
  head -c "$((size - 1))" "$SCRATCH/functions" >"$SCRATCH/payload"
  order -x FUNCTION RESTORE <"$SCRATCH/payload"
}

restore() {
  target
  mkdir -p "$SCRATCH/copy"
  cat >"$SCRATCH/copy/dump.rdb"
  examine "$SCRATCH/copy/dump.rdb"
  open_copy
  while read -r database _; do
    order -n "$database" SELECT "$database"
  done <"$SCRATCH/databases"
  : >"$SCRATCH/taken"
  send_functions
  while read -r database _ <&5; do
    send "$database"
  done 5<"$SCRATCH/databases"
  info "$SCRATCH/left" copy
  ! grep '^db[0-9]*:' "$SCRATCH/left" >&2 || fail "some keys were not sent"
}

# Compares all values where the target lets this account do it; keys that expire may take a few tries.
same() {
  tries=5
  while :; do
    theirs=$(client DEBUG DIGEST 2>"$SCRATCH/killed" || :)
    case $theirs in
      *[!0-9a-f]* | '')
        echo "the target does not let this account compare all values (DEBUG DIGEST); each was checked by the" \
          "checksum that came with it" >&2
        return 0
        ;;
    esac
    if test "$theirs" = "$(copy DEBUG DIGEST)"; then
      echo "all values are the same: digest $theirs" >&2
      return 0
    fi
    tries=$((tries - 1))
    if test "$tries" -eq 0; then
      test "$1" -gt 0 || fail "the values of the target differ from those of the point"
      echo "keys expire faster than all values can be compared" >&2
      return 0
    fi
    sleep 1
  done
}

# The file is loaded once more, and keys whose time is over are gone on both sides by now or soon: exact are
# the numbers of those that never expire.
finish() {
  target
  open_copy
  info "$SCRATCH/info" client
  counts "$SCRATCH/info" "$SCRATCH/there"
  wrong=0
  mortal=0
  while read -r database sent <&5; do
    keys=$(count "$SCRATCH/there" "$database" 2)
    expiring=$(count "$SCRATCH/there" "$database" 3)
    held=$(count "$SCRATCH/databases" "$database" 2)
    dying=$(count "$SCRATCH/databases" "$database" 3)
    echo "database $database: $sent keys sent, $keys there, $expiring of them expire" >&2
    mortal=$((mortal + dying + expiring))
    if test "$keys" -gt "$sent" || test "$((keys - expiring))" -ne "$((held - dying))"; then
      echo "database $database should have $((held - dying)) keys that do not expire" >&2
      wrong=1
    fi
  done 5<"$SCRATCH/taken"
  libraries=$(field "$SCRATCH/held" number_of_libraries)
  test "0$libraries" -eq "0$(field "$SCRATCH/info" number_of_libraries)" || {
    echo "the target should have as many libraries of functions as the point: $libraries" >&2
    wrong=1
  }
  test "$wrong" -eq 0 || fail "the target $SERVER does not hold what the point holds"
  same "$mortal"
}

"$@"
