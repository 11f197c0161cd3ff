"""Exceptions: what a waiver takes away, and what a waiver does wrong itself."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from bpc.diagnostics import Finding
from bpc.model.waiver import Waiver
from bpc.pipeline.levels import Levels
from bpc.plan import codes
from bpc.plan.shared import Declared


class Waivers:
    """The exceptions of a project, and which of them are used.

    A waiver that names a policy covers its datasets as well. Without a day none has ended.
    """

    def __init__(
        self, waivers: Iterable[Declared[Waiver]], levels: Levels, today: datetime.date | None
    ) -> None:
        self._valid: list[Declared[Waiver]] = []
        self._used: set[str] = set()
        self._wrong: list[Finding] = []
        for declared in waivers:
            spec = declared.document.spec
            problem = levels.problem(spec.rule, declared.where.at("spec", "rule"))
            if problem is not None:
                self._wrong.append(problem)
            elif today is not None and spec.expires < today:
                self._wrong.append(_expired(declared))
            else:
                self._valid.append(declared)

    def cover(self, finding: Finding) -> bool:
        """Whether a finding is waived; the waiver then counts as used."""
        for declared in self._valid:
            spec = declared.document.spec
            named = spec.rule in (finding.code.number, finding.code.name)
            if named and _is_about(finding.subject, spec.object):
                self._used.add(declared.name)
                return True
        return False

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the waivers; to be asked when everything has been judged."""
        yield from self._wrong
        for declared in self._valid:
            if declared.name not in self._used:
                yield _unused(declared)


def _is_about(subject: str, wanted: str) -> bool:
    return subject == wanted or subject.startswith(f"{wanted}/")


def _expired(declared: Declared[Waiver]) -> Finding:
    spec = declared.document.spec
    return Finding(
        codes.EXPIRED_WAIVER,
        f"waiver `{declared.name}` of {spec.owner} ended on {spec.expires.isoformat()}",
        declared.where.at("spec", "expires"),
        help=f"mend what `{spec.rule}` says of `{spec.object}`, or have {spec.owner} renew the waiver",
        subject=spec.object,
    )


def _unused(declared: Declared[Waiver]) -> Finding:
    spec = declared.document.spec
    return Finding(
        codes.UNUSED_WAIVER,
        f"waiver `{declared.name}` waives nothing: `{spec.rule}` finds nothing at `{spec.object}`",
        declared.where,
        help="delete the waiver, or correct `rule` and `object`",
        subject=spec.object,
    )
