"""How many points of a rung there are at once."""

from __future__ import annotations

from functools import lru_cache

from bpc.cron import HORIZON_START, least_span, parse, smallest_gap
from bpc.plan.estate import Rung
from bpc.plan.schedule import YEARS, spaced_alike


def most_points(rung: Rung) -> int:
    """Return the most points that are younger than the rung keeps them, counted on both ends."""
    return _most(spaced_alike(rung.cron, rung.zone), rung.zone, rung.keep)


@lru_cache(maxsize=4_096)
def _most(cron: str, zone: str, keep: int) -> int:
    schedule = parse(cron)
    least = smallest_gap(schedule, zone, HORIZON_START, YEARS).seconds

    def fit(points: int) -> bool:
        try:
            span = least_span(schedule, zone, HORIZON_START, YEARS, points).seconds
        except ValueError:
            return False
        return span <= keep

    few, many = 1, keep // least + 1
    if fit(many):
        return many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if fit(middle) else (few, middle)
    return few
