"""Datasets of namespaces need Velero, and the cluster does not say which release of it runs.

The release decides which fields exist: a newer field would be dropped by the cluster without a
word.

Bad:

    kind: Cluster
    spec:
      addons: {velero: null}

Good:

    kind: Cluster
    spec:
      addons: {velero: "1.17"}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC701", "velero-missing")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find clusters that need Velero and name no release."""
    if plan.uses.velero and plan.velero is None:
        yield Finding(
            CODE,
            f"cluster `{plan.name}` does not say which release of Velero runs on it",
            plan.where.at("spec", "addons"),
            help='add `addons: {velero: "1.17"}` with the release that runs',
            subject=plan.name,
        )
