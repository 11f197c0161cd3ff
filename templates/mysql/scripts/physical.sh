#!/bin/sh
# MySQL and MariaDB as files: the whole server as XtraBackup or mariadb-backup reads it beside the running
# server. To check it, and to bring it back, all of it is unpacked and made ready for a server to start.
set -eu

# shellcheck source=templates/mysql/scripts/server.sh
. "$SCRIPTS/server.sh"

case $FLAVOUR in
  mysql)
    TOOL=xtrabackup
    STREAM=xbstream
    ;;
  mariadb)
    TOOL=mariadb-backup
    STREAM=mbstream
    ;;
esac
UNPACKED=$OWN/unpacked
FORMAT=$STREAM

# Prints what is in the data directory, beside what a new volume has.
entries() {
  for entry in "$DATA"/* "$DATA"/.[!.]* "$DATA"/..?*; do
    test "$entry" = "$DATA/lost+found" || ! test -e "$entry" -o -L "$entry" || printf '%s\n' "$entry"
  done
}

check() {
  "$TOOL" --version >"$OWN/said" 2>&1 || fail "$(cat "$OWN/said")"
  tail -n 1 "$OWN/said"
  test -r "$DATA/ibdata1" || fail "there is no data directory of a server at $DATA, or user $(id -u) may not read it"
  # The image of XtraBackup has no client; XtraBackup itself refuses servers that it does not know.
  test "$FLAVOUR" = mariadb || return 0
  connect "$HOST"
  check_server "$(tail -n 1 "$OWN/said")"
  check_protection
}

parts() {
  echo server
}

capture() {
  OPTIONS=$OWN/backup.cnf
  {
    echo "[$TOOL]"
    account "$HOST"
  } >"$OPTIONS"
  mkdir -p "$OWN/work"
  packed "$TOOL" --defaults-file="$OPTIONS" --backup --stream="$FORMAT" --target-dir="$OWN/work" \
    --tmpdir="$OWN" --datadir="$DATA"
}

# Runs the tool quietly: it says a lot, which is only of use if it fails.
tool() {
  "$TOOL" --no-defaults "$@" >"$OWN/said" 2>&1 || {
    tail -n 50 "$OWN/said" >&2
    return 1
  }
}

# Unpacks a stream, and has the changes applied that happened while it was read.
unpack() {
  rm -rf "$UNPACKED"
  mkdir "$UNPACKED"
  unpacked | "$STREAM" -x -C "$UNPACKED"
  test -e "$OWN/whole" || fail "the stream did not come to its end"
  tool --prepare --target-dir="$UNPACKED" --tmpdir="$OWN"
}

verify() {
  unpack
  rm -rf "$UNPACKED"
}

# Fails if something answers where the server was.
check_stopped() {
  test "$LIVE" = yes || return 0
  # shellcheck disable=SC2016 # bash expands them
  if timeout 10 bash -c 'exec 3<>"/dev/tcp/$1/$2"' probe "$HOST" "$PORT" 2>"$OWN/said"; then
    fail "a server still answers at $HOST: stop it first"
  fi
}

guard() {
  test -z "$TARGET" || fail "a physical copy goes to a volume: name it as restoreClaim, and leave TARGET empty"
  bash -c : || fail "the image has no bash, so it cannot be seen whether the server was stopped"
  check_stopped
  mkdir -p "$DATA"
  entries >"$OWN/present"
  test -s "$OWN/present" || return 0
  echo "the data directory $DATA holds $(wc -l <"$OWN/present") entries" >&2
  exit 3
}

clear() {
  check_stopped
  for entry in "$DATA"/* "$DATA"/.[!.]* "$DATA"/..?*; do
    test "$entry" = "$DATA/lost+found" || rm -rf "$entry"
  done
}

restore() {
  unpack
  # The directory was seen to be empty; a volume may have a lost+found.
  tool --copy-back --force-non-empty-directories --target-dir="$UNPACKED" --datadir="$DATA"
  rm -rf "$UNPACKED"
}

finish() {
  test -s "$DATA/ibdata1" || fail "there is no ibdata1 in $DATA"
  test -e "$DATA/mysql" || test -e "$DATA/mysql.ibd" || fail "there are no system tables in $DATA"
  echo "$(entries | wc -l) entries in $DATA: start the server now" >&2
}

"$@"
