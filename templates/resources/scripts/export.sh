#!/bin/sh
# API objects by kubectl, a part for each kind: one object to a line, without what the API server writes
# itself, in an order that does not change, and a last line with their number. KINDS holds lines of scope
# and kind in the order in which they come back; NAMESPACES is empty for all.
set -eu
umask 077

# What every cluster makes for itself, and what belongs to bpc, is never written back; nor is what only
# worked in the cluster that it was made in.
# shellcheck disable=SC2016 # the names are those of jq
LIBRARY='
def id: "\(.metadata.namespace // "")/\(.metadata.name)";
def core: .apiVersion == "v1";
def skipped:
  .metadata.labels["app.kubernetes.io/managed-by"] == "bpc"
  or (.metadata.name | IN($own[]))
  or .metadata.labels["kubernetes.io/bootstrapping"] != null
  or .metadata.labels["kube-aggregator.kubernetes.io/automanaged"] != null
  or .metadata.annotations["apf.kubernetes.io/autoupdate-spec"] == "true"
  or (core and .kind == "ConfigMap" and (.metadata.name | IN("kube-root-ca.crt", "openshift-service-ca.crt")))
  or (core and .kind == "Secret" and .type == "kubernetes.io/service-account-token")
  or (core and .kind == "Service" and id == "default/kubernetes")
  or (core and .kind == "Namespace" and (.metadata.name | startswith("kube-")));
def beginning:
  skipped
  or (core and .kind == "Namespace")
  or (core and .kind == "ServiceAccount" and .metadata.name == "default")
  or (.metadata.name | startswith("system:"))
  or (.kind == "PriorityClass" and (.metadata.name | startswith("system-")));
def portable:
  del(.metadata.ownerReferences)
  | if core and .kind == "Service" and .spec.clusterIP != "None"
    then del(.spec.clusterIP, .spec.clusterIPs) else . end
  | if core and .kind == "PersistentVolume"
    then del(.spec.claimRef.uid, .spec.claimRef.resourceVersion) else . end
  | if core and .kind == "ServiceAccount" then del(.secrets) else . end;
def agrees($live):
  . as $here | all(paths(scalars); . as $path
    | (try ($live | getpath($path)) catch null) == ($here | getpath($path)));
'

fail() {
  echo "$*" >&2
  exit 1
}

# Prints the part of kind $1. A dash of a kind becomes two and a dot one, so no two kinds share a part.
part_of() {
  printf '%s' "$1" | sed 's/-/--/g; s/\./-/g'
}

# Makes the kind of part $1 the one that every function works on.
choose() {
  # shellcheck disable=SC2153 # KINDS is the job's variable
  printf '%s\n' "$KINDS" >"$SCRATCH/kinds"
  while read -r SCOPE KIND; do
    test "$(part_of "$KIND")" != "$1" || return 0
  done <"$SCRATCH/kinds"
  fail "part $1 is of a kind that the policy does not name; restore it with the directory of that time"
}

# Writes the kinds that the API server has to the files `namespaced` and `cluster`. One group that does not
# answer, which makes kubectl fail, is no matter unless a kind of it is wanted.
discover() {
  kubectl api-resources --namespaced=true --verbs list --output name \
    >"$SCRATCH/namespaced" 2>"$SCRATCH/said" || :
  kubectl api-resources --namespaced=false --verbs list --output name \
    >"$SCRATCH/cluster" 2>>"$SCRATCH/said" || :
}

served() {
  grep -qFx "$KIND" "$SCRATCH/$SCOPE"
}

# Waits for a kind that an earlier part may have defined.
await_kind() {
  tries=0
  test -e "$SCRATCH/cluster" || discover
  until served; do
    tries=$((tries + 1))
    test "$tries" -lt 30 || refuse_kind
    discover
    served || sleep 2
  done
}

refuse_kind() {
  cat "$SCRATCH/said" >&2
  if grep -qFx "$KIND" "$SCRATCH/namespaced" "$SCRATCH/cluster"; then
    fail "the API server has $KIND, but not as $SCOPE objects: it belongs into the policy's other list"
  fi
  fail "the API server has no kind $KIND"
}

# Writes all objects of the kind at hand to the file $1, a list for each namespace.
fetch() {
  : >"$1"
  if test "$SCOPE" = cluster; then
    kubectl get "$KIND" --output json >"$1" || fail "$KIND could not be read"
  elif test -z "$NAMESPACES"; then
    kubectl get "$KIND" --all-namespaces --output json >"$1" || fail "$KIND could not be read"
  else
    printf '%s\n' "$NAMESPACES" >"$SCRATCH/namespaces"
    while read -r namespace <&3; do
      kubectl get "$KIND" --namespace "$namespace" --output json >>"$1" ||
        fail "$KIND of namespace $namespace could not be read"
    done 3<"$SCRATCH/namespaces"
  fi
}

# Runs jq with the functions above and the names of objects that belong to a restore. jq's own codes must
# not become those of the script: 3 means something else there.
judge() {
  program="(\$names | split(\"\\n\")) as \$own | $LIBRARY $1"
  shift
  printf '%s\n' "$OWN" >"$SCRATCH/own"
  jq --null-input --rawfile names "$SCRATCH/own" "$program" "$@" || fail "the objects cannot be judged"
}

check() {
  kubectl version --output json >"$SCRATCH/version" || fail "the API server does not answer"
  jq --raw-output '"kubectl \(.clientVersion.gitVersion)", "server \(.serverVersion.gitVersion)"' \
    "$SCRATCH/version"
  jq --version | sed 's/-/ /'
  discover
  printf '%s\n' "$KINDS" >"$SCRATCH/kinds"
  while read -r SCOPE KIND <&3; do
    served || refuse_kind
  done 3<"$SCRATCH/kinds"
  test -n "$NAMESPACES" || return 0
  printf '%s\n' "$NAMESPACES" >"$SCRATCH/namespaces"
  while read -r namespace <&3; do
    # A list of a namespace that does not exist is empty, not an error.
    kubectl get namespace "$namespace" --output name >"$SCRATCH/said" ||
      fail "namespace $namespace cannot be read"
  done 3<"$SCRATCH/namespaces"
}

parts() {
  printf '%s\n' "$KINDS" >"$SCRATCH/kinds"
  while read -r _ kind; do
    part_of "$kind"
    echo
  done <"$SCRATCH/kinds"
}

capture() {
  choose "$1"
  fetch "$SCRATCH/list"
  group=
  case $KIND in
    *.*) group=$(printf '%s' "$KIND" | sed 's/^[^.]*\.//') ;;
  esac
  exact=no
  # Before 1.7, jq rounds large numbers.
  test "$(echo 9007199254740993 | jq --compact-output .)" != 9007199254740993 || exact=yes
  jq --null-input --compact-output --sort-keys --arg kind "$KIND" --arg group "$group" --arg exact "$exact" '
    [
      inputs
      | if .kind == "List" and (.items | type) == "array" then .items[]
        else error("kubectl did not answer with a list") end
      | if (.apiVersion | if contains("/") then split("/")[0] else "" end) == $group then .
        else error("\(.apiVersion) is not of group \($group)") end
      | if $exact == "no" and any(.. | numbers; . >= 9007199254740992 or . <= -9007199254740992)
        then error("\(.metadata.name) holds a number that only jq 1.7 and newer keep") else . end
      | del(
          .status, .metadata.managedFields, .metadata.resourceVersion, .metadata.uid, .metadata.selfLink,
          .metadata.generation, .metadata.creationTimestamp, .metadata.deletionTimestamp,
          .metadata.deletionGracePeriodSeconds
        )
    ]
    | sort_by(.metadata.namespace // "", .metadata.name)
    | .[], ["end", $kind, length]
  ' "$SCRATCH/list"
  rm -f "$SCRATCH/list"
}

verify() {
  choose "$1"
  jq --null-input --exit-status --arg kind "$KIND" '
    reduce inputs as $line ({seen: 0, good: true, end: null};
      if .end != null then .good = false
      elif ($line | type) == "array" then .end = $line
      elif ($line | type) == "object" and ($line.apiVersion | type) == "string"
        and ($line.kind | type) == "string" and ($line.metadata.name | type) == "string"
      then .seen += 1
      else .good = false end)
    | .good and .end == ["end", $kind, .seen]
  ' >"$SCRATCH/verdict" || fail "part $1 is not an export of $KIND with all of its objects"
}

guard() {
  test -z "$TARGET" || fail "objects come back to the names that they had: TARGET has no meaning here"
  discover
  # Kinds that are not served yet may be defined by the point itself.
  definitions=$(sed -n '/^customresourcedefinitions-/p' "$SCRATCH/wanted" | wc -l)
  : >"$SCRATCH/occupied"
  while read -r part _ <&4; do
    choose "$part"
    if ! served; then
      test "$definitions" -gt 0 || refuse_kind
      continue
    fi
    fetch "$SCRATCH/list"
    # shellcheck disable=SC2016 # $kind is jq's
    judge 'inputs | .items[] | select(beginning | not) | "\($kind) \(id)"' \
      --raw-output --arg kind "$KIND" "$SCRATCH/list" >>"$SCRATCH/occupied"
  done 4<"$SCRATCH/wanted"
  test -s "$SCRATCH/occupied" || return 0
  echo "the target has $(wc -l <"$SCRATCH/occupied") objects of the wanted kinds, such as" >&2
  head -n 10 "$SCRATCH/occupied" >&2
  exit 3
}

# Nothing has to go: what exists is replaced, and what the point does not know stays.
clear() {
  : >"$SCRATCH/confirmed"
}

restore() {
  choose "$1"
  cat >"$SCRATCH/lines"
  verify "$1" <"$SCRATCH/lines"
  await_kind
  fetch "$SCRATCH/live"
  # shellcheck disable=SC2016 # the names are those of jq
  judge '
    [$live[].items[] | {key: id, value: .metadata.ownerReferences}] | from_entries as $there
    | [inputs | objects | select(skipped | not) | portable] as $back
    | {
        back: $back,
        made: [$back[] | select(id | in($there) | not)],
        replaced: [
          $back[] | select(id | in($there))
          | $there[id] as $owners
          | if $owners == null then . else .metadata.ownerReferences = $owners end
        ],
        clash: [$back[] | select((id | in($there)) and (beginning | not)) | id]
      }
  ' --compact-output --slurpfile live "$SCRATCH/live" "$SCRATCH/lines" >"$SCRATCH/plan"
  rm -f "$SCRATCH/lines" "$SCRATCH/live"
  clashes=$(jq '.clash | length' "$SCRATCH/plan")
  if ! test -e "$SCRATCH/confirmed" && test "$clashes" -gt 0; then
    fail "objects appeared at the target since it was looked at"
  fi
  jq --compact-output '.back' "$SCRATCH/plan" >"$SCRATCH/back-$1"
  write made create
  write replaced replace
  rm -f "$SCRATCH/plan"
  count=$(jq length "$SCRATCH/back-$1")
  if test "$1" = customresourcedefinitions-apiextensions-k8s-io && test "$count" -gt 0; then
    jq --compact-output '.[]' "$SCRATCH/back-$1" >"$SCRATCH/objects"
    kubectl wait --for condition=Established --timeout 120s --filename "$SCRATCH/objects" >&2
  fi
}

# Writes the objects in list $1 of the plan with the command $2.
write() {
  count=$(jq --arg list "$1" '.[$list] | length' "$SCRATCH/plan")
  test "$count" -gt 0 || return 0
  # Objects one by one are validated by the API server, strictly; a list would be by kubectl.
  jq --compact-output --arg list "$1" '.[$list][]' "$SCRATCH/plan" >"$SCRATCH/objects"
  kubectl "$2" --field-manager bpc-restore --filename "$SCRATCH/objects" >&2 ||
    fail "not all objects of kind $KIND could be written ($2)"
}

finish() {
  while read -r part _ <&4; do
    choose "$part"
    fetch "$SCRATCH/live"
    # shellcheck disable=SC2016 # the names are those of jq
    judge '
      [$live[].items[] | {key: id, value: .}] | from_entries as $there
      | $back[0] as $wanted
      | ($wanted[] | select(id | in($there) | not) | "missing \(id)"),
        ($wanted[] | select(id | in($there)) | select(agrees($there[id]) | not) | "changed \(id)")
    ' --raw-output --slurpfile live "$SCRATCH/live" --slurpfile back "$SCRATCH/back-$part" \
      >"$SCRATCH/odd"
    echo "$KIND: $(jq length "$SCRATCH/back-$part") objects" >&2
    sed "s/^changed/$KIND, changed by the cluster as it came back:/" "$SCRATCH/odd" >&2
    if grep -q '^missing ' "$SCRATCH/odd"; then
      fail "not all objects of kind $KIND are there"
    fi
  done 4<"$SCRATCH/wanted"
}

"$@"
