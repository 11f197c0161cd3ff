"""A value for Velero's Helm chart comes from a time that has passed.

The chart takes old keys without a word and ignores them, or refuses to install. `deployRestic` and
`configuration.provider` are the best known: most guides still show them.

Bad:

    kind: Cluster
    spec:
      velero: {values: {deployRestic: true}}

Good:

    kind: Cluster
    spec:
      velero: {values: {priorityClassName: backup}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.chart_keys import outdated_values
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC720", "velero-value-outdated")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find keys that newer charts replaced, each with what takes its place."""
    if plan.velero is None:
        return
    root = plan.where.at("spec", "velero", "values")
    for value in outdated_values(plan.spec.velero.values):
        yield Finding(
            CODE,
            f"`{'.'.join(map(str, value.path))}` means nothing to Velero's chart since {value.since}",
            root.at(*value.path).as_key(),
            help=f"use {value.modern}",
            subject=plan.name,
        )
