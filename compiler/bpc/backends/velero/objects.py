"""What the objects of this back end have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpc.diagnostics import Where
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.release import Release
from bpc.model.releases import FEATURES, first_release
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, CopyPlan, DatasetPlan, Rung
from bpc.plan.velero_server import provider
from bpc.render import Renderer, header

_CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the objects that one owner (a policy, or the cluster) asked for at one place.

    `source` is what each of them says of where it comes from; `file` is what a person has to change.
    """

    render: Renderer
    owner: str
    where: Where
    source: str
    file: str

    def write(
        self, kind: str, path: str, context: Mapping[str, object], *, applied: bool = True
    ) -> Artifact:
        """Return the file of an object from the template of its kind."""
        template = f"velero/{kind.lower()}.yaml.j2"
        manifest = self.render.manifest(template, **context)
        text = header(self.file) + manifest.text
        return Artifact(path, text, template, self.where, self.owner, manifest.data, applied)

    def annotations(self, *more: dict[str, str]) -> dict[str, str]:
        """Return the annotations of an object, beginning with where it comes from."""
        found = {names.SOURCE: self.source}
        for each in more:
            found |= each
        return found


def cluster_writer(plan: ClusterPlan, render: Renderer, where: Where, subject: str) -> Writer:
    """Return the writer of what exists once for a cluster."""
    return Writer(render, _CLUSTER, where, f"{where.path}#{subject}", plan.where.path)


def dataset_writer(dataset: DatasetPlan, render: Renderer, where: Where) -> Writer:
    """Return the writer of what belongs to a dataset, such as what comes from one of its copies."""
    file = dataset.where.path
    return Writer(render, dataset.policy, where, f"{file}#{dataset.subject}", file)


def saved(dataset: DatasetPlan) -> Namespaces | None:
    """Return what the policy says of a dataset that Velero saves; None for any other."""
    spec = dataset.spec
    return spec if isinstance(spec, Namespaces) and spec.held_by is None else None


def copies(dataset: DatasetPlan) -> tuple[CopyPlan, ...]:
    """Return the copies that Velero makes: those from the data itself, to an object store."""
    return tuple(copy for copy in dataset.direct_copies if provider(copy.location) is not None)


def schedule_name(dataset: DatasetPlan, copy: CopyPlan, rung: Rung) -> str:
    """Return the name of the Schedule of one rung of one copy."""
    return names.velero_schedule(dataset.policy, dataset.name, copy.location.name, rung.name)


def has(plan: ClusterPlan, feature: str) -> bool:
    """Tell whether the cluster's Velero has a feature."""
    return plan.velero is not None and FEATURES[feature].available(plan.velero)


def serves(plan: ClusterPlan, kind: str, *path: str) -> bool:
    """Tell whether the cluster's Velero keeps a field of a kind, rather than drop it silently."""
    first = first_release(kind, path)
    return first is not None and since(plan, Release.parse(first))


def since(plan: ClusterPlan, first: Release) -> bool:
    """Tell whether the cluster's Velero is at least of a release."""
    return plan.velero is not None and plan.velero >= first


def go_duration(seconds: int) -> str:
    """Write a duration as Go does; Velero cannot list its objects when one of them says `30d`."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minute}m{second}s"
    return f"{minute}m{second}s" if minute else f"{second}s"
