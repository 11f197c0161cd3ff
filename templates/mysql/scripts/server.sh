# How to talk to a MySQL or MariaDB server. Sourced.
# shellcheck shell=sh

# shellcheck source=templates/_shared/scripts/hex.sh
. "$SCRIPTS/hex.sh"

# The option file holds a password, and others hold hashes of passwords.
umask 077
# The scripts that start this one keep files of their own beside it.
OWN=$SCRATCH/mysql
mkdir -p "$OWN"

# shellcheck disable=SC2034 # those who source this use them
case $FLAVOUR in
  mysql)
    CLIENT=mysql
    DUMPER=mysqldump
    ;;
  mariadb)
    CLIENT=mariadb
    DUMPER=mariadb-dump
    ;;
esac

fail() {
  echo "$*" >&2
  exit 1
}

# Prints a name for people: whatever moves the cursor is left out.
shown() {
  unhex "$1" | tr -d '[:cntrl:]'
}

# Prints the content of the file $1 as a value of an option file, in which quotes, backslashes, number signs
# and blanks mean themselves.
quoted() {
  printf '"'
  printf '%s' "$(cat "$1")" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e '$!s/$/\\n/' | tr -d '\n'
  printf '"\n'
}

# Prints the path of the authorities that the certificate of the server is checked against.
authorities() {
  if test -n "$CA_FILE"; then
    echo "$CA_FILE"
    return 0
  fi
  for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    test ! -s "$bundle" || {
      echo "$bundle"
      return 0
    }
  done
  fail "the image knows no certificate authorities: name the Secret with that of the server (caSecret)"
}

# Prints how the connection is protected, as lines of an option file.
protection() {
  case $FLAVOUR/$TLS in
    mysql/disable) printf 'ssl-mode=DISABLED\nget-server-public-key\n' ;;
    mysql/require) echo "ssl-mode=REQUIRED" ;;
    mysql/verify) printf 'ssl-mode=VERIFY_IDENTITY\nssl-ca=%s\n' "$1" ;;
    mariadb/disable) echo "skip-ssl" ;;
    mariadb/require) printf 'ssl\ndisable-ssl-verify-server-cert\n' ;;
    mariadb/verify) printf 'ssl\nssl-verify-server-cert\nssl-ca=%s\n' "$1" ;;
    *) fail "there is no way $TLS to protect a connection" ;;
  esac
}

# Prints the account and how to reach the server $1, as lines of an option file.
account() {
  bundle=
  test "$TLS" != verify || bundle=$(authorities)
  printf 'host=%s\nport=%s\nprotocol=tcp\n' "$1" "$PORT"
  printf 'user=%s\n' "$(quoted /credentials/database/username)"
  printf 'password=%s\n' "$(quoted /credentials/database/password)"
  protection "$bundle"
}

# Runs a command and passes on what it prints, compressed for the engine that does not do that by itself.
packed() {
  if test "$ENGINE" = restic; then
    "$@"
    return 0
  fi
  rm -f "$OWN/whole"
  { "$@" && : >"$OWN/whole"; } | gzip -n
  test -e "$OWN/whole" || fail "$1 did not come to its end"
}

# Passes on what `packed` made of it, as it was; leaves a file `whole` if that came to its end.
unpacked() {
  rm -f "$OWN/whole"
  if test "$ENGINE" = restic; then
    cat && : >"$OWN/whole"
  else
    gzip -dc && : >"$OWN/whole"
  fi
}

# Makes the server $1 the one that every command talks to.
connect() {
  case $1 in
    *[!A-Za-z0-9.:-]*) fail "the address of the server has letters that no address has" ;;
  esac
  OPTIONS=$OWN/client.cnf
  SERVER=$1
  {
    echo "[client]"
    account "$1"
    printf 'default-character-set=utf8mb4\nmax-allowed-packet=1G\n'
    # The other programs refuse an option that they do not know.
    printf '[mysql]\nconnect-timeout=15\n'
  } >"$OPTIONS"
}

# Runs the statements on standard input and prints the rows; what is not printable in them is escaped,
# unless --raw is given.
# shellcheck disable=SC2120 # those who source this give options
query() {
  "$CLIENT" --defaults-file="$OPTIONS" --batch --skip-column-names "$@"
}

ask() {
  # shellcheck disable=SC2119 # it has no options of its own
  printf '%s\n' "$1" | query
}

target() {
  if test -n "$TARGET"; then
    connect "$TARGET"
  else
    connect "$HOST"
  fi
}

# Fails unless the connection is as well protected as it should be: some clients go on without.
check_protection() {
  test "$TLS" = disable || test -n "$(ask "show session status like 'Ssl_cipher'" | cut -f 2)" ||
    fail "the connection to $SERVER is not encrypted"
}

# Prints the major and minor release in the text $1, of a program or a server, as one number.
release() {
  printf '%s\n' "$1" | sed -n -e 's/^.* Distrib //' -e 's/^.* from //' -e 's/^.* server //' -e 's/^.*Ver //' \
    -e 's/^\([0-9]*\)\.\([0-9]*\).*$/\1 \2/p' | {
    read -r major minor
    echo "$((major * 1000 + minor))"
  }
}

# Fails unless the program whose release is the text $1 can read the server; prints the server's release.
check_server() {
  version=$(ask "select @@version")
  case $FLAVOUR/$version in
    mysql/*MariaDB*) fail "the server $SERVER is MariaDB: the dataset's type must be mariadb" ;;
    mariadb/*MariaDB*) ;;
    mariadb/*) fail "the server $SERVER is no MariaDB: the dataset's type must be mysql" ;;
  esac
  test "$(release "$1")" -ge "$(release "$version")" ||
    fail "the programs ($1) are older than the server ($version)"
  echo "server $version"
}
