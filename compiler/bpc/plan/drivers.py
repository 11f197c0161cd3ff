"""CSI drivers: which parameters their snapshot classes understand, and what else a policy must know.

Read in the drivers' sources and manuals; `docs/backends/csi.md` names them. A strict driver refuses a
parameter that it does not know when a snapshot is made; the others ignore it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Driver:
    """What is known of one CSI driver.

    `parameters` are the keys of a VolumeSnapshotClass; one that ends in `*` stands for all that begin
    like it. `idle` are keys that the driver reads and does nothing with, and why. `secret` says that it
    needs a Secret to make snapshots. `groups` says that it cuts several volumes at one moment. `most` is
    the number of snapshots that one volume may have unless an administrator raised it.
    """

    name: str
    title: str
    strict: bool = False
    parameters: frozenset[str] = frozenset()
    idle: Mapping[str, str] = field(default_factory=dict)
    secret: bool = False
    groups: bool = False
    group_parameters: frozenset[str] = frozenset()
    most: int | None = None

    def knows(self, parameter: str) -> bool:
        """Whether the driver does something with a parameter."""
        return parameter in self.parameters or any(
            known.endswith("*") and parameter.startswith(known[:-1]) for known in self.parameters
        )


SECRET_NAME = "csi.storage.k8s.io/snapshotter-secret-name"  # noqa: S105 - a parameter's name
SECRET_NAMESPACE = "csi.storage.k8s.io/snapshotter-secret-namespace"  # noqa: S105 - same
GROUP_SECRET_NAME = "csi.storage.k8s.io/group-snapshotter-secret-name"  # noqa: S105 - same
GROUP_SECRET_NAMESPACE = "csi.storage.k8s.io/group-snapshotter-secret-namespace"  # noqa: S105 - same

_CEPH = frozenset({"clusterID", "snapshotNamePrefix"})
_ALWAYS_FORCED = "the driver has forced every deletion since September 2023"

DRIVERS = (
    Driver(
        "diskplugin.csi.alibabacloud.com",
        "Alibaba Cloud disks",
        parameters=frozenset({"retentionDays", "resourceGroupId", "snapshotTags/*"}),
        idle={
            "forceDelete": _ALWAYS_FORCED,
            "snapshotType": "the driver parses it and makes the same snapshot",
            "instantAccessRetentionDays": "the driver parses it and makes the same snapshot",
        },
        groups=True,
    ),
    Driver(
        "ebs.csi.aws.com",
        "Amazon EBS",
        strict=True,
        parameters=frozenset(
            {
                "fastSnapshotRestoreAvailabilityZones",
                "outpostArn",
                "lockMode",
                "lockDuration",
                "lockExpirationDate",
                "lockCoolOffPeriod",
                "tagSpecification_*",
            }
        ),
    ),
    Driver(
        "pd.csi.storage.gke.io",
        "Google persistent disks",
        strict=True,
        parameters=frozenset({"storage-locations", "snapshot-type", "image-family", "labels"}),
    ),
    Driver(
        "disk.csi.azure.com",
        "Azure disks",
        parameters=frozenset({"resourceGroup", "incremental", "tags"}),
    ),
    Driver(
        "rbd.csi.ceph.com",
        "Ceph block devices",
        parameters=_CEPH,
        secret=True,
        groups=True,
        group_parameters=frozenset({"clusterID", "pool"}),
    ),
    Driver(
        "cephfs.csi.ceph.com",
        "Ceph file systems",
        parameters=_CEPH,
        secret=True,
        groups=True,
        group_parameters=frozenset({"clusterID"}),
    ),
    Driver("csi.vsphere.vmware.com", "VMware vSphere", most=3),
    Driver(
        "driver.longhorn.io",
        "Longhorn",
        parameters=frozenset({"type", "backupMode", "export-type"}),
    ),
    Driver("local.csi.openebs.io", "OpenEBS LVM", parameters=frozenset({"snapSize"})),
    Driver("zfs.csi.openebs.io", "OpenEBS ZFS"),
    Driver("io.openebs.csi-mayastor", "OpenEBS Mayastor"),
    Driver("hostpath.csi.k8s.io", "the CSI host path, for tests", groups=True),
)
"""The drivers that are known, by the name that they register."""

_BY_NAME = {driver.name: driver for driver in DRIVERS}
_PREFIXED = ("rbd.csi.ceph.com", "cephfs.csi.ceph.com")


def driver(name: str) -> Driver | None:
    """Return what is known of a driver; Rook puts its namespace before the names of Ceph's."""
    for known in _PREFIXED:
        if name.endswith(f".{known}"):
            return _BY_NAME[known]
    return _BY_NAME.get(name)
