"""The cluster runs a release of Velero whose fields bpc does not know.

Objects for it could carry fields that it drops, or lack what it needs. Known are 1.10 to 1.18.

Bad:

    kind: Cluster
    spec:
      addons: {velero: "1.8"}

Good:

    kind: Cluster
    spec:
      addons: {velero: "1.17"}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.releases import VELERO
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC702", "velero-unknown")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the cluster's release with those that are known."""
    if plan.velero is not None and plan.velero.series not in VELERO:
        known = list(VELERO)
        yield Finding(
            CODE,
            f"cluster `{plan.name}` runs Velero {plan.velero.series}, and bpc knows {known[0]} to "
            f"{known[-1]}",
            plan.where.at("spec", "addons", "velero"),
            help=f"use a release from {known[0]} to {known[-1]}",
            subject=plan.name,
        )
