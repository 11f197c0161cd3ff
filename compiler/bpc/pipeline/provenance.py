"""Where a generated file or a setting comes from: the answer to `bpc explain`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bpc.model.scalars import format_duration
from bpc.pipeline.locate import Sources
from bpc.plan.artifact import Artifact
from bpc.plan.estate import DatasetPlan, PolicyPlan, Rung
from bpc.plan.names import DATASET, POLICY


@dataclass(slots=True)
class Provenance:
    """A sink that keeps what a topic names: a dataset as `policy/dataset`, or a file by its path."""

    topic: str
    artifacts: list[tuple[str, Artifact]] = field(default_factory=list)
    datasets: list[DatasetPlan] = field(default_factory=list)

    def begin(self, inputs: object, options: object) -> None:
        """Do nothing."""

    def witness(self, plan: PolicyPlan) -> None:
        """Keep the dataset that was asked for."""
        self.datasets += [each for each in plan.datasets if each.subject == self.topic]

    def add(self, cluster: str, artifact: Artifact) -> None:
        """Keep the file that was asked for, and those of the dataset that was."""
        path = f"{cluster}/{artifact.path}"
        if path == self.topic or path == self.topic.partition("/")[2] or self._of_dataset(artifact):
            self.artifacts.append((cluster, artifact))

    def _of_dataset(self, artifact: Artifact) -> bool:
        metadata = (artifact.data or {}).get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
        if not isinstance(labels, Mapping):
            return False
        return f"{labels.get(POLICY)}/{labels.get(DATASET)}" == self.topic


def describe(found: Provenance, sources: Sources) -> Iterator[str]:
    """Yield a paragraph for each dataset or file that was found."""
    for dataset in found.datasets:
        files = [path for cluster, path in _paths(found) if cluster == dataset.cluster]
        yield _dataset(dataset, files, sources)
    if not found.datasets:
        for cluster, artifact in found.artifacts:
            yield "\n".join(
                [
                    f"{cluster}/{artifact.path}",
                    f"  made from   {sources.span(artifact.where)}",
                    f"  template    {artifact.template}",
                    f"  owner       {artifact.owner}",
                ]
            )


def chain(found: Provenance, sources: Sources, setting: str) -> Iterator[str]:
    """Yield, for each dataset that was found, the places that one setting came through."""
    for dataset in found.datasets:
        lines = [f"{dataset.subject} on {dataset.cluster}: {setting}"]
        for number, origin in enumerate(dataset.origins.get(setting, ())):
            place = sources.span(origin.where) if origin.where else ""
            lines.append(
                f"  {'set by' if number == 0 else 'over  '} {origin.source}  {place}".rstrip()
            )
        if len(lines) == 1:
            known = ", ".join(sorted(dataset.origins)) or "none"
            lines.append(f"  nothing sets it; set are: {known}")
        yield "\n".join(lines)


def _paths(found: Provenance) -> list[tuple[str, str]]:
    return [(cluster, artifact.path) for cluster, artifact in found.artifacts]


def _dataset(dataset: DatasetPlan, files: list[str], sources: Sources) -> str:
    lines = [
        f"{dataset.subject} on {dataset.cluster}",
        f"  written at  {sources.span(dataset.where)}",
    ]
    lines += [f"  points      {_rung(rung)}" for rung in dataset.rungs]
    for copy in dataset.copies:
        via = f", filled from {copy.source}" if copy.source else ""
        lines.append(f"  copy        {copy.location.name}{via}")
        lines += [f"                {_rung(rung)}" for rung in copy.rungs]
    for scenario, objective in dataset.objectives.items():
        rpo = format_duration(objective.rpo) if objective.rpo else "none"
        rto = format_duration(objective.rto) if objective.rto else "none"
        lines.append(f"  objective   {scenario}: rpo {rpo}, rto {rto}")
    for setting, origins in sorted(dataset.origins.items()):
        place = sources.span(origins[0].where) if origins[0].where else ""
        lines.append(f"  setting     {setting}: {origins[0].source} {place}".rstrip())
    lines += [f"  file        {path}" for path in files]
    return "\n".join(lines)


def _rung(rung: Rung) -> str:
    return f"{rung.name}: `{rung.cron}` {rung.zone}, kept {format_duration(rung.keep)}"
