"""MySQL and MariaDB."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import Count, Flag, Labels, ObjectName, Spec, Text
from bpc.model.datasets.base import Database
from bpc.model.format import Format

_OWNER = 999


class DataVolume(Spec):
    """The volume with the files of a server, which a physical copy reads beside the server."""

    claim: ObjectName
    """The PersistentVolumeClaim with the server's data directory, in the dataset's namespace."""
    mount: Annotated[
        str,
        Field(pattern=r"^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$", max_length=255),
        Format("a path", "one that begins with `/`, such as `/var/lib/mysql`"),
    ] = "/var/lib/mysql"
    """Where the server's pod mounts the claim: the job reads the files by the paths that the server knows."""
    directory: Annotated[
        str,
        Field(pattern=r"^(\.|[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)$"),
        Format("a path", "names joined by slashes, or `.` for the root of the claim"),
    ] = "."
    """The data directory in that claim, such as `data`. For a pod that mounts a directory of the claim
    (`subPath: mysql` at `/var/lib/mysql`): `mount: /var/lib`, `directory: mysql`."""
    restore_claim: ObjectName | None = None
    """The claim that a restore writes to; the server's own unless set."""
    pod_labels: Labels = {}
    """Labels that only the server's pod has. The job runs on the node of that pod, as most volumes demand."""
    user: Annotated[Count, Field(ge=1, le=65_535)] = _OWNER
    """The number of the user who owns the files: 999 in the images of MySQL and MariaDB."""
    group: Annotated[Count, Field(ge=1, le=65_535)] = _OWNER
    """The number of the group that owns the files."""


class _Family(Database):
    databases: tuple[Text, ...] = ()
    """The databases; all unless set."""
    lock_tables: Flag = False
    """Locks all tables for as long as a dump takes, which stops all writes; for tables that have no
    transactions, such as those of MyISAM."""
    data: DataVolume | None = None
    """Where the server keeps its files; for the method `physical`."""


class Mysql(_Family):
    """A MySQL server."""

    type: Literal["mysql"]
    """Marks the dataset as MySQL."""
    method: Literal["dump", "physical"] = "dump"
    """How the data is read.

    - `dump`: as SQL.
    - `physical`: as files, with XtraBackup.
    """
    managed_by: Literal["percona-mysql"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""

    def purposes(self) -> tuple[str, ...]:
        """Return the image with the programs that read the server."""
        return ("xtrabackup",) if self.method == "physical" else ("mysql",)


class Mariadb(_Family):
    """A MariaDB server."""

    type: Literal["mariadb"]
    """Marks the dataset as MariaDB."""
    method: Literal["dump", "physical"] = "dump"
    """How the data is read.

    - `dump`: as SQL.
    - `physical`: as files, with mariadb-backup.
    """
    managed_by: Literal["mariadb-operator"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""
