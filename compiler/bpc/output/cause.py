"""Why a cluster directory is not what its policies say, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from bpc.output.lock import Input, Lock, LockHeader


class Cause(StrEnum):
    """What made the difference."""

    POLICY = "policy"
    OPTIONS = "options"
    TOOL = "tool"
    EDIT = "edit"
    PARTIAL = "partial"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause, and a sentence that names it and the way out."""

    cause: Cause
    text: str


EDITED: Final = Reason(
    Cause.EDIT, "edited by hand: move the change to the policy or run `bpc build --force`"
)
DELETED: Final = Reason(Cause.EDIT, "deleted by hand: run `bpc build`")
FOREIGN: Final = Reason(
    Cause.EDIT, "not written by bpc: move it away or overwrite it with `bpc build --force`"
)
OBSTACLE: Final = Reason(Cause.EDIT, "not written by bpc and in the way: move it away")
PARTIAL: Final = Reason(Cause.PARTIAL, "partial build: run `bpc build`, it finishes the work")
UNEXPLAINED: Final = Reason(
    Cause.UNEXPLAINED,
    "the same policies and the same bpc gave something else: "
    "edited together with `bpc.lock`, or a defect of bpc; run `bpc build`",
)
GONE: Final = Reason(Cause.POLICY, "no policy names this cluster any more: run `bpc build`")


# The tool counts before the policies: under another release, every file may differ.
_HEADER_REASONS: Final = (
    ("bpc", Cause.TOOL, "built with bpc {old}, this is {new}: use that one, or run `bpc build`"),
    ("templates", Cause.TOOL, "built with other templates: run `bpc build`"),
    ("tzdata", Cause.TOOL, "built with tzdata {old}, this is {new}: run `bpc build`"),
    ("options", Cause.OPTIONS, "built with other options: run `bpc build`"),
)


def reason_for(lock: Lock, header: LockHeader, inputs: Iterable[Input]) -> Reason:
    """Say what changed since the lock was written."""
    old, new = lock.header(), header.record()
    if not old:
        why = "an unfinished merge in `bpc.lock`" if lock.merging else "never built"
        return Reason(Cause.POLICY, f"{why}: run `bpc build`")
    for name, cause, text in _HEADER_REASONS:
        if old.get(name) != new[name]:
            return Reason(cause, text.format(old=old.get(name), new=new[name]))
    now = ((source.path, source.sha256) for source in sorted(inputs))
    if any(old_input != new_input for old_input, new_input in zip_longest(lock.inputs(), now)):
        return Reason(Cause.POLICY, "policy changed: run `bpc build`")
    return UNEXPLAINED
