"""The copies of one dataset: where they are, what they are made from, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpc.diagnostics import Finding, Where
from bpc.model.copies import Copy
from bpc.model.retention import Retention
from bpc.plan import codes
from bpc.plan.estate import CopyPlan, LocationPlan, Rung, Slot
from bpc.plan.inherit import Settled
from bpc.plan.schedule import COPY_STEP, Times, cheapest, ladder, moved
from bpc.plan.shared import Shared, unknown
from bpc.plan.survey import location_plan


@dataclass(frozen=True, slots=True)
class Context:
    """What the copies of one dataset are worked out from."""

    subject: str
    cluster: str
    settled: Settled
    shared: Shared
    locations: Mapping[str, LocationPlan]
    base: Times | None
    slot: Slot


def resolve_copies(context: Context, findings: list[Finding]) -> tuple[CopyPlan, ...]:
    """Return the copies whose locations exist; what is wrong is added to `findings`."""
    place = context.settled.origin("copies").where
    if place is None:
        return ()
    entries = context.settled.copies.to
    plans: list[CopyPlan] = []
    for index, copy in enumerate(entries):
        where = place.at("to", index)
        if copy.location not in context.shared.locations:
            findings.append(
                unknown(
                    "location",
                    copy.location,
                    context.shared.locations,
                    where / "location",
                    context.subject,
                )
            )
            continue
        plans.append(_plan(context, copy, index, where, findings))
    findings.extend(_broken(entries, place, context.subject))
    return tuple(plans)


def _plan(
    context: Context, copy: Copy, index: int, where: Where, findings: list[Finding]
) -> CopyPlan:
    location = context.locations.get(copy.location) or location_plan(
        context.shared, copy.location, context.cluster, source=_filled_from(context, copy)
    )
    rungs: tuple[Rung, ...] = ()
    if (copy.from_ is None or copy.lag is None) and context.base is not None:
        rungs = _rungs(context, copy, index, where, findings)
    return CopyPlan(
        location=location,
        where=where,
        source=copy.from_,
        lag=copy.lag,
        engine=copy.engine,
        rungs=rungs,
    )


def _filled_from(context: Context, copy: Copy) -> str | None:
    """Return the location from which the storage fills another, through all that lie between."""
    entries = {entry.location: entry for entry in context.settled.copies.to}
    root = None
    for _ in entries:
        if copy.from_ is None or copy.lag is None or copy.from_ not in entries:
            break
        root = copy.from_
        copy = entries[copy.from_]
    return root


def _rungs(
    context: Context, copy: Copy, index: int, where: Where, findings: list[Finding]
) -> tuple[Rung, ...]:
    retention = copy.retention or context.settled.retention
    base = context.base
    if copy.every is not None and base is not None:
        slot = moved(context.slot, COPY_STEP * index)
        base = cheapest(copy.every, base.zone, slot)
        if base is None:
            findings.append(
                Finding(
                    codes.RPO_UNREACHABLE,
                    f"no schedule runs as often as the copy to `{copy.location}` asks for",
                    where / "every",
                    help="ask for at least `5m`",
                    subject=context.subject,
                )
            )
    if retention is None or base is None:
        return ()
    return tuple(ladder(kept(retention), base, context.slot, index))


def kept(retention: Retention) -> dict[str, tuple[int, int]]:
    """Return for each rung in use, from fine to coarse, its points and the seconds each is kept."""
    return {
        rung: (getattr(retention, rung), seconds) for rung, seconds in retention.ladder().items()
    }


def _broken(entries: tuple[Copy, ...], place: Where, subject: str) -> list[Finding]:
    made_from_data = {copy.location for copy in entries if copy.from_ is None}
    reached = set(made_from_data)
    for _ in entries:
        reached |= {copy.location for copy in entries if copy.from_ in reached}
    findings = []
    for index, copy in enumerate(entries):
        where = place.at("to", index)
        if copy.from_ is not None and copy.location not in reached:
            findings.append(
                Finding(
                    codes.BROKEN_CHAIN,
                    f"the copy at `{copy.location}` is made from `{copy.from_}`, "
                    "which no copy of the data reaches",
                    where / "from",
                    help=f"add `{copy.from_}` as a copy of its own, or drop `from`",
                    subject=subject,
                )
            )
        elif copy.from_ is not None and (copy.lag is None) == (copy.every is None):
            findings.append(
                Finding(
                    codes.BROKEN_CHAIN,
                    f"nothing says how the copy at `{copy.location}` is made and how far it may stay behind"
                    if copy.lag is None
                    else f"the copy at `{copy.location}` cannot be made by the storage and by a job",
                    where,
                    help="write either `lag: 15m`, when the storage replicates and you watch that bound, or "
                    "`every: 1d`, when a job of bpc is to make it",
                    subject=subject,
                )
            )
        elif copy.from_ is None and copy.lag is not None:
            findings.append(
                Finding(
                    codes.BROKEN_CHAIN,
                    f"the copy at `{copy.location}` has a lag but nothing that it is copied from",
                    where / "lag",
                    help="say with `from` which location it is copied from, or drop `lag`",
                    subject=subject,
                )
            )
    return findings
