#!/bin/sh
# Makes a second copy of the newest verified point, from the store whose variables begin with FROM, reads
# it back from the new place, and only then writes its record there.
set -eu

# shellcheck source=templates/_shared/scripts/engine.sh
. "$(dirname "$0")/engine.sh"

trap 'code=$?; rm -rf "$SCRATCH"; exit $code' EXIT
trap 'die "stopped from outside"' TERM INT

# The check with the data's own tools was made when the point was made; here every byte is compared.
discard() {
  cat >/dev/null
}

BEGUN=$(date -u +%s)
test -z "$FROM_AZURE_CREDENTIALS_FILE" || load_azure "$FROM_AZURE_CREDENTIALS_FILE" FROM
to=$STORE
STORE=$FROM_STORE
list_points
POINT=$(tail -n 1 "$SCRATCH/points")
test -n "$POINT" || die "there is no point to copy at $FROM_LOCATION"
read_record "$POINT"
cp "$SCRATCH/parts" "$SCRATCH/wanted"
cp "$SCRATCH/record" "$SCRATCH/source"
STORE=$to
open_store
list_points
if grep -qFx "$POINT" "$SCRATCH/points"; then
  say "point $POINT is at $LOCATION already: nothing newer was made at $FROM_LOCATION"
  exit 0
fi

case $ENGINE in
  restic)
    RESTIC_FROM_REPOSITORY=rclone:$FROM_STORE/restic
    RESTIC_FROM_PASSWORD_FILE=$FROM_ENCRYPTION_FILE
    export RESTIC_FROM_REPOSITORY RESTIC_FROM_PASSWORD_FILE
    code=0
    repository cat config >"$SCRATCH/config" 2>"$SCRATCH/said" || code=$?
    if test "$code" -eq 10; then
      test ! -s "$SCRATCH/points" || die "there are records of earlier points, but the repository is gone"
      # Equal cuts let the copy share what both have in common.
      repository init --copy-chunker-params || die "the repository cannot be made"
    elif test "$code" -ne 0; then
      cat "$SCRATCH/said" >&2
      die "the repository at $LOCATION cannot be opened: restic says $code"
    fi
    repository copy --tag "point=$POINT" || die "point $POINT was not copied"
    ;;
  object)
    rclone copy --checksum --immutable "$FROM_STORE/objects/$POINT" "$STORE/objects/$POINT" ||
      die "point $POINT was not copied"
    ;;
  *) die "there is no engine $ENGINE" ;;
esac
total=0
while read -r part bytes digest <&4; do
  read_back "$POINT" "$part" "$bytes" "$digest" discard || die "part $part did not arrive whole"
  total=$((total + bytes))
done 4<"$SCRATCH/wanted"
sed "s/^  \"location\": \".*\",\$/  \"location\": \"$LOCATION\",\n  \"from\": \"$FROM_LOCATION\",/" \
  "$SCRATCH/source" >"$SCRATCH/record"
publish_record "$POINT"
if test -n "$METRICS_FILE"; then
  ended=$(date -u +%s)
  {
    sed -n 's/^  "begun": \([0-9]*\),$/bpc_point_begun_timestamp_seconds \1/p' "$SCRATCH/record"
    printf 'bpc_point_ended_timestamp_seconds %s\n' "$ended"
    printf 'bpc_point_duration_seconds %s\n' "$((ended - BEGUN))"
    printf 'bpc_point_bytes %s\n' "$total"
  } >"$METRICS_FILE"
fi
say "point $POINT: $total bytes at $LOCATION, verified"
