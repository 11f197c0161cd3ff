"""The lists of files that are applied, the same for every GitOps engine.

A list holds `resources:` and nothing else. Names and namespaces are final already: the transformers of
kustomize would put a namespace on cluster-scoped kinds and rename only one end of a reference.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan
from bpc.render import dump_one, header

NAME = "gitops"


def kustomization(plan: ClusterPlan, directory: str, files: Iterable[str]) -> Artifact:
    """Return the list of one directory; `files` are relative to it."""
    data: dict[str, object] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": sorted(files),
    }
    return Artifact(
        path=f"{directory}/kustomization.yaml",
        text=header(plan.where.path) + dump_one(data),
        template=NAME,
        where=plan.where,
        owner="cluster",
        data=data,
        applied=False,
    )
