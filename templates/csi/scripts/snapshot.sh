#!/bin/sh
# Cuts every claim of a dataset once, waits until the storage can be restored from, and only then
# removes what is older than the policy keeps. The newest snapshot that is ready is never removed.
set -eu

FIELDS='{range .items[*]}{.metadata.labels.bpc/taken}{"|"}{.metadata.name}{"|"}'
FIELDS=$FIELDS'{.spec.source.persistentVolumeClaimName}{"|"}{.status.readyToUse}{"|"}'
FIELDS=$FIELDS'{.status.boundVolumeSnapshotContentName}{"\n"}{end}'

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"
}

claims_of_dataset() {
  if test -n "$SELECTOR"; then
    kubectl --namespace "$NAMESPACE" get persistentvolumeclaims --selector "$SELECTOR" \
      --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
  else
    printf '%s\n' "$CLAIMS"
  fi
}

# Prints "seconds|name|ready|content" for each snapshot of one claim that this rung has made.
snapshots_of_claim() {
  kubectl --namespace "$NAMESPACE" get volumesnapshots.snapshot.storage.k8s.io \
    --selector "bpc/policy=$POLICY,bpc/dataset=$DATASET,bpc/rung=$RUNG" \
    --output "jsonpath=$FIELDS" >"$SCRATCH/all"
  while IFS='|' read -r taken name claim ready content; do
    if test "$claim" = "$1"; then
      printf '%s|%s|%s|%s\n' "$taken" "$name" "$ready" "$content"
    fi
  done <"$SCRATCH/all"
}

create() {
  kubectl create --filename - <<MANIFEST
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
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
  volumeSnapshotClassName: "$SNAPSHOT_CLASS"
  source:
    persistentVolumeClaimName: "$3"
MANIFEST
}

# The storage keeps a snapshot whose object is deleted unless its content says otherwise. What the policy
# no longer keeps must not go on costing money, so the content is told first, if it is really ours.
release() {
  if test "$RETAIN" = true && test -n "$2"; then
    owner=$(kubectl get volumesnapshotcontents.snapshot.storage.k8s.io "$2" \
      --output 'jsonpath={.spec.volumeSnapshotRef.namespace}/{.spec.volumeSnapshotRef.name}')
    if test "$owner" != "$NAMESPACE/$1"; then
      say "content $2 belongs to $owner and not to $1; both are left alone"
      return 1
    fi
    kubectl patch volumesnapshotcontents.snapshot.storage.k8s.io "$2" --type merge \
      --patch '{"spec":{"deletionPolicy":"Delete"}}'
  fi
  kubectl --namespace "$NAMESPACE" delete volumesnapshots.snapshot.storage.k8s.io "$1" --wait=false
}

# Goes over the snapshots of a claim from the newest to the oldest.
prune() {
  snapshots_of_claim "$1" >"$SCRATCH/claim"
  sort -rn "$SCRATCH/claim" >"$SCRATCH/sorted"
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

cut() {
  taken=$(date -u +%s)
  name="$(printf '%.200s' "$1")--$RUNG--$(date -u +%Y%m%d%H%M%S)"
  create "$name" "$taken" "$1"
  if ! kubectl --namespace "$NAMESPACE" wait "volumesnapshots.snapshot.storage.k8s.io/$name" \
    --for 'jsonpath={.status.readyToUse}=true' --timeout "$READY_SECONDS"s; then
    kubectl --namespace "$NAMESPACE" get "volumesnapshots.snapshot.storage.k8s.io/$name" \
      --output 'jsonpath={.status.error.message}{"\n"}' || true
    say "snapshot $name of claim $1 is not ready after $READY_SECONDS seconds; nothing older is removed"
    return 1
  fi
  say "snapshot $name of claim $1 is ready"
}

SCRATCH=$(mktemp -d)

# With an argument: one claim, in a shell that ends at the first failure.
if test $# -eq 1; then
  cut "$1"
  prune "$1"
  exit 0
fi

claims_of_dataset >"$SCRATCH/claims"
found=0
failed=0
while read -r claim <&4; do
  test -n "$claim" || continue
  found=$((found + 1))
  if ! /bin/sh "$0" "$claim"; then
    say "claim $claim failed"
    failed=$((failed + 1))
  fi
done 4<"$SCRATCH/claims"
if test "$found" -eq 0; then
  say "no claim was found in namespace $NAMESPACE: nothing is protected"
  exit 1
fi
say "$found claims, $failed failed"
test "$failed" -eq 0
