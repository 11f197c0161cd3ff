"""When a dataset is backed up."""

from __future__ import annotations

from typing import Literal

from bpc.model.base import Spec, Text


class CronSchedule(Spec):
    """Times written as Kubernetes reads them."""

    cron: Text
    """Minute, hour, day of month, month and day of week, as a CronJob takes them."""
    time_zone: str | None = None
    """The IANA zone of these times; the inherited `timeZone` unless set."""
    day_match: Literal["any"] | None = None
    """Write `any` when both day fields are set: Kubernetes then runs when either matches."""


Schedule = Literal["auto", "manual"] | CronSchedule
"""`auto` (chosen to meet the objectives, and spread), `manual` (none), or times of your own."""
