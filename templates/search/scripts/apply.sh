#!/bin/sh
# Tells the server where to put its snapshots and when to make them, and then fails unless the newest one of
# each policy is good, young enough, and holds every index that it should. The server makes the snapshots.
# shellcheck disable=SC2016 # programs of jq
set -eu

# shellcheck source=templates/search/scripts/api.sh
. "$(dirname "$0")/api.sh"

code=0
trap 'code=$?; rm -rf "$SCRATCH"; exit $code' EXIT
trap 'die "stopped from outside"' TERM INT

ADOPT=$(printenv ADOPT || :)
REPOSITORY=$(pick .repository.name "$DESIRED")
SUBJECT=$(pick .subject "$DESIRED")
FAULTS=0

fault() {
  say "$*"
  FAULTS=$((FAULTS + 1))
}

# Puts the repository as the policy wants it, read-only if $1 is true, into the file `body`.
repository_body() {
  jq --argjson locked "$1" '.repository.body | .settings.readonly = ($locked | tostring)' "$DESIRED" \
    >"$SCRATCH/body"
}

# Two clusters that write to one folder destroy each other's snapshots. Until it is known that no other cluster
# has written there, the folder is only looked at.
apply_repository() {
  name=$(encoded "$REPOSITORY")
  call GET "_snapshot/$name"
  registered=no
  case $STATUS in
    200)
      if same_repository "$DESIRED"; then
        registered=yes
      fi
      ;;
    404) ;;
    *) refused "GET _snapshot/$name" ;;
  esac
  if test "$registered" = no; then
    repository_body true
    need PUT "_snapshot/$name?verify=false" "$SCRATCH/body"
  fi
  list_snapshots "$REPOSITORY"
  last=$(pick 'last | .metadata.cluster // ""' "$SCRATCH/snapshots")
  if test -n "$last" && test "$last" != "$UUID" && test "$last" != "$ADOPT"; then
    repository_body true
    need PUT "_snapshot/$name?verify=false" "$SCRATCH/body"
    stop_policies
    die "the newest snapshot in $LOCATION is of another cluster, $last. If that one is gone for good, and what" \
      "you need is restored, set adopt to that id"
  fi
  need GET "_snapshot/$name"
  locked=$(pick '.[$name].settings.readonly // "false"' "$SCRATCH/answer" --arg name "$REPOSITORY")
  if test "$registered" = no || test "$locked" != false; then
    repository_body false
    need PUT "_snapshot/$name" "$SCRATCH/body"
    say "repository $REPOSITORY is registered"
  fi
  need GET "_snapshot/$name"
  same_repository "$DESIRED" || die "the server did not keep repository $REPOSITORY as it was given"
  need POST "_snapshot/$name/_verify"
  nodes=$(pick '.nodes | length' "$SCRATCH/answer")
  test "$nodes" -gt 0 || die "no node can write to repository $REPOSITORY"
  say "repository $REPOSITORY: $nodes nodes can write to it"
}

# Takes the policies away from a server that must not write, so that it does not even try.
stop_policies() {
  pick '.policies[].name' "$DESIRED" >"$SCRATCH/names"
  while read -r each <&4; do
    stop_policy "$each"
  done 4<"$SCRATCH/names"
}

stop_policy() {
  case $FLAVOUR in
    elasticsearch)
      call DELETE "_slm/policy/$(encoded "$1")"
      test "$STATUS" = 404 || test "$STATUS" = 200 || refused "DELETE _slm/policy/$1"
      ;;
    opensearch)
      call POST "_plugins/_sm/policies/$(encoded "$1")/_stop"
      test "$STATUS" = 404 || test "$STATUS" = 200 || refused "POST _plugins/_sm/policies/$1/_stop"
      ;;
  esac
}

# Succeeds if everything that the file `wanted` says is said by the file `found` as well.
as_wanted() {
  jq -en --slurpfile wanted "$SCRATCH/wanted" --slurpfile found "$SCRATCH/found" '
    def within($a; $b):
      if ($a | type) == "object" then
        ($b | type) == "object" and all($a | keys[]; . as $key | within($a[$key]; $b[$key]))
      else $a == $b end;
    within($wanted[0]; $found[0])
  ' >"$SCRATCH/said"
}

# Reads policy $1 into the files `policy` (all that the server says of it) and `found` (what it does).
read_policy() {
  case $FLAVOUR in
    elasticsearch)
      call GET "_slm/policy/$(encoded "$1")"
      inner='.[$name].policy'
      outer='.[$name]'
      ;;
    opensearch)
      call GET "_plugins/_sm/policies/$(encoded "$1")"
      inner=.sm_policy
      outer=.
      ;;
    *) die "there is no server of kind $FLAVOUR" ;;
  esac
  case $STATUS in
    200)
      pick "$outer" "$SCRATCH/answer" --arg name "$1" >"$SCRATCH/policy"
      pick "$inner" "$SCRATCH/answer" --arg name "$1" >"$SCRATCH/found"
      ;;
    404)
      echo null >"$SCRATCH/policy"
      echo null >"$SCRATCH/found"
      ;;
    *) refused "the question for policy $1" ;;
  esac
}

write_policy() {
  case $FLAVOUR in
    elasticsearch) need PUT "_slm/policy/$(encoded "$1")" "$SCRATCH/wanted" ;;
    opensearch)
      at="_plugins/_sm/policies/$(encoded "$1")"
      there=$(pick type "$SCRATCH/policy")
      if test "$there" = null; then
        need POST "$at" "$SCRATCH/wanted"
      else
        which=$(pick '"if_seq_no=\(._seq_no)&if_primary_term=\(._primary_term)"' "$SCRATCH/policy")
        need PUT "$at?$which" "$SCRATCH/wanted"
      fi
      ;;
  esac
  say "policy $1 is set"
}

apply_policy() {
  jq --arg name "$1" --arg cluster "$UUID" --arg kind "$FLAVOUR" '
    .policies[] | select(.name == $name) | .body |
    if $kind == "elasticsearch" then .config.metadata.cluster = $cluster
    else .snapshot_config.metadata.cluster = $cluster end
  ' "$DESIRED" >"$SCRATCH/wanted"
  read_policy "$1"
  if ! as_wanted; then
    write_policy "$1"
    read_policy "$1"
    as_wanted || die "the server did not keep policy $1 as it was given"
  fi
}

# Prints since when policy $1 has been as it is, in seconds.
set_at() {
  case $FLAVOUR in
    elasticsearch) pick '(.modified_date_millis // 0) / 1000 | floor' "$SCRATCH/policy" ;;
    opensearch) pick '(.sm_policy.last_updated_time // 0) / 1000 | floor' "$SCRATCH/policy" ;;
  esac
}

# Says what the server itself knows of the last run of policy $1, where that failed.
check_last_run() {
  case $FLAVOUR in
    elasticsearch)
      problem=$(pick 'if (.last_failure.time // 0) > (.last_success.time // 0)
        then "snapshot \(.last_failure.snapshot_name): \(.last_failure.details // "no reason given")"
        else "" end' "$SCRATCH/policy")
      ;;
    opensearch)
      need GET "_plugins/_sm/policies/$(encoded "$1")/_explain"
      problem=$(pick '[.policies[]? | .creation.latest_execution |
        select(.status == "FAILED" or .status == "TIME_LIMIT_EXCEEDED") |
        "\(.status): \(.info.message // "") \(.info.cause // "")"] | first // ""' "$SCRATCH/answer")
      ;;
  esac
  test -z "$problem" || fault "policy $1: the last run failed: $(printf '%.500s' "$problem")"
}

# Puts what exists and has to be in a snapshot into the file `live`: names, and when each was made.
list_live() {
  expression=$(pick '.indices | if any(.[]; startswith("-") | not) then . else ["*"] + . end | join(",")' \
    "$DESIRED")
  need GET "_cat/indices/$(encoded "$expression")?format=json&h=index,creation.date&expand_wildcards=all"
  mv "$SCRATCH/answer" "$SCRATCH/indices"
  need GET "_resolve/index/$(encoded "$expression")?expand_wildcards=all"
  # The server looks after its own indices, whose names begin with a dot, unless a pattern asks for them.
  jq -n --slurpfile desired "$DESIRED" --slurpfile all "$SCRATCH/indices" --slurpfile resolved "$SCRATCH/answer" '
    ($desired[0].indices | any(.[]; startswith("."))) as $dotted |
    ([$all[0][] | {key: .index, value: (.["creation.date"] | tonumber)}] | from_entries) as $made |
    [($made | to_entries[] | {name: .key, made: .value}),
      ($resolved[0].data_streams[]? | {name: .name, made: ([.backing_indices[] | $made[.] // 0] | min // 0)})] |
    map(select($dotted or (.name | startswith(".") | not)))
  ' >"$SCRATCH/live" || die "the list of indices is not what it should be"
}

# Looks at the snapshots of policy $1, and says everything that is wrong with them.
check_points() {
  now=$(date -u +%s)
  jq --arg name "$1" --argjson now "$now" --argjson since "$(set_at)" --slurpfile desired "$DESIRED" \
    --slurpfile live "$SCRATCH/live" '
    ($desired[0].policies[] | select(.name == $name)) as $policy |
    [.[] | select(.metadata.bpc == $policy.subject)] as $mine |
    [$mine[] | select(.state == "IN_PROGRESS")] as $running |
    [$mine[] | select(.state != "IN_PROGRESS")] as $ended |
    ([$ended[] | select(.state == "SUCCESS")] | last) as $good |
    ($ended | last) as $newest |
    (if $good == null then $since else ($good.start_time_in_millis / 1000 | floor) end) as $from |
    {
      newest: ($good.snapshot // ""),
      begun: (($good.start_time_in_millis // 0) / 1000 | floor),
      ended: (($good.end_time_in_millis // 0) / 1000 | floor),
      indices: ($good.indices // [] | length),
      faults: [
        ($running[] | select(.start_time_in_millis / 1000 + $policy.longest < $now) |
          "snapshot \(.snapshot) has been running for longer than \($policy.longest) seconds"),
        (if $newest != null and $newest.state != "SUCCESS" then
          "the newest snapshot \($newest.snapshot) is \($newest.state)" else empty end),
        (if $now - $from > $policy.oldest then
          if $good == null then "there is no good snapshot, and the policy is \($now - $from) seconds old"
          else "the newest good snapshot \($good.snapshot) was begun \($now - $from) seconds ago, and " +
            "\($policy.oldest) is the most" end
          else empty end),
        (if $good == null then empty else
          (if ($good.shards.failed // 0) > 0 or ($good.failures // [] | length) > 0 then
            "snapshot \($good.snapshot) says SUCCESS and names shards that failed" else empty end),
          (if ($good.end_time_in_millis - $good.start_time_in_millis) / 1000 > $policy.longest then
            "snapshot \($good.snapshot) took longer than \($policy.longest) seconds" else empty end),
          (($good.indices + ($good.data_streams // [])) as $held |
            $live[0][] | select(.made < $good.start_time_in_millis and (.name | IN($held[]) | not)) |
            "snapshot \($good.snapshot) lacks \(.name)"),
          (if ($desired[0].indices | length) > 0 and ($good.indices | length) == 0 then
            "snapshot \($good.snapshot) is empty" else empty end)
        end)
      ]
    }
  ' "$SCRATCH/snapshots" >"$SCRATCH/verdict" || die "the snapshots of policy $1 cannot be judged"
  pick '.faults[]' "$SCRATCH/verdict" >"$SCRATCH/faults"
  while read -r each <&5; do
    fault "policy $1: $each"
  done 5<"$SCRATCH/faults"
  say "policy $1: $(pick 'if .newest == "" then "no snapshot yet" else
    "the newest good snapshot is \(.newest), of \(.indices) indices" end' "$SCRATCH/verdict")"
}

open_server "$HOST"
greet
if test "$PAUSED" = true; then
  stop_policies
  say "paused: the server makes no snapshots for $POLICY/$DATASET"
  exit 0
fi
if test "$FLAVOUR" = elasticsearch; then
  need GET _slm/status
  mode=$(pick '.operation_mode // ""' "$SCRATCH/answer")
  test "$mode" = RUNNING || die "the server's snapshot schedules are $mode for everybody: start them with POST _slm/start"
fi
apply_repository
list_live
pick '.policies[].name' "$DESIRED" >"$SCRATCH/all"
while read -r each <&6; do
  apply_policy "$each"
  check_last_run "$each"
  check_points "$each"
  test -s "$SCRATCH/first" || cp "$SCRATCH/verdict" "$SCRATCH/first"
done 6<"$SCRATCH/all"
test "$FAULTS" -eq 0 || die "$FAULTS things are wrong with the snapshots of $POLICY/$DATASET at $LOCATION"

if test -n "$METRICS_FILE"; then
  pick 'if .newest == "" then empty else
    "bpc_point_begun_timestamp_seconds \(.begun)",
    "bpc_point_ended_timestamp_seconds \(.ended)",
    "bpc_point_duration_seconds \(.ended - .begun)" end' "$SCRATCH/first" >"$METRICS_FILE"
fi
say "the snapshots of $POLICY/$DATASET at $LOCATION are as they should be"
