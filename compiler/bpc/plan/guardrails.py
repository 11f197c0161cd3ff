"""What a tier does not let anybody weaken."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Finding, Where
from bpc.model.scalars import format_duration
from bpc.model.tier import Tier
from bpc.plan import codes
from bpc.plan.estate import DatasetPlan
from bpc.plan.inherit import Settled
from bpc.plan.shared import Declared


def weakened(plan: DatasetPlan, settled: Settled, tier: Declared[Tier]) -> Iterator[Finding]:
    """Yield a finding for each guardrail of the tier that a dataset does not keep."""
    rails = tier.document.spec.guardrails
    if rails is None or plan.spec.held_by is not None:
        return
    place = tier.where.at("spec", "guardrails")
    if rails.rpo is not None:
        yield from _objectives(plan, settled, tier.name, rails.rpo, place / "rpo")
    reach = max((rung.keep for rung in plan.rungs), default=None)
    if rails.retention is not None and reach is not None and reach < rails.retention:
        yield _finding(
            plan,
            f"`{plan.subject}` keeps its oldest point for {format_duration(reach)}, and tier "
            f"`{tier.name}` asks for at least {format_duration(rails.retention)}",
            settled.origin("retention").where,
            place / "retention",
            "keep more points of the coarsest rung",
        )
    if rails.copies is not None and len(plan.copies) < rails.copies:
        yield _finding(
            plan,
            f"`{plan.subject}` has {len(plan.copies)} copies, and tier `{tier.name}` asks for at "
            f"least {rails.copies}",
            settled.origin("copies").where,
            place / "copies",
            "add a location under `copies.to`",
        )


def _objectives(
    plan: DatasetPlan, settled: Settled, tier: str, most: int, rail: Where
) -> Iterator[Finding]:
    for scenario, objective in settled.objectives.items():
        own = settled.origins.get(f"objectives.{scenario}.rpo")
        if own and objective.rpo is not None and objective.rpo > most:
            yield _finding(
                plan,
                f"`{plan.subject}` accepts a loss of {format_duration(objective.rpo)} for "
                f"{scenario}, and tier `{tier}` allows at most {format_duration(most)}",
                own[0].where,
                rail,
                f"set `rpo` to at most `{format_duration(most)}`",
            )


def _finding(
    plan: DatasetPlan, message: str, where: Where | None, rail: Where, advice: str
) -> Finding:
    return Finding(
        codes.GUARDRAIL,
        message,
        where or plan.where,
        related=((rail, "the guardrail"),),
        help=advice,
        subject=plan.subject,
    )
