"""A place that holds copies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import DnsLabel, Flag, Metadata, Name, ObjectName, Spec, Text
from bpc.model.format import Format
from bpc.model.scalars import Day, Duration, Rate
from bpc.model.site import Site

Bucket = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"),
    Format("a bucket name", "3 to 63 lower-case letters, digits, dashes and dots"),
]
Prefix = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$"),
    Format("a folder", "names joined by `/`, with none at either end"),
]
Url = Annotated[
    str,
    Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$"),
    Format("an address", "`https://` or `http://`, a host, and a port and a path if need be"),
]


class Lock(Spec):
    """Objects that cannot be deleted before their time."""

    mode: Literal["compliance", "governance"]
    """Whom the lock binds.

    - `compliance`: everybody, also the owner of the account.
    - `governance`: not those who may bypass it; they count as people who can delete.
    """
    period: Duration
    """How long an object is locked, counted from when it is written."""


class Credentials(Spec):
    """Where the generated jobs find the keys; never the keys themselves."""

    secret: ObjectName
    """The name of a Secret in the namespace of the job that uses it."""
    key: Annotated[
        str,
        Field(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253),
        Format("a key of a Secret", "letters, digits, `-`, `_` and `.`"),
    ] = "cloud"
    """The key inside the Secret that holds the credentials file."""


class Encryption(Spec):
    """The Secret with the password that encrypts what bpc's own jobs write."""

    secret: ObjectName
    """The name of the Secret, in the namespace of each job that uses it."""
    key: Annotated[
        str,
        Field(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253),
        Format("a key of a Secret", "letters, digits, `-`, `_` and `.`"),
    ] = "password"
    """The key inside the Secret that holds the password."""


class Throughput(Spec):
    """How fast data comes back, and how that is known."""

    read: Rate
    """Bytes per second that one restore reads."""
    write: Rate | None = None
    """Bytes per second that one backup writes."""
    basis: Literal["assumed", "vendor", "measured"]
    """How the numbers are known.

    - `assumed`: somebody guessed.
    - `vendor`: the vendor promises them.
    - `measured`: a drill measured them.
    """
    drill: Name | None = None
    """The drill that measured it."""
    date: Day | None = None
    """The day on which it was measured."""


class _LocationSpec(Spec):
    site: Site
    """Where the copies are."""
    medium: Name
    """The kind of storage; two copies on one medium share its faults."""
    key: Name | None = None
    """The key without which the copies cannot be read."""
    lock: Lock | None = None
    """Protection against deletion."""
    credentials: Credentials | None = None
    """The Secret that opens the location; without it, the identity of the job's service account."""
    encryption: Encryption | None = None
    """The password of the copies that bpc's own jobs write here; Velero has its own."""
    pruning: Credentials | None = None
    """The Secret whose account may delete here, in the namespace of the maintenance jobs.

    No job that makes backups holds it. Without it, nothing removes what the retention no longer keeps.
    """
    throughput: Throughput | None = None
    """How fast data comes back from here."""


class _ObjectStore(_LocationSpec):
    bucket: Bucket
    """The bucket."""
    prefix: Prefix | None = None
    """The folder inside the bucket; each cluster writes to a folder of its own below it."""


class S3Location(_ObjectStore):
    """A bucket of Amazon S3, or of a store that speaks its protocol."""

    type: Literal["s3"]
    """Marks the location as an S3 bucket."""
    endpoint: Url | None = None
    """The address of a store other than Amazon's."""
    path_style: Flag = False
    """Whether the bucket goes into the path rather than into the host name."""
    checksums: Flag = True
    """Whether the store understands the checksums that newer clients append."""
    kms_key: Text | None = None
    """The key with which the store encrypts."""


class OssLocation(_ObjectStore):
    """A bucket of Alibaba Cloud OSS, reached through its S3-compatible address."""

    type: Literal["oss"]
    """Marks the location as an OSS bucket."""
    network: Literal["public", "internal"] = "public"
    """Which address of the region is used.

    - `public`: the one that works from everywhere.
    - `internal`: the one that works only inside the region.
    """


class GcsLocation(_ObjectStore):
    """A bucket of Google Cloud Storage."""

    type: Literal["gcs"]
    """Marks the location as a Cloud Storage bucket."""
    kms_key: Text | None = None
    """The key with which the store encrypts."""
    service_account: Text | None = None
    """The service account that signs addresses when the job uses workload identity."""


class AzureLocation(_ObjectStore):
    """A container of Azure Blob Storage."""

    type: Literal["azure"]
    """Marks the location as a Blob container; `bucket` is the container."""
    storage_account: Annotated[
        str,
        Field(pattern=r"^[a-z0-9]{3,24}$"),
        Format("a storage account", "3 to 24 lower-case letters and digits"),
    ]
    """The storage account that holds the container."""
    resource_group: Text
    """The resource group of the storage account."""
    subscription: Text | None = None
    """The subscription of the storage account, when it is not the cluster's."""


class NfsLocation(_LocationSpec):
    """A directory of an NFS server."""

    type: Literal["nfs"]
    """Marks the location as an NFS export."""
    server: ObjectName
    """The server's host name."""
    path: Annotated[
        str,
        Field(pattern=r"^(/[A-Za-z0-9._-]+)+$"),
        Format("an exported directory", "names that each have a `/` before them"),
    ]
    """The exported directory."""


class PvcLocation(_LocationSpec):
    """A volume inside a cluster; it dies with that cluster."""

    type: Literal["pvc"]
    """Marks the location as a claim."""
    claim: ObjectName
    """The PersistentVolumeClaim."""
    namespace: DnsLabel
    """The namespace of the claim."""


LocationSpec = Annotated[
    S3Location | OssLocation | GcsLocation | AzureLocation | NfsLocation | PvcLocation,
    Field(discriminator="type"),
]
"""One of the kinds of storage that can hold copies."""


class Location(Spec):
    """A place that holds copies."""

    api_version: Literal["bpc/v1"]
    """The version of the language."""
    kind: Literal["Location"]
    """Marks the document as a location."""
    metadata: Metadata
    """The location's name."""
    spec: LocationSpec
    """What kind of storage it is, and where."""
