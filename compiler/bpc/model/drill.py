"""What a drill measured."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import Metadata, Name, Spec, Text
from bpc.model.format import Format
from bpc.model.scalars import Day, Duration, Rate


class DrillRecordSpec(Spec):
    """What was rehearsed, and what came out."""

    drill: Literal["restore", "full", "cross-region"]
    """The kind of drill.

    - `restore`: a dataset restored beside the live one.
    - `full`: a whole cluster rebuilt from its copies.
    - `cross-region`: a whole cluster rebuilt in another region.
    """
    cluster: Name
    """The cluster whose copies were restored."""
    dataset: (
        Annotated[
            str,
            Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$"),
            Format("a dataset", "the names of its policy and its own, such as `shop/orders`"),
        ]
        | None
    ) = None
    """The dataset, as `policy/dataset`, when the drill restored just one."""
    location: Name | None = None
    """The Location that was restored from."""
    date: Day
    """The day of the drill."""
    result: Literal["passed", "failed"]
    """What came of it.

    - `passed`: the restored data was complete and right.
    - `failed`: something was missing or wrong, or it took too long.
    """
    duration: Duration
    """How long it took from the decision to verified data."""
    read: Rate | None = None
    """Bytes per second that the restore read."""
    evidence: Text | None = None
    """Where the log of the drill can be read."""


class DrillRecord(Spec):
    """What a drill measured; later proofs use it instead of assumptions."""

    api_version: Literal["bpc/v1"]
    """The version of the language."""
    kind: Literal["DrillRecord"]
    """Marks the document as the record of a drill."""
    metadata: Metadata
    """The record's name."""
    spec: DrillRecordSpec
    """What was measured."""
