#!/bin/sh
# Cuts every claim of a dataset, waits until the storage can restore from it, and only then removes what
# is older than the policy keeps. The newest snapshot that is ready is never removed.
set -eu

KIND=volumesnapshots.snapshot.storage.k8s.io
CONTENTS=volumesnapshotcontents.snapshot.storage.k8s.io
BOUND=boundVolumeSnapshotContentName
REFERENCE=volumeSnapshotRef
HANDLE=snapshotHandle
FIELDS='{range .items[*]}{.spec.source.persistentVolumeClaimName}{"|"}{.metadata.labels.bpc/run}'
FIELDS=$FIELDS'{"|"}{.metadata.labels.bpc/taken}{"|"}{.metadata.name}{"|"}{.status.readyToUse}{"|"}'
FIELDS=$FIELDS'{.status.'$BOUND'}{"\n"}{end}'

# shellcheck source=templates/csi/scripts/retention.sh
. "$(dirname "$0")/retention.sh"

claims_of_dataset() {
  if test -n "$SELECTOR"; then
    kubectl --namespace "$NAMESPACE" get persistentvolumeclaims --selector "$SELECTOR" \
      --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
  else
    printf '%s\n' "$CLAIMS"
  fi
}

# Writes what this rung has of the claim $1 to the file `found`; every line begins with the run behind it.
look() {
  kubectl --namespace "$NAMESPACE" get "$KIND" \
    --selector "bpc/policy=$POLICY,bpc/dataset=$DATASET,bpc/rung=$RUNG" \
    --output "jsonpath=$FIELDS" >"$SCRATCH/all"
  while IFS='|' read -r claim rest; do
    test "$claim" != "$1" || printf '%s\n' "$rest"
  done <"$SCRATCH/all" >"$SCRATCH/found"
}

# Names of more than 200 characters are cut, and told apart by a checksum.
stem() {
  short=$(printf '%.200s' "$1")
  if test "$short" = "$1"; then
    printf '%s' "$1"
  else
    printf '%sx%s' "$short" "$(printf '%s' "$1" | cksum | tr ' ' x)"
  fi
}

# Cuts the claim $1, unless an earlier attempt of the same run did, and notes the name of the snapshot.
cut() {
  look "$1"
  made=
  while IFS='|' read -r run _ name _; do
    test -z "$RUN" || test "$run" != "$RUN" || made=$name
  done <"$SCRATCH/found"
  if test -z "$made"; then
    made="$(stem "$1")--$RUNG--$(date -u +%Y%m%d%H%M%S)"
    kubectl create --filename - <<MANIFEST
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata:
  name: "$made"
  namespace: "$NAMESPACE"
  labels:
    app.kubernetes.io/managed-by: bpc
    bpc/policy: "$POLICY"
    bpc/dataset: "$DATASET"
    bpc/rung: "$RUNG"
    bpc/run: "$RUN"
    bpc/taken: "$(date -u +%s)"
  annotations:
    kustomize.toolkit.fluxcd.io/prune: disabled
    argocd.argoproj.io/sync-options: Prune=false,Delete=false
spec:
  volumeSnapshotClassName: "$SNAPSHOT_CLASS"
  source:
    persistentVolumeClaimName: "$1"
MANIFEST
  fi
  printf '%s %s\n' "$made" "$1" >>"$SCRATCH/cut"
}

# Waits for the snapshot $1 of the claim $2, then removes older ones of that claim.
finish() {
  ready "$1"
  look "$2"
  while IFS='|' read -r _ rest; do
    printf '%s\n' "$rest"
  done <"$SCRATCH/found" >"$SCRATCH/claim"
  prune "$SCRATCH/claim"
}

if test $# -gt 0; then
  "$@"
  exit 0
fi

SCRATCH=$(mktemp -d)
DEADLINE=$(($(date -u +%s) + READY_SECONDS))
export SCRATCH DEADLINE
: >"$SCRATCH/cut"
claims_of_dataset >"$SCRATCH/claims"
found=0
failed=0
while read -r claim <&4; do
  test -n "$claim" || continue
  found=$((found + 1))
  if ! try cut "$claim"; then
    say "claim $claim was not cut"
    failed=$((failed + 1))
  fi
done 4<"$SCRATCH/claims"
while read -r name claim <&4; do
  if ! try finish "$name" "$claim"; then
    say "claim $claim failed"
    failed=$((failed + 1))
  fi
done 4<"$SCRATCH/cut"
if test "$found" -eq 0; then
  say "no claim was found in namespace $NAMESPACE: nothing is protected"
  exit 1
fi
say "$found claims, $failed failed"
test "$failed" -eq 0
