#!/bin/sh
# MySQL and MariaDB as SQL: one dump of all databases at one moment, the accounts, what they are granted,
# and a list of what there is.
set -eu

# shellcheck source=templates/mysql/scripts/server.sh
. "$SCRIPTS/server.sh"
# shellcheck source=templates/mysql/scripts/accounts.sh
. "$SCRIPTS/accounts.sh"
# shellcheck source=templates/mysql/scripts/inventory.sh
. "$SCRIPTS/inventory.sh"

# Fails if the account lacks a privilege whose absence would leave something out in silence.
check_privileges() {
  ask "select privilege_type from information_schema.user_privileges
    where replace(grantee, '''', '') = replace(current_user(), '''', '')" >"$OWN/privileges"
  for privilege in SELECT 'SHOW VIEW' TRIGGER EVENT; do
    grep -qFx "$privilege" "$OWN/privileges" ||
      fail "the account must have the privilege $privilege on *.*, and not through a role"
  done
}

# Fails if a table could change while it is read: only engines with transactions show one moment. What
# is in a MEMORY table is gone with each restart, and the others hold nothing.
check_engines() {
  test "$LOCK" = no || return 0
  ask "select concat_ws(' ', lower(hex(table_schema)), lower(hex(table_name)), engine)
    from information_schema.tables where $(chosen table_schema "$DATABASES")
    and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')
    and coalesce(engine, '') not in ('MEMORY', 'BLACKHOLE', 'FEDERATED') and coalesce(engine, '') not in
      (select engine from information_schema.engines where transactions = 'YES')" >"$OWN/engines"
  test -s "$OWN/engines" || return 0
  while read -r schema table engine; do
    echo "$(shown "$schema").$(shown "$table") is a $engine table" >&2
  done <"$OWN/engines"
  fail "such tables can change while they are read: convert them with ALTER TABLE … ENGINE=InnoDB, or set" \
    "lockTables for the dataset, which stops all writes for as long as the dump takes"
}

check() {
  connect "$HOST"
  dumper=$("$DUMPER" --version)
  echo "$dumper"
  check_server "$dumper"
  check_protection
  check_privileges
  check_engines
}

parts() {
  connect "$HOST"
  inventory "$DATABASES" >"$OWN/contents"
  grep -q '^database ' "$OWN/contents" || fail "the server shows no database"
  for digits in $DATABASES; do
    grep -q "^database $digits " "$OWN/contents" || fail "there is no database $(shown "$digits")"
  done
  printf '%s\n' contents accounts databases grants
}

# Prints the options that say where in the log of changes a dump was taken, if the server keeps one.
position() {
  test "$(ask "select @@log_bin")" = 1 || return 0
  case $FLAVOUR in
    mariadb) printf '%s\n' --master-data=2 --gtid ;;
    mysql)
      if "$DUMPER" --help | grep -q -e --source-data; then
        echo "--source-data=2"
      else
        echo "--master-data=2"
      fi
      ;;
  esac
}

capture_databases() {
  set -- --defaults-file="$OPTIONS" --quick --routines --events --triggers --hex-blob --no-tablespaces \
    --skip-dump-date
  if test "$LOCK" = yes; then
    set -- "$@" --lock-all-tables
  else
    set -- "$@" --single-transaction
  fi
  # What is restored is new to the replicas of the server that it is restored to, so it gets new GTIDs.
  test "$FLAVOUR" != mysql || set -- "$@" --set-gtid-purged=OFF
  position >"$OWN/position"
  while read -r option; do
    set -- "$@" "$option"
  done <"$OWN/position"
  set -- "$@" --databases --
  databases <"$OWN/contents" >"$OWN/names"
  while read -r digits; do
    set -- "$@" "$(unhex "$digits")"
  done <"$OWN/names"
  packed "$DUMPER" "$@"
  inventory "$DATABASES" >"$OWN/afterwards"
  missing "$OWN/contents" "$OWN/afterwards" ||
    fail "this was removed while the databases were read, so the dump may lack it"
}

capture() {
  connect "$HOST"
  case $1 in
    contents) cat "$OWN/contents" ;;
    accounts) accounts ;;
    databases) capture_databases ;;
    grants) grants ;;
    *) fail "there is no part $1" ;;
  esac
}

verify() {
  case $1 in
    contents)
      cat >"$OWN/read"
      grep -q '^database ' "$OWN/read" && ! grep -qvE '^[a-z-]+ [0-9a-f]+( [0-9a-z_]+)*$' "$OWN/read"
      ;;
    accounts | grants) tail -n 1 | grep -qFx -e '-- complete' ;;
    databases)
      unpacked | tail -n 1 | grep -q '^-- Dump completed' && test -e "$OWN/whole"
      ;;
    *) fail "there is no part $1" ;;
  esac
}

# Reads the list of what is in the point from the store, so that exactly that is looked for in the target.
fetch_contents() {
  /bin/sh "$SCRIPTS/fetch.sh" contents >"$OWN/contents" ||
    fail "the list of what is in the point cannot be read"
  digest=$(sha256sum <"$OWN/contents" | cut -d ' ' -f 1)
  grep -q "^contents [0-9]* $digest\$" "$SCRATCH/wanted" || fail "the list of what is in the point is damaged"
  databases <"$OWN/contents" >"$OWN/names"
}

# Prints the digits of the wanted databases that the target has and that are not empty.
present() {
  inventory "$(cat "$OWN/names")" >"$OWN/there"
  sed -n '/^database /!s/^[a-z-]* \([0-9a-f]*\) .*$/\1/p' "$OWN/there" | sort -u
}

guard() {
  target
  fetch_contents
  check_protection
  check_server "$("$DUMPER" --version)" >&2
  present >"$OWN/present"
  test -s "$OWN/present" || return 0
  while read -r digits; do
    echo "the target $SERVER has a database $(shown "$digits") that is not empty" >&2
  done <"$OWN/present"
  exit 3
}

# Runs the statement $1 for each database whose digits are in the file $2; the statement has NAME where the
# name belongs.
for_each() {
  while read -r digits; do
    echo "select replace('$1;', 'NAME', concat('\`',
      replace(convert(unhex('$digits') using utf8mb4), '\`', '\`\`'), '\`'));"
  done <"$2" | query --raw >"$OWN/statements"
  { echo "set session foreign_key_checks = 0;" && cat "$OWN/statements"; } | query
}

clear() {
  target
  for_each "drop database NAME" "$OWN/present"
}

# Rows come back as digits, which are twice as long as they are: for the time of the restore, the server must
# take more than it usually does. Prints what it takes otherwise, if that was changed.
widen() {
  usual=$(ask "select @@global.max_allowed_packet")
  test "$usual" -lt 1073741824 || return 0
  if ask "set global max_allowed_packet = 1073741824"; then
    echo "$usual"
  else
    echo "max_allowed_packet of $SERVER stays at $usual: no row of half of that comes back" >&2
  fi
}

# Makes the databases, with the defaults that they had: the dump leaves those of a database that is there.
make_databases() {
  while read -r digits; do
    sed -n "s/^database $digits \\([0-9a-z_]*\\) \\([0-9a-z_]*\\)\$/\\1 collate \\2/p" \
      "$OWN/contents" >"$OWN/defaults"
    echo "$digits" >"$OWN/name"
    for_each "create database if not exists NAME" "$OWN/name"
    for_each "alter database NAME character set $(cat "$OWN/defaults")" "$OWN/name"
  done <"$OWN/names"
}

# The first line of newer dumps of MariaDB is a command that older clients do not know, and that forbids
# other commands; the option --binary-mode forbids them, too.
restore_databases() {
  make_databases
  usual=$(widen)
  code=0
  rm -f "$OWN/fed"
  unpacked | {
    IFS= read -r first || fail "the dump is empty"
    case $first in
      *'enable the sandbox mode'*) ;;
      *) printf '%s\n' "$first" ;;
    esac
    cat && : >"$OWN/fed"
  } | query --binary-mode || code=$?
  test -z "$usual" || ask "set global max_allowed_packet = $usual"
  test "$code" -eq 0 || return "$code"
  test -e "$OWN/whole" && test -e "$OWN/fed" || fail "the dump did not come to its end"
}

restore() {
  target
  case $1 in
    contents) cat >"$OWN/contents" ;;
    accounts) restore_accounts ;;
    databases) restore_databases ;;
    grants) restore_grants ;;
    *) fail "there is no part $1" ;;
  esac
}

# Fails if a table does not stand the server's own check.
check_tables() {
  printf '%s\n' "select concat('check table \`', replace(table_schema, '\`', '\`\`'), '\`.\`',
    replace(table_name, '\`', '\`\`'), '\`;') from information_schema.tables
    where table_type in ('BASE TABLE', 'SYSTEM VERSIONED') and $(chosen table_schema "$1")" |
    query --raw >"$OWN/statements"
  query <"$OWN/statements" >"$OWN/checked"
  if cut -f 1,3,4 "$OWN/checked" | grep -v -e '[[:blank:]]status[[:blank:]]OK$' -e '[[:blank:]]note[[:blank:]]' >&2
  then
    fail "these tables did not stand the check"
  fi
}

finish() {
  target
  inventory "$(cat "$OWN/names")" >"$OWN/afterwards"
  missing "$OWN/contents" "$OWN/afterwards" || fail "this did not come back"
  check_tables "$(cat "$OWN/names")"
  while read -r digits; do
    echo "$(shown "$digits"): $(grep -cE "^(base-table|system-versioned) $digits " "$OWN/afterwards" || :) tables" >&2
  done <"$OWN/names"
}

"$@"
