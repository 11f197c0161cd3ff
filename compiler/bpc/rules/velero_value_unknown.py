"""A value for Velero's Helm chart is one that the chart never reads.

Helm takes misspelt values in silence. The keys are those that the templates of this very chart
read.

Bad:

    kind: Cluster
    spec:
      velero: {values: {priorityClasName: backup}}

Good:

    kind: Cluster
    spec:
      velero: {values: {priorityClassName: backup}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.chart_keys import outdated_values, unknown_values
from bpc.plan.estate import ClusterPlan
from bpc.plan.velero_server import chart_version, series

CODE = Code("BPC721", "velero-value-unknown")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the values with the keys that the chart reads; outdated ones have a rule of their own."""
    if series(plan) is None:
        return
    values = plan.spec.velero.values
    old = [value.path for value in outdated_values(values)]
    root = plan.where.at("spec", "velero", "values")
    for path in unknown_values(chart_version(plan), values):
        if any(path[: len(known)] == known or known[: len(path)] == path for known in old):
            continue
        yield Finding(
            CODE,
            f"Velero's chart {chart_version(plan)} never reads `{'.'.join(map(str, path))}`",
            root.at(*path).as_key(),
            help="correct the key, or remove it",
            subject=plan.name,
        )
