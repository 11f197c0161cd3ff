"""The whole compiler on one screen: files in, findings and files out."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bpc.diagnostics import Diagnostic, Severity, Where
from bpc.pipeline.books import Books
from bpc.pipeline.catalogue import fixed_codes, rule_codes
from bpc.pipeline.choice import choose
from bpc.pipeline.compile import Compilation
from bpc.pipeline.gather import gather
from bpc.pipeline.levels import Levels
from bpc.pipeline.locate import Sources, diagnose
from bpc.pipeline.policies import PutAside
from bpc.pipeline.project import FILE, load
from bpc.pipeline.sinks import Sink
from bpc.pipeline.verdicts import Verdicts
from bpc.pipeline.waivers import Waivers
from bpc.render import MarkdownRenderer, Renderer
from bpc.resources import templates
from bpc.source.discovery import discover
from bpc.source.files import read_file


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be compiled.

    `root` is the project's directory. `paths` replace the policies that the project names. `clusters`
    and `shard` (which of how many) choose clusters; None means all. `today` ends waivers; without it
    none has ended. `allow_retarget` lets a storage location come to mean another place.
    """

    root: Path
    paths: tuple[str, ...] = ()
    clusters: tuple[str, ...] | None = None
    shard: tuple[int, int] | None = None
    today: datetime.date | None = None
    allow_retarget: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it.

    `clusters` are those that were compiled, `known` all that any policy chooses.
    """

    diagnostics: tuple[Diagnostic, ...]
    sources: Sources
    clusters: tuple[str, ...]
    known: tuple[str, ...]
    policies: int

    @property
    def failed(self) -> bool:
        """Whether anything is an error, so that nothing may be written."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)


def run(
    request: Request,
    sink: Sink,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Result:
    """Compile a project into a sink; what the sink took counts only if the result has not failed."""
    render, markdown = Renderer(templates()), MarkdownRenderer(templates())
    with closing(PutAside()) as policies, closing(Books(render, markdown)) as books:
        read = partial(read_file, request.root)
        sources = Sources(read)
        project_file = read(FILE) if (request.root / FILE).exists() else None
        loaded = load(project_file)
        levels = Levels(rule_codes(), fixed_codes())
        found = [*loaded.findings, *levels.adjust(loaded.project.rules, Where(FILE, 0, ("rules",)))]

        discovery = discover(request.root, request.paths or loaded.project.policies)
        gathered = gather((path for path in discovery.paths if path != FILE), read, policies)
        if isinstance(project_file, bytes):
            gathered.depend_on(FILE, project_file)
        surroundings = gathered.survey()
        clusters = choose(surroundings.clusters, request.clusters, request.shard)

        waivers = Waivers(gathered.shared.waivers.values(), levels, request.today)
        verdicts = Verdicts(levels, waivers, lost=gathered.incomplete)
        verdicts.take([*found, *discovery.findings, *gathered.findings])

        inputs = gathered.inputs(
            {name: surroundings.files[name] for name in clusters},
            {name: plan.where.path for name, plan in surroundings.clusters.items()},
        )
        sink.begin(inputs, {"policies": " ".join(loaded.project.policies)})
        committed = _committed(request, loaded.project.output)
        compilation = Compilation(surroundings, clusters, render, books, sink, verdicts, committed)
        compilation.begin()
        for number, policy in enumerate(policies, 1):
            compilation.policy(policy)
            progress(number, len(policies))
        compilation.end()

        verdicts.take(waivers.findings())
        return Result(
            diagnostics=tuple(diagnose(verdicts.findings, sources, levels)),
            sources=sources,
            clusters=tuple(clusters),
            known=tuple(sorted(surroundings.clusters)),
            policies=len(policies),
        )


def _committed(request: Request, output: str) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        content = read_file(request.root, f"{output}/{path}")
        return content if isinstance(content, bytes) else None

    return (lambda _path: None) if request.allow_retarget else read
