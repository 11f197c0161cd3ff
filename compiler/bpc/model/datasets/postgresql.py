"""PostgreSQL."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bpc.model.base import Count, Flag, ObjectName, Spec, Text
from bpc.model.datasets.base import Database
from bpc.model.datasets.cnpg import CnpgBackups
from bpc.model.format import Format
from bpc.model.scalars import Duration

_STORING = 60


class DataClaim(Spec):
    """Where a server keeps its files; a physical copy is restored to there."""

    claim: ObjectName
    """The PersistentVolumeClaim in the dataset's namespace."""
    directory: Annotated[
        str,
        Field(pattern=r"^(\.|[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)$"),
        Format("a path", "names joined by slashes, or `.` for the root of the claim"),
    ] = "pgdata"
    """The data directory in that claim, which is what PGDATA names without its mount path."""
    user: Annotated[Count, Field(ge=1, le=65_535)] = 999
    """The number of the user that the server runs as: 999 in the official images, 70 in those of Alpine."""


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
    data: DataClaim | None = None
    """Where a physical copy is restored to."""
    wal_archive: Flag = False
    """Archives the write-ahead log between physical copies, so that any moment can be restored."""
    wal_lag: Duration = 60
    """How far the archive may be behind the server."""
    wal_keep: Duration | None = None
    """How far back any moment can be restored; to the oldest physical copy that is kept unless set."""
    managed_by: Literal["cnpg"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""

    cnpg: CnpgBackups | None = None
    """What that schedule says, for `managedBy: cnpg`."""

    @model_validator(mode="after")
    def _settings_of_the_operator(self) -> Self:
        if self.cnpg is not None and self.managed_by != "cnpg":
            raise PydanticCustomError(
                "operator",
                "`cnpg` only counts where CloudNativePG manages the server",
                {"help": "write `managedBy: cnpg`, or drop `cnpg`"},
            )
        return self

    def archived_within(self) -> int | None:
        """Return the lag of the archive, and a minute in which what is late is stored."""
        archived = self.wal_archive and self.method == "physical" and self.managed_by is None
        return self.wal_lag + _STORING if archived else None
