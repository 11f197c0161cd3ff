#!/bin/sh
# Makes NAME-restored beside each claim of a dataset, from the newest point that is ready, or from the
# newest that is not younger than POINT, such as 2026-11-24T02:00:00Z. Nothing that exists is touched.
set -eu

# It comes from an optional ConfigMap: without that the variable does not exist at all.
POINT=$(printenv POINT || true)

GROUPS_KIND=volumegroupsnapshots.groupsnapshot.storage.k8s.io
FIELDS='{range .items[*]}{.status.creationTime}{"|"}{.metadata.creationTimestamp}{"|"}'
FIELDS=$FIELDS'{.status.readyToUse}{"|"}{.metadata.name}{"|"}'
SINGLE='{.status.volumeGroupSnapshotName}{"|"}{.spec.source.persistentVolumeClaimName}{"|"}'
SINGLE=$SINGLE'{.metadata.annotations.bpc/claim}{"|"}{.status.restoreSize}'
END='{"\n"}{end}'
LIVE='{.spec.storageClassName}{"|"}{.spec.volumeMode}{"|"}{.status.capacity.storage}{"|"}'
LIVE=$LIVE'{.spec.accessModes}'

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"
}

# Runs one of the functions in a shell of its own, which ends at the first command that fails. Inside
# `if`, a function would go on.
try() {
  /bin/sh "$0" "$@"
}

# Turns a moment in UTC into a number that grows with time.
number() {
  printf '%s' "$1" | tr -dc 0-9
}

# Reads what kubectl printed, drops what is not ready or younger than POINT, and puts the newest first.
sort_points() {
  limit=99999999999999
  test -z "$POINT" || limit=$(number "$POINT")
  while IFS='|' read -r cut made ready rest; do
    test -n "$cut" || cut=$made
    cut=$(number "$cut")
    if test "$ready" = true && test -n "$cut" && test "$cut" -le "$limit"; then
      printf '%s|%s\n' "$cut" "$rest"
    fi
  done <"$SCRATCH/all" >"$SCRATCH/usable"
  sort -rn "$SCRATCH/usable"
}

# Writes the usable snapshots, newest first: `number|name|group|claim|claim that was noted|size`.
find_points() {
  group=
  chosen="bpc/policy=$POLICY,bpc/dataset=$DATASET"
  if test "$TOGETHER" = true; then
    kubectl --namespace "$NAMESPACE" get "$GROUPS_KIND" --selector "$chosen" \
      --output "jsonpath=$FIELDS$END" >"$SCRATCH/all"
    sort_points >"$SCRATCH/groups"
    IFS='|' read -r _ group _ <"$SCRATCH/groups" || true
    test -n "$group" || return 0
    say "the group is $group"
    chosen=
  fi
  kubectl --namespace "$NAMESPACE" get volumesnapshots.snapshot.storage.k8s.io \
    --selector "$chosen" --output "jsonpath=$FIELDS$SINGLE$END" >"$SCRATCH/all"
  if test -n "$group"; then
    # The group decides the moment; its members are told apart by their claims only.
    POINT=
  fi
  sort_points >"$SCRATCH/sorted"
  while IFS='|' read -r cut name member claim noted size; do
    if test "$member" = "$group"; then
      test -n "$claim" || claim=$noted
      printf '%s|%s|%s|%s\n' "$cut" "$name" "$claim" "$size"
    fi
  done <"$SCRATCH/sorted" >"$SCRATCH/points"
}

claims_of_dataset() {
  if test -n "$CLAIMS"; then
    printf '%s\n' "$CLAIMS"
  else
    while IFS='|' read -r _ _ claim _; do
      printf '%s\n' "$claim"
    done <"$SCRATCH/points" >"$SCRATCH/names"
    sort -u "$SCRATCH/names"
  fi
}

# Names of more than 244 characters are cut, and told apart by a checksum.
target_of() {
  if test "$(printf '%.244s' "$1")" = "$1"; then
    printf '%s-restored' "$1"
  else
    printf '%.200sx%s-restored' "$1" "$(printf '%s' "$1" | cksum | tr ' ' x)"
  fi
}

# Makes the claim beside $1.
restore() {
  target=$(target_of "$1")
  if test -n "$(kubectl --namespace "$NAMESPACE" get persistentvolumeclaims "$target" \
    --ignore-not-found --output name)"; then
    say "claim $target exists already; delete it first if nothing needs it any more"
    return 1
  fi
  chosen=
  size=
  while IFS='|' read -r _ name claim bytes; do
    if test -z "$chosen" && test "$claim" = "$1"; then
      chosen=$name
      size=$bytes
    fi
  done <"$SCRATCH/points"
  if test -z "$chosen"; then
    say "claim $1 has no snapshot that is ready and old enough"
    return 1
  fi
  kubectl --namespace "$NAMESPACE" get persistentvolumeclaims "$1" --ignore-not-found \
    --output "jsonpath=$LIVE" >"$SCRATCH/live"
  class=
  mode=
  capacity=
  access=
  IFS='|' read -r class mode capacity access <"$SCRATCH/live" || true
  test -n "$class" || class=$STORAGE_CLASS
  test -n "$mode" || mode=Filesystem
  test -n "$access" || access='["ReadWriteOnce"]'
  case $size in
  '' | 0) size=$capacity ;;
  esac
  if test -z "$size"; then
    say "snapshot $chosen does not say how large it is, and claim $1 is gone"
    return 1
  fi
  kubectl create --filename - <<MANIFEST
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: "$target"
  namespace: "$NAMESPACE"
  labels:
    app.kubernetes.io/managed-by: bpc
    bpc/policy: "$POLICY"
    bpc/dataset: "$DATASET"
  annotations:
    kustomize.toolkit.fluxcd.io/prune: disabled
    argocd.argoproj.io/sync-options: Prune=false,Delete=false
spec:
  storageClassName: "$class"
  volumeMode: "$mode"
  accessModes: $access
  dataSource:
    apiGroup: snapshot.storage.k8s.io
    kind: VolumeSnapshot
    name: "$chosen"
  resources:
    requests:
      storage: "$size"
MANIFEST
  printf '%s\n' "$target" >>"$SCRATCH/made"
  say "claim $target is made from snapshot $chosen"
}

# Waits until the claim $1 has its volume, or until it is plain that it waits for a pod itself.
settle() {
  while true; do
    phase=$(kubectl --namespace "$NAMESPACE" get persistentvolumeclaims "$1" \
      --output 'jsonpath={.status.phase}')
    if test "$phase" = Bound; then
      say "claim $1 is Bound"
      return 0
    fi
    waits=$(kubectl --namespace "$NAMESPACE" get events --output name \
      --field-selector "involvedObject.name=$1,reason=WaitForFirstConsumer")
    if test -n "$waits"; then
      say "claim $1 stays Pending until a pod mounts it: its storage class waits for the first one"
      return 0
    fi
    if test "$(date -u +%s)" -ge "$DEADLINE"; then
      say "claim $1 is still Pending; kubectl describe says what the storage waits for"
      return 1
    fi
    sleep 5
  done
}

if test $# -gt 0; then
  "$@"
  exit 0
fi

case $POINT in
'' | [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z) ;;
*)
  say "the point must be a moment in UTC such as 2026-11-24T02:00:00Z, and it is $POINT"
  exit 1
  ;;
esac
SCRATCH=$(mktemp -d)
DEADLINE=$(($(date -u +%s) + WAIT_SECONDS))
export SCRATCH DEADLINE
: >"$SCRATCH/points"
: >"$SCRATCH/made"
find_points
claims_of_dataset >"$SCRATCH/claims"
found=0
failed=0
while read -r claim <&4; do
  test -n "$claim" || continue
  found=$((found + 1))
  try restore "$claim" || failed=$((failed + 1))
done 4<"$SCRATCH/claims"
while read -r target <&4; do
  try settle "$target" || failed=$((failed + 1))
done 4<"$SCRATCH/made"
if test "$found" -eq 0; then
  say "no snapshot of this dataset in namespace $NAMESPACE is ready and old enough"
  exit 1
fi
say "$found claims, $failed failed"
test "$failed" -eq 0
