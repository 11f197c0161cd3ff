"""How much each rule weighs in a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bpc.diagnostics import Code, Finding, Severity, Where
from bpc.model.suggest import closest
from bpc.pipeline import codes

_OFF = "off"


class Levels:
    """The weight of every code, after what the project says of it.

    Only rules can be weighed: what cannot be read or resolved cannot be compiled, whatever its weight.
    """

    def __init__(self, rules: Iterable[Code], fixed: Iterable[Code]) -> None:
        self._rules = {key: code for code in rules for key in (code.number, code.name)}
        self._fixed = {key: code for code in fixed for key in (code.number, code.name)}
        self._weights: dict[str, Severity | None] = {}

    def adjust(self, wanted: Mapping[str, str], where: Where) -> list[Finding]:
        """Take over the weights that a project gives; `where` is the place of the mapping."""
        findings = []
        for key, level in wanted.items():
            problem = self.problem(key, (where / key).as_key())
            if problem is not None:
                findings.append(problem)
            else:
                self._weights[self._rules[key].number] = None if level == _OFF else Severity(level)
        return findings

    def problem(self, key: str, where: Where) -> Finding | None:
        """Return what is wrong with naming a rule here, if anything is."""
        if key in self._rules:
            return None
        if key in self._fixed:
            return Finding(
                codes.FIXED_RULE,
                f"`{key}` is not a rule whose weight can be changed",
                where,
                help="mend what it reports; nothing can be compiled before",
            )
        near = closest(key, self._rules)
        return Finding(
            codes.UNKNOWN_RULE,
            f"there is no rule `{key}`",
            where,
            help=f"did you mean `{near}`?" if near else "list the rules with `bpc rules`",
        )

    def __call__(self, code: Code) -> Severity | None:
        """Return the weight of a code; None if it is switched off."""
        return self._weights.get(code.number, code.severity)
