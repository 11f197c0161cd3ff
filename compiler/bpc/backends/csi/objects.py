"""What the objects of this back end have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpc.diagnostics import Where
from bpc.model.datasets.volumes import Volumes
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan
from bpc.render import Renderer, header

COMPONENT = "csi"
_CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the objects that one owner (a policy, or the cluster) asked for at one place."""

    render: Renderer
    owner: str
    where: Where
    source: str
    file: str

    def write(
        self,
        kind: str,
        path: str,
        context: Mapping[str, object],
        *,
        annotations: Mapping[str, str] | None = None,
        applied: bool = True,
    ) -> Artifact:
        """Return the file of an object from the template of its kind."""
        template = f"csi/{kind.lower()}.yaml.j2"
        every = {names.SOURCE: self.source, **(annotations or {})}
        manifest = self.render.manifest(template, **context, annotations=every)
        text = header(self.file) + manifest.text
        return Artifact(path, text, template, self.where, self.owner, manifest.data, applied)


def cluster_writer(plan: ClusterPlan, render: Renderer) -> Writer:
    """Return the writer of what exists once for a cluster."""
    return Writer(render, _CLUSTER, plan.where, f"{plan.where.path}#{plan.name}", plan.where.path)


def dataset_writer(dataset: DatasetPlan, render: Renderer) -> Writer:
    """Return the writer of what belongs to a dataset."""
    file = dataset.where.path
    return Writer(render, dataset.policy, dataset.where, f"{file}#{dataset.subject}", file)


def cut(dataset: DatasetPlan) -> Volumes | None:
    """Return what the policy says of a dataset whose volumes are cut here; None for any other."""
    spec = dataset.spec
    if not isinstance(spec, Volumes) or spec.held_by is not None or dataset.storage is None:
        return None
    return spec


def selector_of(spec: Volumes) -> str:
    """Return the label selector of the claims, as kubectl takes it; empty if they are named."""
    return ",".join(f"{key}={value}" for key, value in sorted(spec.claims.match_labels.items()))


def class_of(dataset: DatasetPlan, spec: Volumes) -> str:
    """Return the name of the snapshot class that a dataset uses."""
    driver = dataset.storage.driver if dataset.storage is not None else ""
    return (
        names.deleting_class(driver) if spec.deletion == "delete" else names.snapshot_class(driver)
    )


def rule(group: str, resource: str, *verbs: str) -> dict[str, list[str]]:
    """Return one rule of a Role."""
    return {"apiGroups": [group], "resources": [resource], "verbs": [*verbs]}


def variables(values: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the environment of a container; kubectl keeps what it learns of the API below its HOME."""
    return [{"name": key, "value": value} for key, value in {"HOME": "/tmp", **values}.items()]  # noqa: S108 - a volume
