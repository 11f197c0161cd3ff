"""What CloudNativePG's own schedule says of a PostgreSQL server."""

from __future__ import annotations

from typing import Literal

from bpc.model.base import ObjectName, Spec, Text


class CnpgBackups(Spec):
    """What CloudNativePG's own schedule says beside its times."""

    cluster: ObjectName | None = None
    """The Cluster that it backs up; one with the dataset's name unless set."""
    method: Literal["plugin", "barman-object-store", "volume-snapshot"] = "plugin"
    """How the operator makes a base backup.

    - `plugin`: with a CNPG-I plug-in, such as the one for Barman Cloud.
    - `barman-object-store`: with what the Cluster says under `spec.backup.barmanObjectStore`.
    - `volume-snapshot`: as a snapshot of its volumes, which stays on their storage system.
    """
    plugin: ObjectName = "barman-cloud.cloudnative-pg.io"
    """The plug-in, for the method `plugin`."""
    parameters: dict[Text, str] = {}
    """Parameters for the plug-in."""
    target: Literal["primary", "prefer-standby"] | None = None
    """The instance that is read, if it is not the one that the Cluster says."""
