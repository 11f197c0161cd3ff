# What there is in the databases of a server: a line for each thing, of its kind and the digits of its names.
# Sourced.
# shellcheck shell=sh

# Prints the condition under which the column $1 names a database to be backed up: one whose digits are in
# $2, or any that somebody made. A volume's lost+found looks like a database to MariaDB.
chosen() {
  if test -z "$2"; then
    echo "$1 not in ('mysql', 'sys', 'information_schema', 'performance_schema', '#mysql50#lost+found')"
    return 0
  fi
  # shellcheck disable=SC2086 # digits, one word for each name
  echo "lower(hex($1)) in ($(printf "'%s', " $2)'')"
}

# Prints what is in the databases whose digits are in $1, or in all of them.
inventory() {
  query >"$OWN/rows" <<SQL
select concat_ws(' ', 'database', lower(hex(schema_name)), default_character_set_name, default_collation_name)
  from information_schema.schemata where $(chosen schema_name "$1")
union all
select concat_ws(' ', replace(lower(table_type), ' ', '-'), lower(hex(table_schema)), lower(hex(table_name)))
  from information_schema.tables where $(chosen table_schema "$1")
union all
select concat_ws(' ', replace(lower(routine_type), ' ', '-'), lower(hex(routine_schema)),
    lower(hex(routine_name)))
  from information_schema.routines where $(chosen routine_schema "$1")
union all
select concat_ws(' ', 'trigger', lower(hex(trigger_schema)), lower(hex(trigger_name)))
  from information_schema.triggers where $(chosen trigger_schema "$1")
union all
select concat_ws(' ', 'event', lower(hex(event_schema)), lower(hex(event_name)))
  from information_schema.events where $(chosen event_schema "$1");
SQL
  LC_ALL=C sort "$OWN/rows"
}

# Reads an inventory and prints the digits of its databases.
databases() {
  sed -n 's/^database \([0-9a-f]*\) .*$/\1/p'
}

# Reads an inventory, and prints what is in it without the defaults of databases, which may have other names
# on another server.
things() {
  sed 's/^\(database [0-9a-f]*\) .*$/\1/'
}

# Succeeds if all that the inventory $1 has is in the inventory $2; else prints what is not.
missing() {
  things <"$1" >"$OWN/expected"
  things <"$2" >"$OWN/found"
  grep -vxFf "$OWN/found" "$OWN/expected" >"$OWN/lacking" || :
  while read -r kind schema name; do
    echo "missing: $kind $(shown "$schema") $(shown "$name")" >&2
  done <"$OWN/lacking"
  test ! -s "$OWN/lacking"
}
