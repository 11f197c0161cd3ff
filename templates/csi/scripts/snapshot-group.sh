#!/bin/sh
# Cuts all claims of a dataset at one moment, waits until the group can be restored from, and only then
# removes groups that are older than the policy keeps. The newest group that is ready is never removed.
set -eu

KIND=volumegroupsnapshots.groupsnapshot.storage.k8s.io
FIELDS='{range .items[*]}{.metadata.labels.bpc/taken}{"|"}{.metadata.name}{"|"}'
FIELDS=$FIELDS'{.status.readyToUse}{"|"}{.status.boundVolumeGroupSnapshotContentName}{"\n"}{end}'

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"
}

create() {
  kubectl create --filename - <<MANIFEST
apiVersion: "$GROUP_VERSION"
kind: VolumeGroupSnapshot
metadata:
  name: "$1"
  namespace: "$NAMESPACE"
  labels:
    app.kubernetes.io/managed-by: bpc
    bpc/policy: "$POLICY"
    bpc/dataset: "$DATASET"
    bpc/rung: "$RUNG"
    bpc/taken: "$2"
  annotations:
    kustomize.toolkit.fluxcd.io/prune: disabled
    argocd.argoproj.io/sync-options: Prune=false,Delete=false
spec:
  volumeGroupSnapshotClassName: "$SNAPSHOT_CLASS"
  source:
    selector:
      matchLabels: $LABELS
MANIFEST
}

release() {
  if test "$RETAIN" = true && test -n "$2"; then
    owner=$(kubectl get volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io "$2" \
      --output 'jsonpath={.spec.volumeGroupSnapshotRef.namespace}/{.spec.volumeGroupSnapshotRef.name}')
    if test "$owner" != "$NAMESPACE/$1"; then
      say "content $2 belongs to $owner and not to $1; both are left alone"
      return 1
    fi
    kubectl patch volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io "$2" --type merge \
      --patch '{"spec":{"deletionPolicy":"Delete"}}'
  fi
  kubectl --namespace "$NAMESPACE" delete "$KIND" "$1" --wait=false
}

prune() {
  kubectl --namespace "$NAMESPACE" get "$KIND" \
    --selector "bpc/policy=$POLICY,bpc/dataset=$DATASET,bpc/rung=$RUNG" \
    --output "jsonpath=$FIELDS" >"$SCRATCH/all"
  sort -rn "$SCRATCH/all" >"$SCRATCH/sorted"
  now=$(date -u +%s)
  kept=0
  while IFS='|' read -r taken name ready content <&3; do
    # Without the moment it was made by hand, and is for people to remove.
    test -n "$taken" || continue
    age=$((now - taken))
    if test "$ready" = true && test "$kept" -eq 0; then
      kept=1
    elif test "$age" -gt "$KEEP_SECONDS" || test "$kept" -ge "$KEEP_AT_MOST"; then
      say "removing $name, $age seconds old"
      release "$name" "$content"
    elif test "$ready" = true; then
      kept=$((kept + 1))
    fi
  done 3<"$SCRATCH/sorted"
}

SCRATCH=$(mktemp -d)
claims=$(kubectl --namespace "$NAMESPACE" get persistentvolumeclaims --selector "$SELECTOR" \
  --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}')
if test -z "$claims"; then
  say "no claim was found in namespace $NAMESPACE: nothing is protected"
  exit 1
fi
taken=$(date -u +%s)
name="$(printf '%.200s' "$DATASET")--$RUNG--$(date -u +%Y%m%d%H%M%S)"
create "$name" "$taken"
if ! kubectl --namespace "$NAMESPACE" wait "$KIND/$name" \
  --for 'jsonpath={.status.readyToUse}=true' --timeout "$READY_SECONDS"s; then
  kubectl --namespace "$NAMESPACE" get "$KIND/$name" \
    --output 'jsonpath={.status.error.message}{"\n"}' || true
  say "group $name is not ready after $READY_SECONDS seconds; nothing older is removed"
  exit 1
fi
say "group $name is ready"
prune
