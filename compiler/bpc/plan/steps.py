"""Steps of a runbook as data, so that every format prints the same ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a recovery.

    `place` is where the command runs, such as `workstation` or `node cp-1`. `command` is a shell command,
    complete with real names; run-time values are shell variables that an earlier step sets. `expected` is
    what it prints or brings about; `otherwise` says what to do if not. `minutes` is the time that it may
    take. `undo` takes it back; empty means that nothing was changed. `no_return` marks the step after
    which going back is another recovery.
    """

    purpose: str
    place: str
    command: str
    expected: str
    otherwise: str
    minutes: int
    undo: str = ""
    no_return: bool = False
