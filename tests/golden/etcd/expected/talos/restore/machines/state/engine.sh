# The copy engines, sourced by the scripts of the jobs. A point is one or more parts, and a record that is
# written last: what has no record is not a point. dash has no pipefail, so each stage of a pipe leaves its
# own sign of success behind.
# shellcheck shell=sh

PATH=/tools:$PATH
SCRIPTS=$(cd "$(dirname "$0")" && pwd)
SCRATCH=$(mktemp -d)
export PATH SCRIPTS SCRATCH

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2
}

die() {
  say "FAILED: $*"
  exit 1
}

method() {
  /bin/sh "$SCRIPTS/method.sh" "$@"
}

# Reads the lines of an Azure credentials file that rclone has no file option for.
load_azure() {
  while IFS='=' read -r name value; do
    case $name in
      AZURE_STORAGE_ACCOUNT_ACCESS_KEY)
        export "RCLONE_CONFIG_$2_KEY=$value" "RCLONE_CONFIG_$2_ENV_AUTH=false"
        ;;
      AZURE_TENANT_ID | AZURE_CLIENT_ID | AZURE_CLIENT_SECRET) export "$name=$value" ;;
    esac
  done <"$1"
}

# Makes the store at hand, whose folder is STORE and whose password is in ENCRYPTION_FILE, the one in use.
open_store() {
  test -z "$AZURE_CREDENTIALS_FILE" || load_azure "$AZURE_CREDENTIALS_FILE" STORE
  test -s "$ENCRYPTION_FILE" || die "the file with the encryption password is missing or empty"
  RESTIC_REPOSITORY=rclone:$STORE/restic
  RESTIC_PASSWORD_FILE=$ENCRYPTION_FILE
  export RESTIC_REPOSITORY RESTIC_PASSWORD_FILE
  test "$ENGINE" = object || return 0
  RCLONE_CONFIG_SEALED_TYPE=crypt
  RCLONE_CONFIG_SEALED_REMOTE=$STORE/objects
  RCLONE_CONFIG_SEALED_FILENAME_ENCRYPTION=off
  RCLONE_CONFIG_SEALED_DIRECTORY_NAME_ENCRYPTION=false
  RCLONE_CONFIG_SEALED_PASSWORD=$(rclone obscure - <"$ENCRYPTION_FILE") ||
    die "the encryption password cannot be used"
  export RCLONE_CONFIG_SEALED_TYPE RCLONE_CONFIG_SEALED_REMOTE RCLONE_CONFIG_SEALED_PASSWORD
  export RCLONE_CONFIG_SEALED_FILENAME_ENCRYPTION RCLONE_CONFIG_SEALED_DIRECTORY_NAME_ENCRYPTION
}

repository() {
  restic --option rclone.program=rclone --quiet --retry-lock 10m "$@"
}

# Lists the names in the folder $1 of the store; further words are options of rclone. Stores without folders
# answer with an empty list, those with folders say 3 for one that is not there.
listed() {
  place=$1
  shift
  code=0
  rclone lsf "$@" "$STORE/$place" 2>"$SCRATCH/said" || code=$?
  test "$code" -ne 0 && test "$code" -ne 3 || return 0
  cat "$SCRATCH/said" >&2
  return 1
}

# Writes the ids of all points that have a record, oldest first, to the file `points`.
list_points() {
  listed records --files-only >"$SCRATCH/records" || die "the records of earlier points cannot be listed"
  sed -n 's/^\([0-9]\{8\}T[0-9]\{6\}Z-[0-9a-f]\{6\}\)\.json$/\1/p' "$SCRATCH/records" |
    LC_ALL=C sort >"$SCRATCH/points"
}

# Makes the restic repository unless it is there. One that vanished while its records are there is an
# alarm, not a reason to begin anew.
open_repository() {
  code=0
  repository cat config >"$SCRATCH/config" 2>"$SCRATCH/said" || code=$?
  case $code in
    0) return 0 ;;
    10)
      list_points
      test ! -s "$SCRATCH/points" || die "there are records of earlier points, but the repository is gone"
      repository init || die "the repository cannot be made"
      ;;
    12) die "the password does not open the repository" ;;
    *)
      cat "$SCRATCH/said" >&2
      die "the repository cannot be opened: restic says $code"
      ;;
  esac
}

# Stores part $1 of the point POINT, and leaves its length and digest in the files `bytes` and `digest`.
put() {
  rm -f "$SCRATCH/digest" "$SCRATCH/bytes"
  case $ENGINE in
    restic)
      code=0
      repository backup --host "$CLUSTER/$POLICY/$DATASET" --tag "point=$POINT" --tag "part=$1" \
        --stdin-filename "$1" --stdin-from-command -- /bin/sh "$SCRIPTS/capture.sh" "$1" || code=$?
      test "$code" -eq 0 || die "part $1 was not stored: restic says $code"
      ;;
    object)
      rm -f "$SCRATCH/captured"
      { /bin/sh "$SCRIPTS/capture.sh" "$1" && : >"$SCRATCH/captured"; } |
        rclone rcat "sealed:$POINT/$1" || die "part $1 was not stored"
      test -e "$SCRATCH/captured" || die "part $1 was not read to its end"
      ;;
    *) die "there is no engine $ENGINE" ;;
  esac
}

# Writes part $2 of point $1, as it is in the store, to standard output.
get() {
  case $ENGINE in
    restic)
      repository dump --host "$CLUSTER/$POLICY/$DATASET" --tag "point=$1,part=$2" latest "/$2"
      ;;
    object) rclone cat "sealed:$1/$2" ;;
    *) die "there is no engine $ENGINE" ;;
  esac
}

# Reads part $2 of point $1 from the store into the command that follows, which must read all of it.
# Succeeds only if the store gave all of it, the command took it, and it has $3 bytes with the digest $4.
read_back() {
  id=$1
  part=$2
  bytes=$3
  digest=$4
  shift 4
  rm -f "$SCRATCH/sum" "$SCRATCH/count" "$SCRATCH/given" "$SCRATCH/taken"
  mkfifo "$SCRATCH/sum" "$SCRATCH/count"
  sha256sum <"$SCRATCH/sum" >"$SCRATCH/digest" &
  summing=$!
  wc -c <"$SCRATCH/count" >"$SCRATCH/bytes" &
  counting=$!
  { get "$id" "$part" && : >"$SCRATCH/given"; } |
    tee "$SCRATCH/sum" "$SCRATCH/count" |
    { "$@" && : >"$SCRATCH/taken"; } || :
  if ! test -e "$SCRATCH/given" || ! test -e "$SCRATCH/taken"; then
    kill "$summing" "$counting" 2>"$SCRATCH/killed" || :
    wait "$summing" "$counting" || :
    test -e "$SCRATCH/given" || say "part $part of point $id did not come back whole"
    test -e "$SCRATCH/taken" || say "part $part of point $id is not usable"
    return 1
  fi
  wait "$summing" "$counting" || return 1
  read -r found _ <"$SCRATCH/digest"
  read -r counted _ <"$SCRATCH/bytes"
  if test "$found" != "$digest" || test "$counted" -ne "$bytes"; then
    say "part $part of point $id is not what was stored: $counted bytes, sha256 $found"
    return 1
  fi
}

# Writes the parts of point $1 as lines of name, bytes and digest to the file `parts`.
read_record() {
  rclone cat "$STORE/records/$1.json" >"$SCRATCH/record" || die "the record of point $1 cannot be read"
  sed -n 's/^ *{"part": "\([a-z0-9-]*\)", "bytes": \([0-9]*\), "sha256": "\([0-9a-f]*\)"},\{0,1\}$/\1 \2 \3/p' \
    "$SCRATCH/record" >"$SCRATCH/parts"
  grep -q '"verdict": "verified"' "$SCRATCH/record" || die "the record of point $1 is not that of a good point"
  test -s "$SCRATCH/parts" || die "the record of point $1 names no parts"
}

# Uploads the file `record` as the record of point $1; from then on the point can be chosen.
publish_record() {
  rclone rcat "$STORE/records/$1.json" <"$SCRATCH/record" || die "the record of point $1 was not stored"
  test "$(rclone cat "$STORE/records/$1.json")" = "$(cat "$SCRATCH/record")" ||
    die "the record of point $1 did not come back as it was stored"
}
