# How the scripts talk to a PostgreSQL server. Sourced.
# shellcheck shell=sh

fail() {
  echo "$*" >&2
  exit 1
}

# Makes the server $1 the one that every command talks to.
connect() {
  PGHOST=$1
  PGPORT=$PORT
  PGUSER=$(cat /credentials/database/username)
  PGPASSWORD=$(cat /credentials/database/password)
  PGDATABASE=postgres
  PGAPPNAME=bpc
  PGCONNECT_TIMEOUT=15
  PGCLIENTENCODING=UTF8
  case $TLS in
    disable) PGSSLMODE=disable ;;
    require) PGSSLMODE=require ;;
    verify)
      PGSSLMODE=verify-full
      PGSSLROOTCERT=$CA_FILE
      export PGSSLROOTCERT
      ;;
    *) fail "there is no way $TLS to protect a connection" ;;
  esac
  export PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGAPPNAME PGCONNECT_TIMEOUT PGCLIENTENCODING PGSSLMODE
}

query() {
  psql --no-psqlrc --no-password --tuples-only --no-align --quiet --set ON_ERROR_STOP=1 "$@"
}
