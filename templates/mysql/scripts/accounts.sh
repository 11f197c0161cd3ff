# The accounts and roles of a server, and what they are granted, as SQL. The statements of each stand
# between two lines that carry the digits of its name and host. Sourced.
# shellcheck shell=sh

# Prints the condition of the accounts that somebody made.
made() {
  case $FLAVOUR in
    mysql) echo "user not in ('mysql.sys', 'mysql.session', 'mysql.infoschema')" ;;
    mariadb) echo "user <> 'mariadb.sys'" ;;
  esac
}

# Reads expressions and prints a query for the statements of each account: the expression must give the
# statement that the server is asked with.
ask_for() {
  cat <<SQL
set session sql_mode = '';
select concat('select ''-- account ', lower(hex(user)), '-', lower(hex(host)), ''';
', $1, ';
select ''-- end ', lower(hex(user)), '-', lower(hex(host)), ''';') from mysql.user where $(made) and $2;
SQL
}

# Runs the queries of the file $1 and prints what the server answers as SQL. Each answer is one line in
# which backslashes, line breaks and tabs are escaped.
answers() {
  {
    echo "set session sql_mode = '';"
    # Else a password's hash holds whatever bytes it holds.
    test "$FLAVOUR" != mysql || echo "set session print_identified_with_as_hex = on;"
    cat "$1"
    echo "select '-- complete';"
  } >"$OWN/asked"
  query <"$OWN/asked" >"$OWN/answers"
  sed -e '/^-- /b' -e 's/\\\\/\\s/g' -e 's/\\n/\
/g' -e "s/\\\\t/$(printf '\t')/g" -e 's/\\s/\\/g' -e 's/$/;/' \
    -e 's/^CREATE USER /CREATE USER IF NOT EXISTS /' -e 's/^CREATE ROLE /CREATE ROLE IF NOT EXISTS /' \
    "$OWN/answers"
}

accounts() {
  user="concat('show create user ', quote(user), '@', quote(host))"
  case $FLAVOUR in
    mysql)
      # An account whose default is a role can only be made when the role is there.
      given="(user, host) in (select user, host from mysql.default_roles)"
      ask_for "$user" "not $given"
      ask_for "$user" "$given"
      ;;
    mariadb)
      ask_for "concat('select concat(''CREATE ROLE \`'', replace(', quote(user), ', ''\`'', ''\`\`''), ''\`'')')" \
        "is_role = 'Y' and user <> 'PUBLIC'"
      ask_for "$user" "is_role = 'N'"
      ;;
  esac >"$OWN/questions"
  query --raw <"$OWN/questions" >"$OWN/queries"
  answers "$OWN/queries"
}

grants() {
  case $FLAVOUR in
    mysql) ask_for "concat('show grants for ', quote(user), '@', quote(host))" "true" ;;
    mariadb)
      ask_for "concat('show grants for ', quote(user))" "is_role = 'Y'"
      ask_for "concat('show grants for ', quote(user), '@', quote(host))" "is_role = 'N'"
      ;;
  esac >"$OWN/questions"
  query --raw <"$OWN/questions" >"$OWN/queries"
  answers "$OWN/queries"
}

# Reads statements, and prints those of the accounts that the target did not have.
of_new_accounts() {
  sed 's,.*,/^-- account &$/\,/^-- end &$/d,' "$OWN/existing" >"$OWN/skipped"
  echo "set session sql_mode = '';"
  sed -f "$OWN/skipped"
}

# Runs the statements of the file $1 to the end, whatever fails, and prints on standard output why.
run_all() {
  code=0
  query --force <"$1" >"$OWN/said" 2>&1 || code=$?
  grep '^ERROR' "$OWN/said" || test "$code" -eq 0 || {
    cat "$OWN/said" >&2
    fail "the statements were not run"
  }
}

# Accounts that are there stay as they are, such as that which restores.
restore_accounts() {
  ask "select concat(lower(hex(user)), '-', lower(hex(host))) from mysql.user" >"$OWN/existing"
  of_new_accounts >"$OWN/accounts"
  # A role may itself need another one to be there.
  run_all "$OWN/accounts" >"$OWN/complaints"
  test ! -s "$OWN/complaints" || run_all "$OWN/accounts" >"$OWN/complaints"
  test ! -s "$OWN/complaints" || query <"$OWN/accounts"
}

# A server keeps grants on tables and routines that are gone, or that are not part of the point.
restore_grants() {
  of_new_accounts >"$OWN/grants"
  run_all "$OWN/grants" >"$OWN/complaints"
  sed 's/^ERROR/not granted:/' "$OWN/complaints" >&2
  ! grep -qv -e '^ERROR 1146 ' -e '^ERROR 1305 ' "$OWN/complaints"
}
