"""When a dataset is backed up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from bpc.model.base import Spec, Text


class CronSchedule(Spec):
    """Times written as Kubernetes reads them."""

    cron: Text
    """Minute, hour, day of month, month and day of week, as a CronJob takes them."""
    time_zone: str | None = None
    """The IANA zone of these times; the inherited `timeZone` unless set."""
    day_match: Literal["any"] | None = None
    """Write `any` when both day fields are set: Kubernetes then runs when either matches."""


def _form(value: object) -> str:
    return "times" if isinstance(value, dict | CronSchedule) else "word"


Schedule = Annotated[
    Annotated[Literal["auto", "manual"], Tag("word")] | Annotated[CronSchedule, Tag("times")],
    Discriminator(_form),
]
"""A word that leaves the times to the compiler or to people, or times of your own."""
