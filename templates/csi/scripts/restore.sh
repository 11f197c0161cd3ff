#!/bin/sh
# Brings each claim of a dataset back beside the live one, as NAME-restored, from the newest snapshot
# that is ready, or from the newest that was taken at or before POINT_IN_TIME (seconds since 1970). Nothing that
# exists is touched.
set -eu

# It comes from an optional ConfigMap: without that the variable does not exist at all.
POINT_IN_TIME=$(printenv POINT_IN_TIME || true)

FIELDS='{range .items[*]}{.metadata.labels.bpc/taken}{"|"}{.metadata.creationTimestamp}{"|"}'
FIELDS=$FIELDS'{.metadata.name}{"|"}{.spec.source.persistentVolumeClaimName}{"|"}'
FIELDS=$FIELDS'{.status.readyToUse}{"|"}{.status.restoreSize}{"\n"}{end}'
LIVE='{.spec.storageClassName}{"|"}{.spec.volumeMode}{"|"}{.status.capacity.storage}{"|"}'
LIVE=$LIVE'{.spec.accessModes}{"\n"}'

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"
}

claims_of_dataset() {
  if test -n "$CLAIMS"; then
    printf '%s\n' "$CLAIMS"
  else
    cut -d '|' -f 4 "$SCRATCH/all" | sort -u
  fi
}

create() {
  kubectl create --filename - <<MANIFEST
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: "$1"
  namespace: "$NAMESPACE"
  labels:
    app.kubernetes.io/managed-by: bpc
    bpc/policy: "$POLICY"
    bpc/dataset: "$DATASET"
spec:
  storageClassName: "$4"
  volumeMode: "$6"
  dataSource:
    apiGroup: snapshot.storage.k8s.io
    kind: VolumeSnapshot
    name: "$2"
  accessModes: $5
  resources:
    requests:
      storage: "$3"
MANIFEST
}

restore() {
  target=$(printf '%.244s' "$1")-restored
  if test -n "$(kubectl --namespace "$NAMESPACE" get persistentvolumeclaims "$target" \
    --ignore-not-found --output name)"; then
    say "claim $target exists already; delete it first if nothing needs it any more"
    return 1
  fi
  chosen=
  size=
  while IFS='|' read -r taken _ name claim ready bytes <&3; do
    if test -z "$chosen" && test "$claim" = "$1" && test "$ready" = true &&
      test "$taken" -le "$POINT_IN_TIME"; then
      chosen=$name
      size=$bytes
    fi
  done 3<"$SCRATCH/sorted"
  if test -z "$chosen"; then
    say "claim $1 has no snapshot that is ready and old enough"
    return 1
  fi
  kubectl --namespace "$NAMESPACE" get persistentvolumeclaims "$1" --ignore-not-found \
    --output "jsonpath=$LIVE" >"$SCRATCH/live"
  IFS='|' read -r class mode capacity modes <"$SCRATCH/live" || true
  # Some drivers do not say how large a snapshot is.
  case "$size" in '' | 0) size=$capacity ;; esac
  if test -z "$size"; then
    say "snapshot $chosen has no size and claim $1 is gone: make claim $target by hand"
    return 1
  fi
  test -n "$class" || class=$STORAGE_CLASS
  test -n "$mode" || mode=Filesystem
  test -n "$modes" || modes='["ReadWriteOnce"]'
  create "$target" "$chosen" "$size" "$class" "$modes" "$mode"
  say "claim $target is made from snapshot $chosen"
}

SCRATCH=$(mktemp -d)
test -n "$POINT_IN_TIME" || POINT_IN_TIME=$(date -u +%s)
export POINT_IN_TIME
kubectl --namespace "$NAMESPACE" get volumesnapshots.snapshot.storage.k8s.io \
  --selector "bpc/policy=$POLICY,bpc/dataset=$DATASET" --output "jsonpath=$FIELDS" >"$SCRATCH/all"
sort -rn "$SCRATCH/all" >"$SCRATCH/sorted"

if test $# -eq 1; then
  restore "$1"
  exit 0
fi

claims_of_dataset >"$SCRATCH/claims"
found=0
failed=0
while read -r claim <&4; do
  test -n "$claim" || continue
  found=$((found + 1))
  if ! /bin/sh "$0" "$claim"; then
    failed=$((failed + 1))
  fi
done 4<"$SCRATCH/claims"
if test "$found" -eq 0; then
  say "there is no snapshot of this dataset in namespace $NAMESPACE"
  exit 1
fi
say "$found claims, $failed failed; a claim may stay Pending until a pod uses it"
test "$failed" -eq 0
