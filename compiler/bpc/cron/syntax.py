"""What a schedule may say: the standard parser of robfig/cron, v3 and v1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bpc.cron.duration import nanoseconds
from bpc.cron.fields import Fields
from bpc.cron.items import FIELDS, read_item
from bpc.cron.schedule import Schedule
from bpc.cron.zones import load_zone

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# The white space of Unicode, which is what Go splits at; Python's would add four control characters.
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_WORD = re.compile(f"[^{_SPACES}]+")
_PREFIXES = ("TZ=", "CRON_TZ=")
EVERY = "@every "


@dataclass(frozen=True, slots=True)
class Parts:
    """A schedule's text in parts: `TZ=` prefix and its zone, then five fields or the delay of `@every`."""

    prefix: str
    zone: str | None
    fields: tuple[str, ...]
    every: str = ""


@lru_cache(maxsize=4096)
def parse(spec: str) -> Schedule:
    """Parse a schedule as Kubernetes and Velero from 1.15 do; ValueError says why they refuse it.

    A time zone prefix (`TZ=`, `CRON_TZ=`) is read, as the library does. A CronJob may not have one
    since Kubernetes 1.29.
    """
    return _schedule(spec, split(spec), legacy=False)


@lru_cache(maxsize=4096)
def parse_v1(spec: str) -> Schedule:
    """Parse a schedule as Velero up to 1.14 does; ValueError says why it refuses it.

    There `*/2` counts as a star, so that a day has to match by day of month and by weekday.
    """
    if spec.startswith(_PREFIXES):
        raise ValueError(f"`{spec}` names a time zone, which Velero before 1.15 does not read")
    return _schedule(spec, _split_body(spec, "", None), legacy=True)


def split(spec: str) -> Parts:
    """Take a schedule's text apart; ValueError when it has no shape that the library knows."""
    if not spec.startswith(_PREFIXES):
        return _split_body(spec, "", None)
    prefix, space, body = spec.partition(" ")
    if not space:
        raise ValueError(
            f"`{spec}` has a time zone and no schedule: write both, with a space between"
        )
    zone = prefix.partition("=")[2] or "UTC"
    if zone == "Local":
        return _split_body(body.strip(_SPACES), prefix, None)
    load_zone(zone)
    return _split_body(body.strip(_SPACES), prefix, zone)


def _split_body(body: str, prefix: str, zone: str | None) -> Parts:
    if body.startswith(EVERY):
        return Parts(prefix, zone, (), body.removeprefix(EVERY))
    if body.startswith("@"):
        if body not in _DESCRIPTORS:
            raise ValueError(f"`{body}` is not one of {', '.join(_DESCRIPTORS)}, @every <duration>")
        return Parts(prefix, zone, tuple(_DESCRIPTORS[body].split()))
    words = tuple(_WORD.findall(body))
    if len(words) != len(FIELDS):
        wanted = ", ".join(bounds.name for bounds in FIELDS)
        raise ValueError(f"`{body}` has {len(words)} fields, not the five {wanted}")
    return Parts(prefix, zone, words)


def _schedule(text: str, parts: Parts, *, legacy: bool) -> Schedule:
    if not parts.fields:
        delay = nanoseconds(parts.every) // 10**9
        return Schedule(text, None, max(delay, 1), parts.zone)
    read = [_field(field, index, legacy) for index, field in enumerate(parts.fields)]
    (minute, _), (hour, _), (day, day_star), (month, _), (weekday, weekday_star) = read
    both = day_star or weekday_star
    fields = Fields(minute, hour, day, month, weekday, both, not legacy)
    return Schedule(text, fields, zone=parts.zone)


@lru_cache(maxsize=4096)
def _field(text: str, index: int, legacy: bool) -> tuple[int, bool]:
    mask, star = 0, False
    for item in (read_item(member, FIELDS[index]) for member in text.split(",") if member):
        mask |= sum(1 << value for value in range(item.first, item.last + 1, item.step))
        star |= item.star and (item.step == 1 or legacy)
    return mask, star
