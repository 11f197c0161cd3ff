#!/bin/sh
# Brings one snapshot back. WANTED is empty for the newest good one, `list` to show all, the name of one, or a
# moment such as 2026-11-24T10:00:00Z for the newest that is not younger. With PREFIX every name gets it, so
# that the live data stays as it is. With DRILL the copies are made with a name of their own, looked at, and
# removed. With STATE the settings of the whole cluster come back, too. TARGET is another server than HOST.
# shellcheck disable=SC2016 # programs of jq
set -eu

# shellcheck source=templates/search/scripts/api.sh
. "$(dirname "$0")/api.sh"

# Nobody has to say any of these.
WANTED=$(printenv WANTED || :)
CONFIRM=$(printenv CONFIRM || :)
TARGET=$(printenv TARGET || :)
PREFIX=$(printenv PREFIX || :)
STATE=$(printenv STATE || :)
DRILL=$(printenv DRILL || :)

REPOSITORY=$(pick .repository.name "$DESIRED")
SUBJECT=$(pick .subject "$DESIRED")
BORROWED=
code=0

# Leaves the server as it was found: indices that were closed for a restore that never began are opened again.
leave() {
  code=$?
  trap - EXIT
  if test -s "$SCRATCH/closed"; then
    while read -r each <&7; do
      (need POST "$(encoded "$each")/_open") || say "index $each is closed, and could not be opened again"
    done 7<"$SCRATCH/closed"
  fi
  if test -n "$BORROWED"; then
    (need DELETE "_snapshot/$(encoded "$BORROWED")") || say "repository $BORROWED is still registered"
  fi
  rm -rf "$SCRATCH"
  exit "$code"
}
trap leave EXIT
trap 'die "stopped from outside"' TERM INT

# Makes the repository readable here. On a server that does not have it, it is only borrowed, and never for
# writing: two clusters that write to one folder destroy each other's snapshots.
open_repository() {
  call GET "_snapshot/$(encoded "$REPOSITORY")"
  if test "$STATUS" = 200 && same_repository "$DESIRED"; then
    return 0
  fi
  test "$STATUS" = 200 || test "$STATUS" = 404 || refused "GET _snapshot/$REPOSITORY"
  BORROWED=$REPOSITORY--restore
  REPOSITORY=$BORROWED
  jq '.repository.body | .settings.readonly = "true"' "$DESIRED" >"$SCRATCH/body"
  need PUT "_snapshot/$(encoded "$REPOSITORY")" "$SCRATCH/body"
}

# Prints the name of the snapshot that is wanted; empty if there is none.
choose() {
  case $WANTED in
    '') pick '[.[] | select(.state == "SUCCESS")] | last | .snapshot // ""' "$SCRATCH/snapshots" ;;
    [0-9][0-9][0-9][0-9]-*T*Z)
      pick '($moment | fromdate) as $limit |
        [.[] | select(.state == "SUCCESS" and .start_time_in_millis / 1000 <= $limit)] | last | .snapshot // ""' \
        "$SCRATCH/snapshots" --arg moment "$WANTED"
      ;;
    *)
      pick '[.[] | select(.state == "SUCCESS" and .snapshot == $name)] | last | .snapshot // ""' \
        "$SCRATCH/snapshots" --arg name "$WANTED"
      ;;
  esac
}

# Puts into the file `plan`, for each index and data stream that comes back, its name there and its name here.
# What the server keeps for itself, under names with a dot, only comes back where a pattern asked for it.
make_plan() {
  jq --arg name "$SNAPSHOT" --arg prefix "$PREFIX" --slurpfile desired "$DESIRED" '
    (.[] | select(.snapshot == $name)) as $snapshot |
    ($desired[0].indices | any(.[]; startswith("."))) as $dotted |
    ($snapshot.data_streams // []) as $streams |
    [$snapshot.indices[] | select(startswith(".ds-") | not) | select($dotted or (startswith(".") | not))] as $indices |
    {
      streams: [$streams[] | {from: ., to: ($prefix + .)}],
      indices: [$indices[] | {from: ., to: ($prefix + .)}]
    }
  ' "$SCRATCH/snapshots" >"$SCRATCH/plan" || die "snapshot $SNAPSHOT cannot be read"
  asked=$(pick '.indices + .streams | length' "$SCRATCH/plan")
  test "$asked" -gt 0 || die "snapshot $SNAPSHOT holds no index"
}

# Puts what is on the server now into the file `there`, and what of it stands in the way into `occupied`.
look_at_target() {
  need GET '_cat/indices?format=json&h=index,status,health,docs.count&expand_wildcards=all'
  mv "$SCRATCH/answer" "$SCRATCH/there"
  echo '{"data_streams": []}' >"$SCRATCH/streams"
  some=$(pick '.streams | length' "$SCRATCH/plan")
  if test "$some" -gt 0; then
    need GET '_data_stream?expand_wildcards=all'
    mv "$SCRATCH/answer" "$SCRATCH/streams"
  fi
  jq -r --slurpfile there "$SCRATCH/there" '
    [$there[0][].index] as $names | .indices[].to | select(IN($names[]))
  ' "$SCRATCH/plan" >"$SCRATCH/occupied" || die "the list of indices is not what it should be"
  jq -r --slurpfile there "$SCRATCH/streams" '
    [$there[0].data_streams[].name] as $names | .streams[].to | select(IN($names[]))
  ' "$SCRATCH/plan" >"$SCRATCH/streaming" || die "the list of data streams is not what it should be"
}

# Closes the indices in the way: a restore can be made over closed ones, and if it is refused they are opened
# again. Data streams cannot be closed, and have to go.
clear_target() {
  : >"$SCRATCH/closed"
  while read -r each <&4; do
    status=$(pick '.[] | select(.index == $name) | .status' "$SCRATCH/there" --arg name "$each")
    test "$status" = open || continue
    need POST "$(encoded "$each")/_close"
    printf '%s\n' "$each" >>"$SCRATCH/closed"
  done 4<"$SCRATCH/occupied"
  while read -r each <&4; do
    need DELETE "_data_stream/$(encoded "$each")"
    say "data stream $each is removed, to be restored"
  done 4<"$SCRATCH/streaming"
}

# Copies with other names must not answer for the live ones: they get no aliases, and no policy that would
# remove them because of their age.
begin() {
  jq --arg prefix "$PREFIX" --arg state "$STATE" --arg kind "$FLAVOUR" --arg drill "$DRILL" '
    {
      indices: ([.indices[].from, .streams[].from] | join(",")),
      ignore_unavailable: false,
      partial: false,
      include_global_state: ($state != ""),
      include_aliases: ($prefix == "")
    } +
    (if $kind == "elasticsearch" and $state == "" then {feature_states: ["none"]} else {} end) +
    (if $prefix == "" then {} else {
      rename_pattern: "(.+)",
      rename_replacement: ($prefix + "$1"),
      ignore_index_settings: ["index.lifecycle.name", "index.lifecycle.rollover_alias"]
    } end) +
    (if $drill == "" then {} else {index_settings: {"index.number_of_replicas": 0}} end)
  ' "$SCRATCH/plan" >"$SCRATCH/body"
  need POST "_snapshot/$(encoded "$REPOSITORY")/$(encoded "$SNAPSHOT")/_restore?wait_for_completion=false" \
    "$SCRATCH/body"
  : >"$SCRATCH/closed"
}

# Waits until every first copy of every shard was read from the snapshot and is in use.
await() {
  while :; do
    need GET '_cat/recovery?format=json&h=index,shard,type,stage,snapshot'
    mv "$SCRATCH/answer" "$SCRATCH/recovery"
    need GET '_cat/shards?format=json&h=index,shard,prirep,state,unassigned.reason'
    mv "$SCRATCH/answer" "$SCRATCH/shards"
    find_names
    jq -n --arg snapshot "$SNAPSHOT" --slurpfile names "$SCRATCH/names" --slurpfile shards "$SCRATCH/shards" \
      --slurpfile recovery "$SCRATCH/recovery" '
      [$shards[0][] | select(.prirep == "p" and (.index | IN($names[0][])))] as $mine |
      [$mine[] | select(.state != "STARTED")] as $waiting |
      [$mine[] | select(.["unassigned.reason"] == "ALLOCATION_FAILED" and .state == "UNASSIGNED")] as $failed |
      [$recovery[0][] | select(.type == "snapshot" and .snapshot == $snapshot and .stage == "done") |
        "\(.index) \(.shard)"] as $read |
      [$mine[] | select("\(.index) \(.shard)" | IN($read[]) | not)] as $unread |
      {
        all: ($mine | length), waiting: ($waiting | length), unread: ($unread | length),
        failed: [$failed[] | "\(.index) \(.shard)"],
        missing: [$names[0][] | select(IN($mine[].index) | not)]
      }
    ' >"$SCRATCH/progress" || die "the state of the restore cannot be read"
    failed=$(pick '.failed | join(", ")' "$SCRATCH/progress")
    test -z "$failed" || die "these shards could not be restored: $failed"
    left=$(pick '(.waiting + .unread + (.missing | length))' "$SCRATCH/progress")
    test "$left" -gt 0 || return 0
    say "$(pick '"\(.all - .waiting) of \(.all) shards are in use"' "$SCRATCH/progress")"
    sleep "$POLL"
  done
}

# Puts the names that the indices have here into the file `names`; those of a data stream are its own.
find_names() {
  echo '{"data_streams": []}' >"$SCRATCH/streams"
  some=$(pick '.streams | length' "$SCRATCH/plan")
  if test "$some" -gt 0; then
    need GET '_data_stream?expand_wildcards=all'
    mv "$SCRATCH/answer" "$SCRATCH/streams"
  fi
  jq --slurpfile streams "$SCRATCH/streams" '
    [.streams[].to] as $wanted |
    [.indices[].to] + [$streams[0].data_streams[] | select(.name | IN($wanted[])) | .indices[].index_name]
  ' "$SCRATCH/plan" >"$SCRATCH/names" || die "the names of what came back are not known"
}

# Prints for each index how many documents it has, and how many the live one had. The server does not write
# down how many there were when the snapshot was made, so they cannot be compared with that.
report() {
  need GET '_cat/indices?format=json&h=index,health,docs.count&expand_wildcards=all'
  jq -r --slurpfile before "$SCRATCH/there" --slurpfile after "$SCRATCH/answer" --slurpfile names "$SCRATCH/names" \
    --arg prefix "$PREFIX" '
    ([$before[0][] | {key: .index, value: .["docs.count"]}] | from_entries) as $live |
    [$after[0][] | select(.index | IN($names[0][]))] | sort_by(.index)[] |
    (.index | if startswith($prefix) then .[($prefix | length):] else . end) as $name |
    "\(.index) \(.["docs.count"] // "?") documents, \($live[$name] // "none") in the live one before"
  ' "$SCRATCH/plan" >"$SCRATCH/report" || die "the restored indices cannot be counted"
  cat "$SCRATCH/report" >&2
  uncounted=$(pick '[.[] | select(.index | IN($names[0][])) | select(.["docs.count"] == null or .health == "red")] |
    length' "$SCRATCH/answer" --slurpfile names "$SCRATCH/names")
  test "$uncounted" -eq 0 || die "$uncounted of the restored indices cannot be read"
}

end_drill() {
  pick '.indices[].to' "$SCRATCH/plan" >"$SCRATCH/remove"
  while read -r each <&4; do
    need DELETE "$(encoded "$each")"
  done 4<"$SCRATCH/remove"
  pick '.streams[].to' "$SCRATCH/plan" >"$SCRATCH/remove"
  while read -r each <&4; do
    need DELETE "_data_stream/$(encoded "$each")"
  done 4<"$SCRATCH/remove"
}

if test -n "$DRILL"; then
  PREFIX=bpc-drill-$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')-
  test -z "$STATE" || die "a drill does not bring the settings of the cluster back"
fi
case $PREFIX in
  *[!a-z0-9-]* | -*) die "prefix may only hold lower-case letters, digits and dashes, and begins with no dash" ;;
esac
if test -n "$TARGET"; then
  open_server "$TARGET"
else
  open_server "$HOST"
fi
greet
open_repository
list_snapshots "$REPOSITORY"
if test "$WANTED" = list; then
  pick '.[] | "\(.start_time_in_millis / 1000 | floor | todate) \(.snapshot) \(.state) \(.indices | length) indices"' \
    "$SCRATCH/snapshots"
  exit 0
fi
SNAPSHOT=$(choose)
test -n "$SNAPSHOT" || die "there is no good snapshot of $POLICY/$DATASET at $LOCATION that fits '$WANTED'"
say "restoring snapshot $SNAPSHOT from $LOCATION"
make_plan
look_at_target
if test -s "$SCRATCH/occupied" || test -s "$SCRATCH/streaming"; then
  test "$CONFIRM" = "overwrite $POLICY/$DATASET" ||
    die "the target holds $(cat "$SCRATCH/occupied" "$SCRATCH/streaming" | tr '\n' ' '): to overwrite that, set" \
      "confirm to: overwrite $POLICY/$DATASET"
  clear_target
fi
begin
await
report
if test -n "$DRILL"; then
  end_drill
  say "snapshot $SNAPSHOT can be restored; the copies are removed again"
else
  say "snapshot $SNAPSHOT is restored"
fi
