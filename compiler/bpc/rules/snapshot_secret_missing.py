"""A CSI driver needs a Secret to make snapshots, and none is named.

Ceph's drivers take the credentials for snapshots from the snapshot class. Without them every
snapshot fails.

Bad:

    kind: Cluster
    spec:
      storageClasses:
        - {name: fast, driver: rbd.csi.ceph.com, system: ceph, parameters: {clusterID: c}}

Good:

    kind: Cluster
    spec:
      storageClasses:
        - name: fast
          driver: rbd.csi.ceph.com
          system: ceph
          parameters: {clusterID: c}
          snapshotSecret: csi-rbd
          snapshotSecretNamespace: ceph
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.drivers import driver
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC717", "snapshot-secret-missing")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find storage whose driver needs a Secret that the policy does not name, or names by half."""
    if not plan.uses.csi:
        return
    for index, storage in enumerate(plan.spec.storage_classes):
        known = driver(storage.driver)
        needed = known is not None and known.secret
        named = (storage.snapshot_secret, storage.snapshot_secret_namespace)
        if all(named) or not (needed or any(named)):
            continue
        yield Finding(
            CODE,
            f"`{storage.name}` names no complete Secret for the snapshots of `{storage.driver}`",
            plan.where.at("spec", "storageClasses", index),
            help="set both `snapshotSecret` and `snapshotSecretNamespace`",
            subject=plan.name,
        )
