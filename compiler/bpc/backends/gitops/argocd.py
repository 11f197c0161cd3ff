"""Argo CD: an Application for each directory, in waves, and one for Velero's chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpc.backends.gitops.objects import CHART, CHARTS, source_of, write
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan
from bpc.plan.velero_server import chart_version, series, velero_values
from bpc.render import Renderer

DIRECTORY = "argocd"
_WAVES = {names.PREREQUISITES: -20, names.OPERATOR: -10, names.STORAGE: 0, names.SCHEDULES: 10}
_OPTIONS = ["ServerSideApply=true", "SkipDryRunOnMissingResource=true"]


def delivery(plan: ClusterPlan, directories: Sequence[str], render: Renderer) -> Iterator[Artifact]:
    """Yield an Application for each directory that has files, and for the chart between them."""
    source = source_of(plan)
    common: dict[str, object] = {
        "namespace": source.namespace,
        "project": source.name,
        "target": plan.velero_namespace,
    }
    for directory in directories:
        found = {
            "repoURL": source.url,
            "path": f"{source.path}/{plan.name}/{directory}",
            "targetRevision": source.revision,
        }
        yield _application(plan, render, directory, common | {"source": found})
    if plan.uses.velero and series(plan) is not None:
        chart = {
            "repoURL": CHARTS,
            "chart": CHART,
            "targetRevision": chart_version(plan),
            "helm": {"releaseName": CHART, "valuesObject": velero_values(plan)},
        }
        yield _application(plan, render, names.OPERATOR, common | {"source": chart})


def _application(
    plan: ClusterPlan, render: Renderer, directory: str, context: dict[str, object]
) -> Artifact:
    return write(
        plan,
        render,
        "Application",
        f"{DIRECTORY}/application-{directory}.yaml",
        context
        | {
            "name": names.gitops_object(plan.name, directory),
            "wave": str(_WAVES[directory]),
            "options": _OPTIONS,
        },
    )
