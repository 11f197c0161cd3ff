"""PostgreSQL."""

from __future__ import annotations

from typing import Literal

from bpc.model.base import Flag, Text
from bpc.model.datasets.base import Database


class Postgresql(Database):
    """A PostgreSQL server."""

    type: Literal["postgresql"]
    """Marks the dataset as PostgreSQL."""
    method: Literal["dump", "physical"] = "dump"
    """How the data is read.

    - `dump`: each database, and the globals.
    - `physical`: as files, with pg_basebackup.
    """
    databases: tuple[Text, ...] = ()
    """The databases; all unless set."""
    wal_archive: Flag = False
    """Archives the write-ahead log between physical copies, so that any moment can be restored."""
    managed_by: Literal["cnpg"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""
