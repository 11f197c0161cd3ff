"""When the points of a dataset are made: times that were given, or the cheapest that meet the objectives."""

from __future__ import annotations

from dataclasses import dataclass

from bpc.cron import parse, zone_names
from bpc.diagnostics import Finding, Where
from bpc.model.datasets import AnyDataset
from bpc.model.retention import RUNGS
from bpc.model.scalars import format_duration
from bpc.model.schedule import CronSchedule
from bpc.plan import codes
from bpc.plan.estate import Slot, completion_delay
from bpc.plan.inherit import DEFAULT_ZONE, Settled
from bpc.plan.schedule import PERIODS, Times, cheapest


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the times of one dataset are worked out from."""

    dataset: AnyDataset
    settled: Settled
    where: Where
    subject: str
    slot: Slot


def base_times(occasion: Occasion, findings: list[Finding]) -> Times | None:
    """Return the times of the finest rung; None if there are none, or none can do.

    What is wrong is added to `findings`.
    """
    dataset = occasion.dataset
    if dataset.held_by is not None or dataset.schedule == "manual":
        return None
    if isinstance(dataset.schedule, CronSchedule):
        return _given(dataset.schedule, occasion, findings)
    zone = occasion.settled.zone
    if not _zone_known(zone, occasion.settled.origin("timeZone").where, occasion, findings):
        return None
    return _auto(occasion, findings)


def _given(schedule: CronSchedule, occasion: Occasion, findings: list[Finding]) -> Times | None:
    where = occasion.where / "schedule"
    zone = schedule.time_zone or occasion.settled.zone
    place = where / "timeZone" if schedule.time_zone else occasion.settled.origin("timeZone").where
    if not _zone_known(zone, place, occasion, findings):
        return None
    try:
        fires = parse(schedule.cron).fires()
    except ValueError as error:
        findings.append(
            Finding(
                codes.INVALID_CRON,
                f"Kubernetes refuses `{schedule.cron}`: {error}",
                where / "cron",
                help="write five fields: minute, hour, day of month, month, day of week (0-6)",
                subject=occasion.subject,
            )
        )
        return None
    return Times(schedule.cron, zone) if fires else None


def _zone_known(
    zone: str, where: Where | None, occasion: Occasion, findings: list[Finding]
) -> bool:
    if zone in zone_names():
        return True
    findings.append(
        Finding(
            codes.UNKNOWN_ZONE,
            f"there is no time zone `{zone}`",
            where or occasion.where,
            help=f"use an IANA name such as `Europe/Berlin`, or leave it out for {DEFAULT_ZONE}",
            subject=occasion.subject,
        )
    )
    return False


def _auto(occasion: Occasion, findings: list[Finding]) -> Times | None:
    settled = occasion.settled
    finest = next(iter(settled.retention.ladder()), None) if settled.retention else None
    at_most = min(RUNGS.get(finest or "", PERIODS[0]), PERIODS[0])
    rpo = min((o.rpo for o in settled.objectives.values() if o.rpo is not None), default=None)
    if rpo is None or occasion.dataset.archived_within() is not None:
        return cheapest(at_most, settled.zone, occasion.slot)
    room = rpo - _delays(occasion)
    times = cheapest(at_most, settled.zone, occasion.slot, max_gap=room)
    if times is None:
        findings.append(_unreachable(rpo, occasion))
    return times


def _delays(occasion: Occasion) -> int:
    settled = occasion.settled
    return completion_delay(occasion.dataset, settled.start_limit, settled.run_limit)


def _unreachable(rpo: int, occasion: Occasion) -> Finding:
    settled = occasion.settled
    scenario = next(name for name, o in settled.objectives.items() if o.rpo == rpo)
    chain = settled.origins.get(f"objectives.{scenario}.rpo") or settled.origins.get(
        "objectives.default.rpo", ()
    )
    related = tuple(
        (origin.where, f"the objective for {scenario}") for origin in chain[:1] if origin.where
    )
    spare = rpo - _delays(occasion) + settled.run_limit - PERIODS[-1]
    advice = (
        f"set `limits.run` to at most `{format_duration(spare)}`, or accept a larger `rpo`"
        if spare > 0
        else f"accept an `rpo` of at least `{format_duration(_delays(occasion) + PERIODS[-1])}`"
    )
    return Finding(
        codes.RPO_UNREACHABLE,
        f"no schedule of `{occasion.subject}` can meet an rpo of {format_duration(rpo)}: a run may "
        f"start {format_duration(settled.start_limit)} late "
        f"and take {format_duration(settled.run_limit)}",
        occasion.where / "schedule",
        related=related,
        help=advice,
        subject=occasion.subject,
    )
