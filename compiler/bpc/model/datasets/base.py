"""What every kind of dataset can say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from bpc.model.base import Count, DnsLabel, Flag, Name, ObjectName, Spec, Text
from bpc.model.format import Format
from bpc.model.objectives import Settings
from bpc.model.scalars import Size
from bpc.model.schedule import Schedule

if TYPE_CHECKING:
    from bpc.model.control_plane import ControlPlane


class HeldBy(Spec):
    """Somebody else protects this dataset; the proof takes their word and says so."""

    who: Literal["provider", "operator", "team"]
    """Who protects it.

    - `provider`: the provider of the service, under a contract.
    - `operator`: an operator in the cluster, with its own schedule.
    - `team`: a team, by its own means.
    """
    evidence: Text
    """Where their promise can be read."""


class Dataset(Settings):
    """Something that must not be lost."""

    name: Name
    """The dataset's name, unique in its policy."""
    schedule: Schedule = "auto"
    """When it is backed up, unless `cron` says so.

    - `auto`: as often as the objectives ask for, at a time when little else runs.
    - `manual`: never by itself.
    """
    size: Size | None = None
    """How much data there is today."""
    after: tuple[Name, ...] = ()
    """Datasets of the same policy whose jobs start earlier."""
    paused: Flag = False
    """Keeps the schedule in place but runs nothing."""
    held_by: HeldBy | None = None
    """Set when somebody else protects it."""

    def copied_by_jobs(self, control_plane: ControlPlane | None) -> bool:  # noqa: ARG002 - etcd's asks
        """Whether bpc's own jobs copy it, rather than Velero, the storage, or the server itself."""
        return getattr(self, "managed_by", None) is None

    def archived_within(self) -> int | None:
        """Return after how many seconds at most a change is stored, if that does not wait for a point."""
        return None

    def purposes(self) -> tuple[str, ...]:
        """Return the purposes of the container images that its jobs need besides the copy engines'."""
        return ()


class Tls(Spec):
    """How the connection to a server is protected."""

    mode: Literal["disable", "require", "verify"] = "verify"
    """How far the server is trusted.

    - `disable`: fully; nothing is encrypted.
    - `require`: without a look at its certificate; the connection is encrypted.
    - `verify`: only with a certificate that a known authority signed for its name.
    """
    ca_secret: ObjectName | None = None
    """The Secret whose key `ca.crt` holds the certificate of the authority."""


class SecretReference(Spec):
    """A Secret in the dataset's namespace."""

    secret: ObjectName
    """The name of the Secret, with the keys `username` and `password`."""


class Connection(Spec):
    """How a job reaches a database server."""

    host: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9.-]+$", max_length=253),
        Format("a host", "its name or IPv4 address, without a port"),
    ]
    """The host name or Service."""
    port: Annotated[Count, Field(ge=1, le=65_535)] | None = None
    """The port, when it is not the usual one."""
    credentials: SecretReference | None = None
    """The account that the job uses; it only has to read."""
    restore_credentials: SecretReference | None = None
    """The account that the restore job uses, which may write; that of the backup job unless set."""
    tls: Tls = Tls()
    """How the connection is protected."""


class Database(Dataset):
    """A database that a job backs up with the database's own tools."""

    namespace: DnsLabel
    """The namespace in which the job runs."""
    connection: Connection | None = None
    """How the job reaches the server; not needed when an operator manages it."""
    version: (
        Annotated[
            str,
            Field(pattern=r"^[0-9]+(\.[0-9]+){0,2}$"),
            Format("a release", "one to three numbers joined by dots, such as `8.4`"),
        ]
        | None
    ) = None
    """The release of the server."""

    def purposes(self) -> tuple[str, ...]:
        """Return the image with the client programs of this kind of server."""
        kind: str = getattr(self, "type")  # noqa: B009 - each kind declares its own literal
        return (kind,)
