"""A schedule that was parsed, and its runs."""

from __future__ import annotations

from dataclasses import dataclass

from bpc.cron import search
from bpc.cron.fields import Fields
from bpc.cron.zones import load_zone


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something runs: at the moments that `fields` match, or every `delay` seconds (`@every`).

    `text` is what was parsed. `zone` is the time zone named in the text itself, which then overrides
    the one that a method is asked for. Exactly one of `fields` and `delay` is set.
    """

    text: str
    fields: Fields | None
    delay: int = 0
    zone: str | None = None

    def next(self, after: int, zone: str) -> int | None:
        """Return the first run after `after` in a zone, or None when the library finds none.

        Both are UTC epoch seconds; the library searches to the end of the fifth year that follows.
        ValueError for an unknown zone.
        """
        if self.fields is None:
            return after + self.delay
        return search.following(self.fields, after, load_zone(self.zone or zone))

    def previous(self, before: int, zone: str) -> int | None:
        """Return the last run before `before` in a zone, or None when there is none in five years.

        Runs are the answers of `next` to its own answers. Those of `@every` depend on when the first
        was: here it is taken to have been such that there is a run at `before`.
        """
        if self.fields is None:
            return before - self.delay
        return search.preceding(self.fields, before, load_zone(self.zone or zone))

    def fires(self) -> bool:
        """Whether there is any run at all: `0 0 30 2 *` and `,` are legal and have none."""
        if self.fields is None:
            return True
        # 28 years hold every month in every position of the week.
        years = ((year, month) for year in range(2000, 2028) for month in range(1, 13))
        return bool(self.fields.times()) and any(
            self.fields.month >> month & 1 and self.fields.days(year, month)
            for year, month in years
        )
