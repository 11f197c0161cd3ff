"""The GitOps engine of a cluster lacks what its objects need.

Flux needs to know its own release, because its kinds change between releases. Argo CD also needs
the address of the repository, which its Application names.

Bad:

    kind: Cluster
    spec:
      gitops: {engine: argocd}

Good:

    kind: Cluster
    spec:
      gitops: {engine: plain}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC501", "gitops-incomplete")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Check what each engine needs."""
    engine = plan.spec.gitops.engine
    if engine == "plain":
        return
    if getattr(plan.spec.addons, engine) is None:
        yield Finding(
            CODE,
            f"cluster `{plan.name}` does not say which release of {engine} runs on it",
            plan.where.at("spec", "addons"),
            help=f"add the release under `addons.{engine}`",
            subject=plan.name,
        )
    source = plan.spec.gitops.source
    if engine == "argocd" and (source is None or source.url is None):
        yield Finding(
            CODE,
            f"Argo CD on cluster `{plan.name}` needs the address of the repository",
            plan.where.at("spec", "gitops"),
            help="add `source: {url: https://…, path: output}`",
            subject=plan.name,
        )
