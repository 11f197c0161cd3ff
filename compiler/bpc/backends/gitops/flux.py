"""Flux: a Kustomization for each directory, each waiting for the one before, and Velero's HelmRelease."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpc.backends.gitops.objects import CHART, CHARTS, source_of, write
from bpc.model.release import Release
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan
from bpc.plan.velero_server import chart_version, velero_values
from bpc.render import Renderer

DIRECTORY = "flux"
# Before this release neither expressions for health nor a policy for deletion exist.
_EXPRESSIVE = Release(2, 5)
_VELERO_HEALTH = {
    names.STORAGE: [
        {
            "apiVersion": "velero.io/v1",
            "kind": "BackupStorageLocation",
            "current": "status.phase == 'Available'",
        }
    ],
    names.SCHEDULES: [
        {
            "apiVersion": "velero.io/v1",
            "kind": "Schedule",
            "failed": "status.phase == 'FailedValidation'",
            "current": "status.phase == 'Enabled'",
        }
    ],
}
# What holds data, or leads to it, stays when its Kustomization goes.
_ORPHANED = (names.PREREQUISITES, names.STORAGE)


def operator(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield where Velero's chart comes from, and its release with the values of this cluster."""
    common: dict[str, object] = {"name": CHART, "namespace": plan.velero_namespace}
    yield write(
        plan,
        render,
        "HelmRepository",
        names.path(names.OPERATOR, "HelmRepository", CHART),
        common | {"url": CHARTS},
    )
    yield write(
        plan,
        render,
        "HelmRelease",
        names.path(names.OPERATOR, "HelmRelease", CHART),
        common | {"chart": CHART, "version": chart_version(plan), "values": velero_values(plan)},
    )


def delivery(plan: ClusterPlan, directories: Sequence[str], render: Renderer) -> Iterator[Artifact]:
    """Yield a Kustomization for each directory that has files."""
    source = source_of(plan)
    release = Release.parse(plan.spec.addons.flux or "0.0")
    before: str | None = None
    for directory in directories:
        name = names.gitops_object(plan.name, directory)
        expressive = release >= _EXPRESSIVE
        health = _VELERO_HEALTH.get(directory) if plan.uses.velero and expressive else None
        yield write(
            plan,
            render,
            "Kustomization",
            f"{DIRECTORY}/kustomization-{directory}.yaml",
            {
                "name": name,
                "namespace": source.namespace,
                "path": f"./{source.path}/{plan.name}/{directory}",
                "source": source.name,
                "depends": [{"name": before}] if before else None,
                "health": health,
                "deletion": "Orphan" if directory in _ORPHANED and expressive else None,
            },
        )
        before = name
