"""Start times spread over a cluster, so that jobs do not pile up.

Each dataset gets a minute and an hour from a digest of its name. A minute that already has its fair share
passes the dataset on to the next one: no minute gets more than an even spread would give it, and a new
dataset moves few of the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from bpc.plan.estate import Slot

_MINUTES = 60
_HOURS = 24
_NIGHT = 6
"""Daily jobs run in one of so many hours, counted from the hour of the slot."""


def digest(subject: str) -> int:
    """Return a number that depends on nothing but the text."""
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], "big")


def slot_of(subject: str) -> Slot:
    """Return the slot of a dataset that shares its cluster with nothing."""
    number = digest(subject)
    return Slot(minute=number % _MINUTES, hour=number // _MINUTES % _HOURS)


def spread(subjects: Iterable[str]) -> dict[str, Slot]:
    """Give each dataset of one cluster a slot; the order of the subjects does not matter."""
    ordered = sorted(
        {subject: digest(subject) for subject in subjects}.items(), key=lambda s: s[::-1]
    )
    per_minute = -(-len(ordered) // _MINUTES)
    per_hour = -(-per_minute // _NIGHT)
    minutes = [0] * _MINUTES
    hours = [[0] * _NIGHT for _ in range(_MINUTES)]
    slots: dict[str, Slot] = {}
    for subject, number in ordered:
        minute = _next_free(minutes, number % _MINUTES, per_minute)
        hour = number // _MINUTES % _HOURS
        night = _next_free(hours[minute], hour % _NIGHT, per_hour)
        slots[subject] = Slot(minute, hour - hour % _NIGHT + night)
    return slots


def _next_free(taken: list[int], start: int, share: int) -> int:
    place = start
    while taken[place] >= share:
        place = (place + 1) % len(taken)
    taken[place] += 1
    return place
