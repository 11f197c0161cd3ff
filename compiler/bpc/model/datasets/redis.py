"""Redis."""

from __future__ import annotations

from typing import Literal

from bpc.model.datasets.base import Database


class Redis(Database):
    """A Redis server."""

    type: Literal["redis"]
    """Marks the dataset as Redis."""
    method: Literal["dump"] = "dump"
    """`dump` streams an RDB file from the server."""
