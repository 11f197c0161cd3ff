#!/bin/sh
# PostgreSQL by pg_dump: the roles and other globals, and each database in an archive of its own. A database
# is named by the digits of its name.
set -eu

# shellcheck source=templates/_shared/scripts/hex.sh
. "$SCRIPTS/hex.sh"
# shellcheck source=templates/postgresql/scripts/server.sh
. "$SCRIPTS/server.sh"

target() {
  if test -n "$TARGET"; then
    connect "$TARGET"
  else
    connect "$HOST"
  fi
}

# Prints the digits of every database that somebody made, one to a line.
databases() {
  query --command "select encode(convert_to(datname, 'UTF8'), 'hex') from pg_database
    where datallowconn and not datistemplate order by 1"
}

check() {
  connect "$HOST"
  pg_dump --version
  server=$(query --command "show server_version_num")
  client=$(pg_dump --version | sed 's/^[^0-9]*\([0-9]*\).*$/\1/')
  echo "server $(query --command "show server_version")"
  test "$client" -ge "$((server / 10000))" || fail "pg_dump $client is older than the server"
}

parts() {
  connect "$HOST"
  databases >"$SCRATCH/databases"
  test -s "$SCRATCH/databases" || fail "the server shows no database"
  echo globals
  if test -z "$DATABASES"; then
    sed 's/^/database-/' "$SCRATCH/databases"
    return 0
  fi
  printf '%s\n' "$DATABASES" >"$SCRATCH/asked"
  while read -r digits; do
    grep -qFx "$digits" "$SCRATCH/databases" || fail "there is no database $(unhex "$digits")"
    echo "database-$digits"
  done <"$SCRATCH/asked"
}

capture() {
  connect "$HOST"
  if test "$1" = globals; then
    exec pg_dumpall --globals-only --no-password
  fi
  # As an environment variable the name is taken as it is, whatever is in it.
  PGDATABASE=$(unhex "$(printf '%s' "$1" | sed 's/^database-//')")
  export PGDATABASE
  # restic stores equal parts once, which compression would hide from it, and compresses by itself.
  level=6
  test "$ENGINE" != restic || level=0
  exec pg_dump --no-password --format custom --compress "$level"
}

verify() {
  if test "$1" = globals; then
    tail -n 8 | grep -q '^-- PostgreSQL database cluster dump complete'
  else
    exec pg_restore --format custom --file /dev/null
  fi
}

# Prints the digits of the wanted databases that the target has; the one called postgres always exists, and
# counts only if there is something in it.
present() {
  databases >"$SCRATCH/there"
  sed -n 's/^database-\([0-9a-f]*\) .*$/\1/p' "$SCRATCH/wanted" >"$SCRATCH/asked"
  while read -r digits; do
    grep -qFx "$digits" "$SCRATCH/there" || continue
    PGDATABASE=$(unhex "$digits")
    made=$(query --command "select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace
      where nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_toast'")
    PGDATABASE=postgres
    test "$digits" = 706f737467726573 && test "$made" -eq 0 || echo "$digits"
  done <"$SCRATCH/asked"
}

guard() {
  target
  query --command "select 1" >/dev/null
  present >"$SCRATCH/present"
  test -s "$SCRATCH/present" || return 0
  while read -r digits; do
    echo "the target $PGHOST has a database $(unhex "$digits")" >&2
  done <"$SCRATCH/present"
  exit 3
}

clear() {
  target
  present >"$SCRATCH/present"
  PGDATABASE=template1
  while read -r digits; do
    query --set "name=$(unhex "$digits")" --file - <<'SQL'
drop database :"name" with (force);
SQL
  done <"$SCRATCH/present"
  # Clients, and this script, expect a database of this name.
  query --file - <<'SQL'
select 'create database postgres' where not exists
  (select from pg_database where datname = 'postgres') \gexec
SQL
}

# The account that restores keeps its own password, and roles that exist already stay; any other complaint
# counts.
restore_globals() {
  me=$(query --command "select quote_ident(current_user)" | sed 's/[][\.*^$/]/\\&/g')
  sed -e "/^CREATE ROLE $me;\$/d" -e "/^ALTER ROLE $me WITH /d" >"$SCRATCH/globals"
  query --set ON_ERROR_STOP=0 --file "$SCRATCH/globals" >/dev/null 2>"$SCRATCH/complaints"
  if grep 'ERROR:' "$SCRATCH/complaints" | grep -v 'already exists$' >&2; then
    return 1
  fi
}

restore() {
  target
  if test "$1" = globals; then
    restore_globals
    return 0
  fi
  digits=$(printf '%s' "$1" | sed 's/^database-//')
  if test "$digits" = 706f737467726573; then
    exec pg_restore --no-password --exit-on-error --format custom --dbname postgres
  fi
  exec pg_restore --no-password --exit-on-error --format custom --create --dbname postgres
}

finish() {
  target
  sed -n 's/^database-\([0-9a-f]*\) .*$/\1/p' "$SCRATCH/wanted" >"$SCRATCH/asked"
  while read -r digits; do
    PGDATABASE=$(unhex "$digits")
    query --command analyze
    printf '%s: %s tables\n' "$PGDATABASE" "$(query --command "select count(*) from pg_class c
      join pg_namespace n on n.oid = relnamespace where relkind in ('r', 'p')
      and nspname not in ('pg_catalog', 'information_schema')")" >&2
  done <"$SCRATCH/asked"
}

"$@"
