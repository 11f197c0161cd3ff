"""The project: its root directory, and what `bpc.yaml` says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bpc.diagnostics import Finding, Where
from bpc.model.project import Project
from bpc.model.reading import read_project
from bpc.model.release import Release
from bpc.pipeline import codes
from bpc.source import parse
from bpc.version import __version__

FILE = "bpc.yaml"
_DEFAULT = Project(apiVersion="bpc/v1", kind="Project")
_COMPARISONS = {
    ">=": lambda ours, wanted: ours >= wanted,
    "<=": lambda ours, wanted: ours <= wanted,
    "==": lambda ours, wanted: ours == wanted,
    "!=": lambda ours, wanted: ours != wanted,
    ">": lambda ours, wanted: ours > wanted,
    "<": lambda ours, wanted: ours < wanted,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project and what is wrong with its file."""

    project: Project
    findings: tuple[Finding, ...] = ()


def find_root(start: Path) -> Path:
    """Return the nearest directory from `start` upwards that holds `bpc.yaml`.

    The search ends at the root of the Git repository; without a project file, `start` is the root.
    """
    for directory in (start, *start.parents):
        if (directory / FILE).is_file():
            return directory
        if (directory / ".git").exists():
            break
    return start


def load(content: bytes | Finding | None) -> Loaded:
    """Read the project file; without one, everything is as usual."""
    if content is None:
        return Loaded(_DEFAULT)
    if isinstance(content, Finding):
        return Loaded(_DEFAULT, (content,))
    parsed = parse(content, FILE)
    if not parsed.documents:
        return Loaded(_DEFAULT, parsed.findings)
    project, wrong = read_project(parsed.documents[0])
    findings = (*parsed.findings, *wrong)
    if project is None:
        return Loaded(_DEFAULT, findings)
    other = _other_release(project)
    return Loaded(project, (*findings, other) if other else findings)


def _other_release(project: Project) -> Finding | None:
    ours = Release.parse(__version__)
    for part in (project.requires or "").split(","):
        sign = next((sign for sign in _COMPARISONS if part.startswith(sign)), None)
        if sign is not None and not _COMPARISONS[sign](ours, _release(part.removeprefix(sign))):
            return Finding(
                codes.OTHER_RELEASE,
                f"this is bpc {__version__}, and the project asks for `{project.requires}`",
                Where(FILE, 0, ("requires",)),
                help="install a release that fits, or change `requires` together with the output",
            )
    return None


def _release(text: str) -> Release:
    return Release.parse(text if "." in text else f"{text}.0")
