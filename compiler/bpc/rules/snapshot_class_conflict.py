"""Two storage classes of one CSI driver ask for different snapshot parameters.

Velero takes exactly one snapshot class for each driver: with two, it is chance which one it finds.
Give both storage classes the same parameters.

Bad:

    kind: Cluster
    spec:
      storageClasses:
        - {name: fast, driver: ebs.csi.aws.com, system: ebs}
        - {name: slow, driver: ebs.csi.aws.com, system: ebs, parameters: {lockMode: compliance}}

Good:

    kind: Cluster
    spec:
      storageClasses:
        - {name: fast, driver: ebs.csi.aws.com, system: ebs}
        - {name: slow, driver: ebs.csi.aws.com, system: ebs}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.cluster import StorageClass
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC709", "snapshot-class-conflict")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the storage classes of each driver with the first of them."""
    if not plan.uses.csi:
        return
    first: dict[str, tuple[int, StorageClass]] = {}
    for index, storage in enumerate(plan.spec.storage_classes):
        place, other = first.setdefault(storage.driver, (index, storage))
        if _wishes(storage) != _wishes(other):
            root = plan.where.at("spec", "storageClasses")
            yield Finding(
                CODE,
                f"`{storage.name}` and `{other.name}` ask for different snapshots of `{storage.driver}`",
                root / index,
                related=((root / place, "the first of this driver"),),
                help="give both the same parameters and Secret",
                subject=plan.name,
            )


def _wishes(storage: StorageClass) -> tuple[object, ...]:
    secret = (storage.snapshot_secret, storage.snapshot_secret_namespace)
    return (dict(storage.parameters), secret)
