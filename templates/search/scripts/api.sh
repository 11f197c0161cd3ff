# What the jobs say to the server, one request after the other. Sourced. Needs curl and jq.
# shellcheck shell=sh

SCRATCH=$(mktemp -d)
export SCRATCH
umask 077

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2
}

die() {
  say "FAILED: $*"
  exit 1
}

# Makes the server $1 the one that is asked. The account is only ever in a file that nobody else can read,
# as the header itself, so that no character of it needs an escape.
open_server() {
  case $TLS in
    disable) SERVER=http://$1:$PORT ;;
    require | verify) SERVER=https://$1:$PORT ;;
    *) die "there is no way $TLS to protect a connection" ;;
  esac
  : >"$SCRATCH/header"
  test -n "$ACCOUNT" || return 0
  test -s "$ACCOUNT/username" || die "the account has no user name"
  {
    cat "$ACCOUNT/username"
    printf ':'
    cat "$ACCOUNT/password"
  } >"$SCRATCH/account"
  encoded=$(base64 <"$SCRATCH/account" | tr -d '\n')
  rm -f "$SCRATCH/account"
  printf 'Authorization: Basic %s\n' "$encoded" >"$SCRATCH/header"
}

# Sends the request $1 for the path $2, with the file $3 as its body if there is one. Leaves the answer in the
# file `answer` and its status in STATUS; fails the job if there is no answer.
call() {
  verb=$1
  path=$2
  body=
  test "$#" -lt 3 || body=$3
  set -- --disable --silent --show-error --globoff --noproxy '*' --connect-timeout 15 --max-time 180
  case $TLS in
    require) set -- "$@" --insecure ;;
    verify) test -z "$CA_FILE" || set -- "$@" --cacert "$CA_FILE" ;;
  esac
  test ! -s "$SCRATCH/header" || set -- "$@" --header "@$SCRATCH/header"
  test -z "$body" || set -- "$@" --header 'Content-Type: application/json' --data-binary "@$body"
  STATUS=$(curl "$@" --request "$verb" --output "$SCRATCH/answer" --write-out '%{http_code}' \
    "$SERVER/$path") || die "the server did not answer $verb $path"
}

# Sends a request that has to succeed.
need() {
  call "$@"
  case $STATUS in
    2*) ;;
    *) refused "$1 $2" ;;
  esac
}

# Fails the job with what the server said.
refused() {
  reason=$(jq -r '[.error.root_cause[0].reason?, .error.reason?, .error?, .message?] |
    map(select(type == "string")) | first // ""' "$SCRATCH/answer" 2>"$SCRATCH/said" || :)
  die "the server refused $1 with $STATUS: $reason"
}

# Prints what the jq program $1 makes of the file $2; the arguments after these are jq's.
pick() {
  program=$1
  file=$2
  shift 2
  jq -r "$@" "$program" "$file" || die "the server's answer is not what it should be"
}

# Prints the name $1 as it has to be in a path.
encoded() {
  jq -rn --arg name "$1" '$name | @uri'
}

# Makes sure that the server is of the kind that is expected, and leaves the id of its cluster in UUID.
greet() {
  need GET ''
  version=$(pick '.version.number // ""' "$SCRATCH/answer")
  kind=$(pick '.version.distribution // "elasticsearch"' "$SCRATCH/answer")
  UUID=$(pick '.cluster_uuid // "_na_"' "$SCRATCH/answer")
  test "$kind" = "$FLAVOUR" || die "this is a server of kind $kind, not $FLAVOUR"
  test "$UUID" != _na_ || die "the server has not formed a cluster"
  say "$kind $version, cluster $UUID"
}

# Tells, for the file $1, whether the repository in the answer is the one that it wants.
same_repository() {
  jq -e --slurpfile desired "$1" '
    $desired[0].repository as $want | .[$want.name] as $have |
    $have.type == $want.body.type and
    ($want.body.settings | to_entries | all(.value == ($have.settings[.key] | tostring)))
  ' "$SCRATCH/answer" >"$SCRATCH/said"
}

# Puts the snapshots of repository $1 that were made for SUBJECT into the file `snapshots`, oldest first.
list_snapshots() {
  need GET "_snapshot/$(encoded "$1")/_all"
  jq --arg subject "$SUBJECT/" '
    if (.snapshots | type) == "array" then
      [.snapshots[] | select((.metadata.bpc? // "") | startswith($subject))] | sort_by(.start_time_in_millis)
    else error("no list") end
  ' "$SCRATCH/answer" >"$SCRATCH/snapshots" || die "the server's list of snapshots is not what it should be"
}
