"""MySQL and MariaDB."""

from __future__ import annotations

from typing import Literal

from bpc.model.base import Text
from bpc.model.datasets.base import Database


class Mysql(Database):
    """A MySQL server."""

    type: Literal["mysql"]
    """Marks the dataset as MySQL."""
    method: Literal["dump", "physical"] = "dump"
    """How the data is read.

    - `dump`: as SQL.
    - `physical`: as files, with XtraBackup.
    """
    databases: tuple[Text, ...] = ()
    """The databases; all unless set."""
    managed_by: Literal["percona-mysql"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""


class Mariadb(Database):
    """A MariaDB server."""

    type: Literal["mariadb"]
    """Marks the dataset as MariaDB."""
    method: Literal["dump", "physical"] = "dump"
    """How the data is read.

    - `dump`: as SQL.
    - `physical`: as files, with mariadb-backup.
    """
    databases: tuple[Text, ...] = ()
    """The databases; all unless set."""
    managed_by: Literal["mariadb-operator"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""
