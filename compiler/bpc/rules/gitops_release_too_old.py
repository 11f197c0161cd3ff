"""The GitOps engine of a cluster is older than the kinds that are made for it.

Flux serves the HelmRelease that installs Velero since 2.3, and Argo CD takes Helm values as an object
since 2.8. Older ones would refuse the objects when they are applied. With `engine: plain` the tree needs
neither.

Bad:

    kind: Cluster
    spec:
      addons: {flux: "2.1"}
      gitops: {engine: flux}

Good:

    kind: Cluster
    spec:
      addons: {flux: "2.6"}
      gitops: {engine: flux}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.release import Release
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC502", "gitops-release-too-old")
_SINCE = {"flux": Release(2, 3), "argocd": Release(2, 8)}


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the engine's release with the first that serves the kinds."""
    engine = plan.spec.gitops.engine
    written = getattr(plan.spec.addons, engine, None)
    if engine in _SINCE and written is not None and Release.parse(written) < _SINCE[engine]:
        yield Finding(
            CODE,
            f"cluster `{plan.name}` runs {engine} {written}, and objects for it need {_SINCE[engine].series}",
            plan.where.at("spec", "addons", engine),
            related=((plan.where.at("spec", "gitops", "engine"), "the engine"),),
            help=f"move to {engine} {_SINCE[engine].series}, or use `engine: plain`",
            subject=plan.name,
        )
