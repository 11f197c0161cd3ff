"""Velero's repositories are encrypted with a password that everybody knows.

Unless the Secret `velero-repo-credentials` exists before the first backup, Velero makes it with a
fixed, public password, and that cannot be changed later. Whoever reads the bucket can then read the
volumes. Make the Secret first, keep its password outside of the cluster, and name the key that
stands for it.

Bad:

    kind: Cluster
    spec:
      velero: {repositorySecret: null}

Good:

    kind: Cluster
    spec:
      velero: {repositorySecret: kopia-prod}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.plan.estate import ClusterPlan
from bpc.plan.names import REPOSITORY_SECRET

CODE = Code("BPC602", "repository-password-public", Severity.WARNING)


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find clusters that copy volume data and declare no key for the repository."""
    if plan.uses.node_agent and plan.spec.velero.repository_secret is None:
        yield Finding(
            CODE,
            f"nothing says that `{REPOSITORY_SECRET}` on cluster `{plan.name}` holds a password of your own",
            plan.where.at("spec", "velero"),
            help="make the Secret before the first backup, then name its key: "
            "`velero: {repositorySecret: kopia-prod}`",
            subject=plan.name,
        )
