"""What every kind of dataset can say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import DnsLabel, Flag, Name, ObjectName, Spec, Text
from bpc.model.objectives import Settings
from bpc.model.scalars import Size
from bpc.model.schedule import Schedule


class HeldBy(Spec):
    """Somebody else protects this dataset; the proof takes their word and says so."""

    who: Literal["provider", "operator", "team"]
    """Who protects it."""
    evidence: Text
    """Where their promise can be read."""


class Dataset(Settings):
    """Something that must not be lost."""

    name: Name
    """The dataset's name, unique in its policy."""
    schedule: Schedule = "auto"
    """When it is backed up."""
    size: Size | None = None
    """How much data there is today."""
    after: tuple[Name, ...] = ()
    """Datasets of the same policy whose jobs start earlier."""
    paused: Flag = False
    """Keeps the schedule in place but runs nothing."""
    held_by: HeldBy | None = None
    """Set when somebody else protects it."""


class Tls(Spec):
    """How the connection to a server is protected."""

    mode: Literal["disable", "require", "verify"] = "verify"
    """`verify` checks the server's certificate; `require` only encrypts."""
    ca_secret: ObjectName | None = None
    """The Secret whose key `ca.crt` holds the certificate of the authority."""


class SecretReference(Spec):
    """A Secret in the dataset's namespace."""

    secret: ObjectName
    """The name of the Secret, with the keys `username` and `password`."""


class Connection(Spec):
    """How a job reaches a database server."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$", max_length=253)]
    """The host name or Service."""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """The port, when it is not the usual one."""
    credentials: SecretReference | None = None
    """The account that the job uses."""
    tls: Tls = Tls()
    """How the connection is protected."""


class Database(Dataset):
    """A database that a job backs up with the database's own tools."""

    namespace: DnsLabel
    """The namespace in which the job runs."""
    connection: Connection | None = None
    """How the job reaches the server; not needed when an operator manages it."""
    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+){0,2}$")] | None = None
    """The release of the server."""
