"""The Velero project did not test this release on the cluster's Kubernetes.

It often works. When it does not, a restore is a bad moment to learn it. The range is the one that
the release itself states.

Bad:

    kind: Cluster
    spec:
      kubernetes: "1.27"
      addons: {velero: "1.17"}

Good:

    kind: Cluster
    spec:
      kubernetes: "1.31"
      addons: {velero: "1.17"}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.release import Release
from bpc.model.releases import VELERO
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC705", "velero-untested-here", Severity.WARNING)


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the cluster's Kubernetes with the range that the Velero release states."""
    series = VELERO.get(plan.velero.series) if plan.velero is not None else None
    if series is None:
        return
    first, last = series.kubernetes
    if not Release.parse(first) <= plan.kubernetes <= Release.parse(last):
        yield Finding(
            CODE,
            f"Velero {plan.spec.addons.velero} was tested on Kubernetes {first} to {last}, and cluster "
            f"`{plan.name}` runs {plan.kubernetes.series}",
            plan.where.at("spec", "addons", "velero"),
            related=((plan.where.at("spec", "kubernetes"), "the cluster's release"),),
            help="move to a release of Velero that was tested there",
            subject=plan.name,
        )
