#!/bin/sh
# Cuts all claims of a dataset at one moment, waits until the storage can restore from the group, and only
# then removes groups that are older than the policy keeps. The newest group that is ready is never removed.
set -eu

KIND=volumegroupsnapshots.groupsnapshot.storage.k8s.io
CONTENTS=volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io
BOUND=boundVolumeGroupSnapshotContentName
REFERENCE=volumeGroupSnapshotRef
HANDLE=volumeGroupSnapshotHandle
FIELDS='{range .items[*]}{.metadata.labels.bpc/run}{"|"}{.metadata.labels.bpc/taken}{"|"}'
FIELDS=$FIELDS'{.metadata.name}{"|"}{.status.readyToUse}{"|"}{.status.'$BOUND'}{"\n"}{end}'
MEMBERS='{range .items[*]}{.status.volumeGroupSnapshotName}{"|"}{.metadata.name}{"|"}'
MEMBERS=$MEMBERS'{.status.boundVolumeSnapshotContentName}{"\n"}{end}'

# shellcheck source=templates/csi/scripts/retention.sh
. "$(dirname "$0")/retention.sh"

look() {
  kubectl --namespace "$NAMESPACE" get "$KIND" \
    --selector "bpc/policy=$POLICY,bpc/dataset=$DATASET,bpc/rung=$RUNG" \
    --output "jsonpath=$FIELDS" >"$SCRATCH/found"
}

# Cuts the group, unless an earlier attempt of the same run did, and notes its name.
cut() {
  look
  made=
  while IFS='|' read -r run _ name _; do
    test -z "$RUN" || test "$run" != "$RUN" || made=$name
  done <"$SCRATCH/found"
  if test -z "$made"; then
    made="$DATASET--$RUNG--$(date -u +%Y%m%d%H%M%S)"
    kubectl create --filename - <<MANIFEST
apiVersion: "$GROUP_VERSION"
kind: VolumeGroupSnapshot
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
  volumeGroupSnapshotClassName: "$SNAPSHOT_CLASS"
  source:
    selector:
      matchLabels: $LABELS
MANIFEST
  fi
  printf '%s\n' "$made" >"$SCRATCH/cut"
}

# The members of a group go with it, but each has a content of its own that would stay behind.
remove() {
  if test "$RETAIN" = true; then
    kubectl --namespace "$NAMESPACE" get volumesnapshots.snapshot.storage.k8s.io \
      --output "jsonpath=$MEMBERS" >"$SCRATCH/members"
    while IFS='|' read -r group name content <&5; do
      test "$group" != "$1" ||
        unlock volumesnapshotcontents.snapshot.storage.k8s.io "$content" volumeSnapshotRef "$name"
    done 5<"$SCRATCH/members"
  fi
  unlock "$CONTENTS" "$2" "$REFERENCE" "$1"
  kubectl --namespace "$NAMESPACE" delete "$KIND" "$1" --wait=false
}

if test $# -gt 0; then
  "$@"
  exit 0
fi

SCRATCH=$(mktemp -d)
DEADLINE=$(($(date -u +%s) + READY_SECONDS))
export SCRATCH DEADLINE
claims=$(kubectl --namespace "$NAMESPACE" get persistentvolumeclaims --selector "$SELECTOR" \
  --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}')
if test -z "$claims"; then
  say "no claim was found in namespace $NAMESPACE: nothing is protected"
  exit 1
fi
cut
read -r name <"$SCRATCH/cut"
ready "$name"
look
while IFS='|' read -r _ rest; do
  printf '%s\n' "$rest"
done <"$SCRATCH/found" >"$SCRATCH/groups"
prune "$SCRATCH/groups"
