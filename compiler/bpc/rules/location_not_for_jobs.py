"""bpc's own jobs cannot write to a location, as it is.

They reach object stores, and volumes of their own namespace. An NFS export cannot be mounted by a pod that
runs without privileges: give it a PersistentVolumeClaim, and name that. A claim belongs to one namespace, so
the jobs that use it have to run there.

Bad:

    kind: Location
    metadata: {name: s3}
    spec:
      type: nfs
      bucket: null
      credentials: null
      server: nas.example
      path: /export/backup
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: postgresql, namespace: shop, connection: {host: db}}

Good:

    kind: Location
    metadata: {name: s3}
    spec:
      type: pvc
      bucket: null
      credentials: null
      claim: backups
      namespace: shop
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: postgresql, namespace: shop, connection: {host: db}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.location import NfsLocation, PvcLocation
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan

CODE = Code("BPC726", "location-not-for-jobs")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find copies whose location no job of their dataset can reach."""
    for dataset in plan.datasets:
        ours = dataset.spec.copied_by_jobs(plan.cluster.spec.control_plane)
        if not ours or dataset.spec.held_by is not None:
            continue
        for copy in dataset.copies:
            yield from _copy(dataset, copy)


def _copy(dataset: DatasetPlan, copy: CopyPlan) -> Iterator[Finding]:
    spec = copy.location.spec
    namespace = getattr(dataset.spec, "namespace", None)
    if isinstance(spec, NfsLocation):
        yield Finding(
            CODE,
            f"the job of `{dataset.subject}` cannot mount the NFS export `{copy.location.name}`",
            copy.where,
            related=((copy.location.where.at("spec", "type"), "the location"),),
            help="make a PersistentVolumeClaim for the export, and a location of `type: pvc` that names it",
            subject=dataset.subject,
        )
    if isinstance(spec, PvcLocation) and namespace is not None and spec.namespace != namespace:
        yield Finding(
            CODE,
            f"the job of `{dataset.subject}` runs in namespace `{namespace}`, and the claim of "
            f"`{copy.location.name}` is in `{spec.namespace}`",
            copy.where,
            related=((copy.location.where.at("spec", "namespace"), "the location"),),
            help=f"name a claim in `{namespace}`, or an object store",
            subject=dataset.subject,
        )
