"""MongoDB."""

from __future__ import annotations

from typing import Literal

from bpc.model.base import Text
from bpc.model.datasets.base import Database


class Mongodb(Database):
    """A MongoDB replica set."""

    type: Literal["mongodb"]
    """Marks the dataset as MongoDB."""
    method: Literal["dump"] = "dump"
    """`dump` writes the databases together with the oplog of the run."""
    replica_set: Text | None = None
    """The name of the replica set; the oplog needs one."""
    managed_by: Literal["percona-mongodb"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""
