#!/bin/sh
# MongoDB by mongodump: one archive of all databases, with the oplog of the time that it took if there is a
# replica set. All of it comes from one member.
set -eu

# shellcheck source=templates/mongodb/scripts/archive.sh
. "$SCRIPTS/archive.sh"
# shellcheck source=templates/mongodb/scripts/server.sh
. "$SCRIPTS/server.sh"

umask 077
# What mongosh keeps for a person is of no use here, and it sends nothing to its maker.
HOME=$SCRATCH/home
RESULT=$SCRATCH/result
COUNTS=$SCRATCH/counts
SECRET=$SCRATCH/secret.yaml
export HOME RESULT COUNTS SECRET
mkdir -p "$HOME/.mongodb/mongosh"
echo '{"enableTelemetry": false, "disableLogging": true}' >"$HOME/.mongodb/mongosh/config"

fail() {
  echo "$*" >&2
  exit 1
}

# Runs the program in the file $1 in mongosh.
javascript() {
  mongosh --nodb --quiet --norc --file "$1" >&2
}

# Does $1 with the server at ADDRESS, and leaves the answer in the file `result`.
ask() {
  WORD=$1
  export WORD ADDRESS PORT SET
  rm -f "$RESULT"
  printf '%s' "$ASK_SERVER" >"$SCRATCH/ask.js"
  javascript "$SCRATCH/ask.js" </dev/null
}

# Reads an archive that comes as it is in the store, and counts what is in it.
examine() {
  PART=$1
  export PART
  rm -f "$COUNTS" "$SCRATCH/unpacked"
  printf '%s' "$READ_ARCHIVE" >"$SCRATCH/archive.js"
  # mongosh rewrites what it runs itself, which makes it slow; modules it leaves alone.
  echo 'require(process.env.SCRATCH + "/archive.js");' >"$SCRATCH/read.js"
  { unpack && : >"$SCRATCH/unpacked"; } | javascript "$SCRATCH/read.js" 3<&0 </dev/null || return 1
  test -e "$SCRATCH/unpacked" && test -s "$COUNTS"
}

unpack() {
  if test "$ENGINE" = restic; then
    cat
  else
    gzip -dc
  fi
}

# Runs the tool $1 with the options for the connection, and with those that follow.
tool() {
  name=$1
  shift
  # restic stores equal parts once, which compression would hide from it, and compresses by itself.
  test "$ENGINE" = restic || set -- --gzip "$@"
  test "$TLS" = disable || set -- --ssl "$@"
  case $TLS in
    disable) ;;
    require) set -- --tlsInsecure "$@" ;;
    verify) test -z "$CA_FILE" || set -- "--sslCAFile=$CA_FILE" "$@" ;;
    *) fail "there is no way $TLS to protect a connection" ;;
  esac
  if test -e /credentials/database/password; then
    set -- "--username=$(cat /credentials/database/username)" --authenticationDatabase=admin "$@"
  fi
  "$name" "--config=$SECRET" --archive "$@"
}

# Makes the member to read from the one that is talked to.
source_server() {
  ADDRESS=$HOST
  SET=$REPLICA_SET
  ask choose || fail "nothing can be read from $ADDRESS"
  {
    read -r ADDRESS
    read -r PORT
    read -r VERSION
  } <"$RESULT"
}

target() {
  ADDRESS=$HOST
  test -z "$TARGET" || ADDRESS=$TARGET
  SET=
}

check() {
  source_server
  mongodump --version | sed -n 's/^mongodump version: /mongodump /p'
  echo "server $VERSION"
}

parts() {
  if test -n "$REPLICA_SET"; then
    echo dump-oplog
  else
    echo dump
  fi
}

capture() {
  source_server
  echo "reading from $ADDRESS:$PORT" >&2
  set -- "--host=$ADDRESS" "--port=$PORT" --readPreference=secondaryPreferred
  test -z "$REPLICA_SET" || set -- "$@" --oplog
  tool mongodump "$@"
}

verify() {
  examine "$1"
}

guard() {
  target
  ask guard || fail "the target $ADDRESS cannot be looked at"
  exit "$(cat "$RESULT")"
}

clear() {
  target
  ask clear
}

# mongorestore succeeds even if some documents could not be written; its last line tells. The same bytes
# are counted beside it.
restore() {
  target
  # It may be in another replica set, or in none.
  ask set || fail "the target $ADDRESS cannot be reached"
  SET=$(cat "$RESULT")
  rm -f "$SCRATCH/tee" "$SCRATCH/read" "$SCRATCH/restored"
  mkfifo "$SCRATCH/tee"
  examine "$1" <"$SCRATCH/tee" &
  examining=$!
  seed=$ADDRESS:$PORT
  test -z "$SET" || seed=$SET/$seed
  part=$1
  set -- "--host=$seed" --stopOnError
  test "$part" != dump-oplog || set -- "$@" --oplogReplay
  tee "$SCRATCH/tee" | {
    tool mongorestore "$@" 2>"$SCRATCH/said" && : >"$SCRATCH/restored"
    cat >/dev/null
  }
  cat "$SCRATCH/said" >&2
  wait "$examining" || fail "the archive is not whole"
  test -e "$SCRATCH/restored" || fail "mongorestore failed"
  grep -q ' 0 document(s) failed to restore' "$SCRATCH/said" || fail "some documents were not restored"
}

finish() {
  target
  ask compare
}

"$@"
