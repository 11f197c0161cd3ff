"""How long points are kept."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from bpc.model.base import Spec

Points = Annotated[int, Strict(), Field(ge=1, le=10_000)]

RUNGS = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_678_400,
    "yearly": 31_622_400,
}
"""The rungs of the ladder from fine to coarse, each with the longest that its period can be, in seconds."""


class Retention(Spec):
    """Grandfather, father, son: so many points of each rung.

    A point of a rung is kept for the number of points times the rung's period: `daily: 14` keeps
    each daily point for 14 days.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    hourly: Points | None = None
    """Hours for which every point of the finest schedule is kept."""
    daily: Points | None = None
    """Days for which a daily point is kept."""
    weekly: Points | None = None
    """Weeks for which a weekly point is kept."""
    monthly: Points | None = None
    """Months (of 31 days) for which a monthly point is kept."""
    yearly: Points | None = None
    """Years (of 366 days) for which a yearly point is kept."""

    @model_validator(mode="after")
    def _some_rung(self) -> Self:
        if not self.ladder():
            raise PydanticCustomError(
                "retention",
                "a retention without a rung keeps nothing",
                {"help": "keep at least one point, such as `daily: 14`"},
            )
        return self

    def ladder(self) -> dict[str, int]:
        """Return the rungs in use, from fine to coarse, with the seconds that a point of each is kept."""
        return {
            rung: points * period
            for rung, period in RUNGS.items()
            if (points := getattr(self, rung)) is not None
        }
