"""A value for Velero's Helm chart is one that the compiler decides.

Locations, Schedules and the features of the server follow from the policies. A second opinion in
the values would silently lose, or silently win.

Bad:

    kind: Cluster
    spec:
      velero: {values: {schedules: {daily: {schedule: "0 2 * * *"}}}}

Good:

    kind: Cluster
    spec:
      velero: {values: {priorityClassName: backup}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.chart_keys import owned_values
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC722", "velero-value-owned")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find values that belong to the compiler."""
    root = plan.where.at("spec", "velero", "values")
    for path in owned_values(plan.spec.velero.values):
        yield Finding(
            CODE,
            f"`{'.'.join(map(str, path))}` follows from the policies and cannot be set here",
            root.at(*path).as_key(),
            help="remove it, and say what you want in the policy",
            subject=plan.name,
        )
