#!/bin/sh
# Takes over a snapshot that outlived its cluster on the storage system, and makes the claim $1 from it. $2
# is the handle, the storage's own name of the snapshot; $3, such as 120Gi, is only needed if the storage
# does not say how large it is. Run it on a workstation, against the new cluster.
set -eu

say() {
  printf '%s\n' "$*"
}

if test $# -lt 2 || test -z "$1" || test -z "$2"; then
  say "needs the name of a claim and the handle of its snapshot" >&2
  exit 2
fi
# A handle stands in the text of a manifest, which has no word for these.
case $2 in
*[\"\\]*)
  say "a handle holds neither quotes nor backslashes" >&2
  exit 2
  ;;
esac
if test -n "$(kubectl --namespace "$NAMESPACE" get persistentvolumeclaims "$1" \
  --ignore-not-found --output name)"; then
  say "claim $1 exists already; nothing is done" >&2
  exit 1
fi

# The same handle always gets the same name, so that a second attempt goes on where the first stopped.
name="$(printf '%.150s' "$1")x$(printf '%s %s' "$1" "$2" | cksum | tr ' ' x)"
kubectl apply --filename - <<MANIFEST
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotContent
metadata:
  name: "$NAMESPACE-$name"
  labels:
    app.kubernetes.io/managed-by: bpc
    bpc/policy: "$POLICY"
    bpc/dataset: "$DATASET"
spec:
  deletionPolicy: Retain
  driver: "$DRIVER"
  source:
    snapshotHandle: "$2"
  volumeSnapshotClassName: "$SNAPSHOT_CLASS"
  volumeSnapshotRef:
    name: "$name"
    namespace: "$NAMESPACE"
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata:
  name: "$name"
  namespace: "$NAMESPACE"
  labels:
    app.kubernetes.io/managed-by: bpc
    bpc/policy: "$POLICY"
    bpc/dataset: "$DATASET"
  annotations:
    bpc/claim: "$1"
    kustomize.toolkit.fluxcd.io/prune: disabled
    argocd.argoproj.io/sync-options: Prune=false,Delete=false
spec:
  volumeSnapshotClassName: "$SNAPSHOT_CLASS"
  source:
    volumeSnapshotContentName: "$NAMESPACE-$name"
MANIFEST
kubectl --namespace "$NAMESPACE" wait "volumesnapshots.snapshot.storage.k8s.io/$name" \
  --for 'jsonpath={.status.readyToUse}=true' --timeout 300s
size=$(kubectl --namespace "$NAMESPACE" get volumesnapshots.snapshot.storage.k8s.io "$name" \
  --output 'jsonpath={.status.restoreSize}')
case $size in
'' | 0)
  if test $# -lt 3; then
    say "snapshot $name does not say how large it is: give the size as a third word, such as 120Gi" >&2
    exit 1
  fi
  size=$3
  ;;
esac
kubectl create --filename - <<MANIFEST
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: "$1"
  namespace: "$NAMESPACE"
spec:
  storageClassName: "$STORAGE_CLASS"
  accessModes: ["$ACCESS"]
  dataSource:
    apiGroup: snapshot.storage.k8s.io
    kind: VolumeSnapshot
    name: "$name"
  resources:
    requests:
      storage: "$size"
MANIFEST
say "claim $1 is made from snapshot $name"
