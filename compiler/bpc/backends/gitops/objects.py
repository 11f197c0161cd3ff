"""What the objects of both engines have in common."""

from __future__ import annotations

from bpc.model.cluster import GitSource
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan
from bpc.render import Renderer, header

CHARTS = "https://vmware-tanzu.github.io/helm-charts"
CHART = "velero"
COMPONENT = "gitops"


def source_of(plan: ClusterPlan) -> GitSource:
    """Return where the engine finds the output."""
    return plan.spec.gitops.source or GitSource()


def write(
    plan: ClusterPlan, render: Renderer, kind: str, path: str, context: dict[str, object]
) -> Artifact:
    """Return the file of an object from the template of its kind."""
    template = f"gitops/{kind.lower()}.yaml.j2"
    manifest = render.manifest(
        template,
        labels=names.labels(None, component=COMPONENT),
        annotations={names.SOURCE: f"{plan.where.path}#{plan.name}"},
        **context,
    )
    return Artifact(
        path=path,
        content=header(plan.where.path) + manifest.text,
        template=template,
        where=plan.where,
        owner="cluster",
        data=manifest.data,
    )
