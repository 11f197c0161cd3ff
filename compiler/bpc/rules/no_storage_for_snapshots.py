"""Velero is to take CSI snapshots, and the cluster names no storage that can.

Without a VolumeSnapshotClass for a volume's driver Velero leaves the volume out and still calls the
backup completed.

Bad:

    kind: Cluster
    spec:
      storageClasses: []

Good:

    kind: Cluster
    spec:
      storageClasses: [{name: fast, driver: ebs.csi.aws.com, system: ebs}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC708", "no-storage-for-snapshots")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find clusters whose Velero takes CSI snapshots of no known storage."""
    if (plan.uses.move or plan.uses.snapshot) and not plan.storage:
        yield Finding(
            CODE,
            f"cluster `{plan.name}` names no storage class, so Velero would skip every volume in silence",
            plan.where / "spec",
            help="list the storage under `spec.storageClasses`, or set `volumes: filesystem` or `none`",
            subject=plan.name,
        )
