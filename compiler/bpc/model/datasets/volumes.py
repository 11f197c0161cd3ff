"""Volumes that are snapshotted on a schedule, without Velero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bpc.model.base import DnsLabel, Flag, Labels, ObjectName, Spec
from bpc.model.datasets.base import Dataset

if TYPE_CHECKING:
    from bpc.model.control_plane import ControlPlane


class Claims(Spec):
    """PersistentVolumeClaims of one namespace."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["names"], "properties": {"names": {"minItems": 1}}},
                {"required": ["matchLabels"], "properties": {"matchLabels": {"minProperties": 1}}},
            ]
        }
    )

    namespace: DnsLabel
    """The namespace of the claims."""
    names: tuple[ObjectName, ...] = ()
    """The claims by name."""
    match_labels: Labels = {}
    """The claims by label."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.names) == bool(self.match_labels):
            raise PydanticCustomError(
                "claims",
                "claims are chosen either by name or by label",
                {"help": "write either `names` or `matchLabels`"},
            )
        return self


class Volumes(Dataset):
    """Volumes that are snapshotted through CSI on a schedule, without Velero."""

    type: Literal["volumes"]
    """Marks the dataset as volumes."""
    claims: Claims
    """The claims whose volumes are cut."""
    storage_class: ObjectName | None = Field(default=None)
    """The StorageClass of the claims; needed when the cluster has more than one."""
    together: Flag = False
    """Cuts all claims at one moment, as a group snapshot; claims must be chosen by label."""
    deletion: Literal["retain", "delete"] = "retain"
    """What the storage system does with a snapshot whose object was deleted.

    - `retain`: it keeps the snapshot, so that an accident in the cluster destroys nothing.
    - `delete`: it deletes the snapshot too.
    """

    def copied_by_jobs(self, control_plane: ControlPlane | None) -> bool:  # noqa: ARG002 - etcd's asks
        """Whether bpc's own jobs copy it: they do not."""
        return False
