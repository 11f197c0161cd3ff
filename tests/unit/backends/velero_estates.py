"""Estates for the tests of Velero's back ends: every release, every provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bpc.backends import velero, velero_values
from bpc.model.releases import VELERO
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan
from bpc.render import Renderer
from bpc.resources import templates
from bpc.validate import Target
from tests.estates import Estate, estate

RELEASES = tuple(VELERO)
RENDER = Renderer(templates())

PROVIDERS = """
kind: Location
metadata: {name: minio}
spec:
  type: s3
  bucket: acme-minio
  endpoint: https://minio.example:9000
  pathStyle: true
  checksums: false
  kmsKey: alias/backup
  site: {provider: acme, region: attic, account: acme, realm: attic-admins}
  medium: minio
  credentials: {secret: minio, key: keys}
---
kind: Location
metadata: {name: oss}
spec:
  type: oss
  bucket: acme-oss
  prefix: velero
  network: internal
  site: {provider: alibabacloud, region: cn-hangzhou, account: backup, realm: backup-admins}
  medium: oss
---
kind: Location
metadata: {name: gcs}
spec:
  type: gcs
  bucket: acme-gcs
  kmsKey: projects/acme/key
  serviceAccount: velero@acme.example
  site: {provider: gcp, region: europe-west1, account: backup, realm: backup-admins}
  medium: gcs
---
kind: Location
metadata: {name: blob}
spec:
  type: azure
  bucket: velero
  storageAccount: acmebackup
  resourceGroup: backup
  subscription: 11111111-2222-3333-4444-555555555555
  site: {provider: azure, region: westeurope, account: backup, realm: backup-admins}
  medium: blob
---
kind: Location
metadata: {name: replica}
spec:
  type: s3
  bucket: acme-replica
  site: {provider: aws, region: us-east-1, account: backup, realm: backup-admins}
  medium: object-store
---
kind: Tier
spec:
  copies: {to: [s3, minio, oss, gcs, blob, {location: replica, from: s3, lag: 15m}]}
  retention: {hourly: 48, daily: 14, weekly: 8, monthly: 12, yearly: 3}
---
kind: BackupPolicy
spec:
  datasets:
    - name: shop
      type: namespaces
      include: [shop]
      size: 120Gi
      excludeResources: [events.events.k8s.io]
      objects: {app: shop}
      volumePolicies:
        - {storageClasses: [scratch], action: skip}
        - {drivers: [nfs.csi.k8s.io, smb.csi.k8s.io], claimLabels: {slow: very}, action: filesystem}
      hooks:
        - name: db
          pods: {app: db}
          container: mysql
          pre: {command: [/freeze.sh], timeout: 2m}
          post: {command: [/thaw.sh], onError: continue}
    - {name: media, type: namespaces, include: [media], volumes: filesystem}
    - {name: flat, type: namespaces, include: [shop, media], volumes: none, paused: true}
    - {name: still, type: namespaces, include: ["*"], exclude: [media], volumes: snapshot}
"""


def with_release(release: str, changes: str = PROVIDERS) -> Estate:
    """Return an estate on a release of Velero and a Kubernetes that goes with it."""
    series = ".".join(release.split(".")[:2])
    oldest, newest = VELERO[series].kubernetes
    kubernetes = "1.25" if series == "1.10" else oldest if series > "1.17" else newest
    cluster = f"""
        kind: Cluster
        spec:
          kubernetes: "{kubernetes}"
          addons: {{velero: "{release}", snapshotter: "8.2"}}
          velero: {{nodeAgent: {{loadConcurrency: 2, memoryRequest: 512Mi}}, concurrentBackups: 4}}
    """
    found = estate(f"{_dedented(cluster)}\n---\n{_dedented(changes)}")
    assert not [f for f in found.findings if f.code.severity == "error"], found.findings
    return found


def _dedented(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    cut = min(len(line) - len(line.lstrip()) for line in lines)
    return "\n".join(line[cut:] for line in lines)


def files(found: Estate) -> list[Artifact]:
    """Return everything that both back ends write."""
    return list(_files(found))


def _files(found: Estate) -> Iterator[Artifact]:
    for cluster in found.clusters.values():
        yield from velero.cluster(cluster, RENDER)
        yield from velero_values.cluster(cluster, RENDER)
    for policy in found.policies:
        yield from velero.policy(policy, RENDER)


def objects(found: Estate, kind: str) -> list[dict[str, Any]]:
    """Return the objects of one kind."""
    return [dict(f.data) for f in files(found) if f.data is not None and f.data["kind"] == kind]


def named(found: Estate, kind: str, name: str) -> dict[str, Any]:
    """Return the one object of a kind and name."""
    (only,) = [o for o in objects(found, kind) if o["metadata"]["name"] == name]
    return only


def target(plan: ClusterPlan) -> Target:
    """Return the releases that the objects of a cluster are validated for."""
    return Target(
        kubernetes=plan.spec.kubernetes,
        velero=plan.spec.addons.velero,
        snapshotter=plan.spec.addons.snapshotter,
    )
