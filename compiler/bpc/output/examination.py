"""May a build act on the differences it found? It may not destroy what bpc did not write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bpc.output.compare import Drift, Kind
from bpc.output.errors import HandEditedError, OutputError


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether there is anything to do, and the files that a build will remove."""

    drifted: bool
    removed: tuple[str, ...]


def examine(drifts: Iterable[Drift], shown: Callable[[str], str], *, force: bool) -> Verdict:
    """Look at every difference before anything is touched; raise with all that stands in the way."""
    removed: list[str] = []
    blocked: dict[Kind, list[str]] = {
        Kind.OBSTACLE: [],
        Kind.HAND_EDITED: [],
        Kind.FOREIGN: [],
    }
    drifted = False
    for drift in drifts:
        drifted = True
        if drift.kind in blocked:
            blocked[drift.kind].append(shown(drift.path))
        if drift.action == "delete":
            removed.append(drift.path)
    _refuse_obstacles(blocked[Kind.OBSTACLE])
    edited, foreign = blocked[Kind.HAND_EDITED], blocked[Kind.FOREIGN]
    if (edited or foreign) and not force:
        raise HandEditedError.of(edited, foreign)
    return Verdict(drifted, tuple(removed))


def _refuse_obstacles(paths: list[str]) -> None:
    if paths:
        raise OutputError(
            f"`{paths[0]}` stands where the build needs a directory or a file",
            "bpc did not write it: move it away",
            tuple(paths),
        )
