"""CSI snapshots are taken, and nothing says which release of the external-snapshotter runs.

Its release decides which versions of the snapshot kinds the cluster serves.

Bad:

    kind: Cluster
    spec:
      addons: {snapshotter: null}

Good:

    kind: Cluster
    spec:
      addons: {snapshotter: "8.2"}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC703", "snapshotter-missing")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find clusters that take CSI snapshots and name no release of the snapshotter."""
    if plan.uses.csi and plan.snapshotter is None:
        yield Finding(
            CODE,
            f"cluster `{plan.name}` takes CSI snapshots and does not say which external-snapshotter runs",
            plan.where.at("spec", "addons"),
            help='add `addons: {snapshotter: "8.2"}` with the release that runs',
            subject=plan.name,
        )
