"""Where copies go."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bpc.model.base import Name, Spec
from bpc.model.retention import Retention
from bpc.model.scalars import Duration


class Copy(Spec):
    """One copy of every point, at one location."""

    location: Name
    """The Location that holds the copy."""
    from_: Name | None = Field(default=None, alias="from")
    """The Location that the copy is made from; without it, from the data itself.

    With `lag` the storage makes it: declare the replication of the bucket there. With `every` a job of
    bpc makes it, which only works for datasets that bpc copies itself.
    """
    lag: Duration | None = None
    """The longest that a copy of a copy may stay behind."""
    engine: Literal["restic", "object"] | None = None
    """What writes the copy of a dataset that bpc copies itself; Velero and CSI datasets have their own.

    - `restic`: restic, which encrypts, and stores equal parts once.
    - `object`: one encrypted object for each part of a point, never changed once written, which a
      lock of the bucket can protect.
    """
    every: Duration | None = None
    """The copy's own rhythm, when it is slower than the dataset's schedule."""
    retention: Retention | None = None
    """The copy's own retention."""


def _short_form(value: object) -> object:
    return {"location": value} if isinstance(value, str) else value


CopyEntry = Annotated[
    Copy,
    BeforeValidator(_short_form, json_schema_input_type=Name | Copy),
]
"""A copy, or just the name of its location."""


class Copies(Spec):
    """Where copies go, and how independent they must be."""

    rule: Literal["3-2-1-1-0", "3-2-1", "none"] = "none"
    """The rule that the copies must satisfy together with the production data.

    - `3-2-1`: three copies, two media, one in another region.
    - `3-2-1-1-0`: and one that cannot be deleted, and no error in the last restore drill.
    - `none`: no rule.
    """
    to: tuple[CopyEntry, ...] = ()
    """The copies; a plain name stands for a copy made straight from the data."""
