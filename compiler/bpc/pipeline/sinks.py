"""Where compiled files go: into the output tree, nowhere, or past somebody who looks for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bpc.cron import tzdata_version
from bpc.digest import templates_digest
from bpc.output.cluster import ClusterWriter
from bpc.output.lock import Input, LockHeader
from bpc.output.tree import OutputTree
from bpc.plan.artifact import Artifact
from bpc.plan.estate import PolicyPlan
from bpc.version import __version__

Inputs = Mapping[str, Sequence[Input]]


class Sink(Protocol):
    """Takes the files of the clusters, one by one."""

    def begin(self, inputs: Inputs, options: Mapping[str, str]) -> None:
        """Hear which clusters are coming, and from which files each is made."""

    def witness(self, plan: PolicyPlan) -> None:
        """See one policy as it was resolved for one cluster."""

    def add(self, cluster: str, artifact: Artifact) -> None:
        """Take one file."""


@dataclass(slots=True)
class Nowhere:
    """Takes files and forgets them: what is left is whether they could be made.

    `subjects` are the datasets that were seen, as `policy/dataset`.
    """

    subjects: set[str] = field(default_factory=set)

    def begin(self, inputs: Inputs, options: Mapping[str, str]) -> None:
        """Do nothing."""

    def witness(self, plan: PolicyPlan) -> None:
        """Remember which datasets there are."""
        self.subjects.update(dataset.subject for dataset in plan.datasets)

    def add(self, cluster: str, artifact: Artifact) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Into:
    """Puts files into an output tree, where they wait to be committed or compared."""

    tree: OutputTree
    writers: dict[str, ClusterWriter] = field(default_factory=dict)

    def begin(self, inputs: Inputs, options: Mapping[str, str]) -> None:
        """Begin the directory of each cluster."""
        header = LockHeader(
            bpc=__version__,
            templates=templates_digest(),
            tzdata=tzdata_version(),
            options=options,
        )
        for cluster, files in inputs.items():
            self.writers[cluster] = self.tree.cluster(cluster, header, files)

    def witness(self, plan: PolicyPlan) -> None:
        """Do nothing."""

    def add(self, cluster: str, artifact: Artifact) -> None:
        """Put one file where it waits."""
        writer, content = self.writers[cluster], artifact.content
        if isinstance(content, str):
            writer.add(artifact.path, content.encode(), artifact.owner)
        else:
            writer.add_spooled(artifact.path, content, artifact.owner)

    def settle(self, warnings: int) -> None:
        """Say how many diagnostics were printed, once that is known."""
        for writer in self.writers.values():
            writer.settle(warnings)
