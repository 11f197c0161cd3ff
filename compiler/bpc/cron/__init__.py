"""Kubernetes cron semantics: parse, next, previous, gaps, conversion to UTC, legal but foolish forms."""

from __future__ import annotations

from bpc.cron.advice import faults
from bpc.cron.fault import Fault, FaultKind
from bpc.cron.horizon import HORIZON_START
from bpc.cron.schedule import Schedule
from bpc.cron.spans import Gap, largest_gap, least_span, smallest_gap
from bpc.cron.syntax import parse, parse_v1
from bpc.cron.utc import to_utc
from bpc.cron.zones import tzdata_version, zone_names

__all__ = [
    "HORIZON_START",
    "Fault",
    "FaultKind",
    "Gap",
    "Schedule",
    "faults",
    "largest_gap",
    "least_span",
    "parse",
    "parse_v1",
    "smallest_gap",
    "to_utc",
    "tzdata_version",
    "zone_names",
]
