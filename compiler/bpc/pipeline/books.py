"""What is written last: the lists of files that are applied, and the runbooks.

Both need all policies of a cluster. Sections of runbooks wait in one temporary file until then, and are
put together in another: a runbook of a fleet would not fit into constant memory.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator

from bpc.backends import BACKENDS, gitops, runbook
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.render import MarkdownRenderer, Renderer

_IN_MEMORY = 4 * 2**20
_INDEX = "index"


class Books:
    """Keeps the books of all clusters while their policies are compiled."""

    def __init__(self, render: Renderer, markdown: MarkdownRenderer) -> None:
        self._render = render
        self._markdown = markdown
        self._applied: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives on
        self._sections: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)

    def note(self, cluster: str, artifact: Artifact) -> None:
        """Remember a file that is applied, for the list of its directory."""
        if artifact.applied:
            directory, _, rest = artifact.path.partition("/")
            self._applied[cluster, directory].append(rest)

    def add(self, plan: PolicyPlan) -> None:
        """Write the sections of one policy for the runbooks of its cluster."""
        for scenario in runbook.SCENARIOS:
            for dataset in plan.datasets:
                steps = _dataset_steps(plan, dataset, scenario)
                if scenario in runbook.PARTIAL and not steps:
                    continue
                text = runbook.section(plan, dataset, scenario, steps, self._markdown)
                self._put(plan.cluster.name, scenario, text)
        for dataset in plan.datasets:
            self._put(plan.cluster.name, _INDEX, runbook.row(plan, dataset, self._markdown))

    def finish(self, plan: ClusterPlan) -> Iterator[Artifact]:
        """Yield the lists and the runbooks of one cluster."""
        scenarios = [
            scenario
            for scenario in runbook.SCENARIOS
            if scenario not in runbook.PARTIAL or (plan.name, scenario) in self._sections
        ]
        for scenario in scenarios:
            steps = tuple(s for b in BACKENDS for s in b.cluster_steps(plan, scenario))
            closing = tuple(s for b in BACKENDS for s in b.closing_steps(plan, scenario))
            sections = self._take(plan.name, scenario)
            pieces = runbook.document(plan, scenario, steps, closing, sections, self._markdown)
            yield from self._page(plan, scenario, pieces)
        rows = self._take(plan.name, _INDEX)
        yield from self._page(plan, "readme", runbook.index(plan, scenarios, rows, self._markdown))
        yield from self._delivered(plan)

    def _page(self, plan: ClusterPlan, name: str, pieces: Iterable[str]) -> Iterator[Artifact]:
        """Yield one page; it is closed when the next file is asked for."""
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as stream:
            for piece in pieces:
                stream.write(piece.encode())
            yield runbook.page(plan, name, stream)

    def _delivered(self, plan: ClusterPlan) -> Iterator[Artifact]:
        """Yield what applies the directories that have files, and then the list of each directory.

        Whoever takes these notes each file before asking for the next, so the lists are complete.
        """
        filled = [name for name in names.APPLIED if (plan.name, name) in self._applied]
        yield from gitops.delivery(plan, filled, self._render)
        for cluster, directory in sorted(self._applied):
            if cluster == plan.name:
                yield gitops.kustomization(plan, directory, self._applied[cluster, directory])

    def close(self) -> None:
        """Give back the temporary file."""
        self._spool.close()

    def _put(self, cluster: str, scenario: str, text: str) -> None:
        content = text.encode()
        place = self._spool.seek(0, 2)
        self._spool.write(content)
        self._sections[cluster, scenario].append((place, len(content)))

    def _take(self, cluster: str, scenario: str) -> Iterator[str]:
        for place, length in self._sections[cluster, scenario]:
            self._spool.seek(place)
            yield self._spool.read(length).decode()


def _dataset_steps(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    return tuple(
        step
        for backend in BACKENDS
        if dataset.spec.type in backend.DATASETS
        for step in backend.dataset_steps(plan, dataset, scenario)
    )
