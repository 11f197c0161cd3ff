"""The state of a cluster's control plane."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import DnsLabel, Name, ObjectName, Spec
from bpc.model.control_plane import ControlPlane, Kubeadm, KubeadmExternalEtcd, Talos
from bpc.model.datasets.base import Dataset
from bpc.model.format import Format
from bpc.model.location import Encryption

HostDirectory = Annotated[
    str,
    Field(pattern=r"^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$", max_length=1024),
    Format("a directory of a node", "names that each have a `/` before them"),
]


class Bundle(Spec):
    """The files of a control-plane node without which a snapshot cannot be used.

    They are `/etc/kubernetes`: the authorities and their keys, the static pods, the kubeconfigs.
    """

    encryption: Encryption
    """The password of the bundle, which must not be that of the snapshots."""
    key: Name
    """The key that stands for that password; it is kept outside of the cluster, too."""
    namespace: DnsLabel = "bpc-etcd-bundle"
    """The namespace of the job that saves them; bpc makes it, and nothing else should run there."""
    directories: tuple[HostDirectory, ...] = ()
    """Further directories, such as that of an encryption configuration elsewhere than `/etc/kubernetes`."""


class Etcd(Dataset):
    """The state of the cluster's control plane."""

    type: Literal["etcd"]
    """Marks the dataset as the control plane's state."""
    namespace: DnsLabel = "bpc-etcd"
    """The namespace of the job that saves it; bpc makes it, and nothing else should run there."""
    access: ObjectName | None = None
    """The Secret that opens etcd, where no file of the node does.

    For external etcd it holds `ca.crt`, `tls.crt` and `tls.key`; for Talos `talosconfig`, with the role
    `os:etcd:backup`; for k3s and RKE2 the settings of the bucket, in `kube-system` (optional there).
    """
    member: ObjectName | None = None
    """The member that is read, where it is not the one on the job's own node; the first unless set."""
    bundle: Bundle | None = None
    """What a snapshot of a kubeadm cluster is worth nothing without."""

    def copied_by_jobs(self, control_plane: ControlPlane | None) -> bool:
        """Whether bpc's own jobs copy it: other control planes save their state by themselves."""
        return isinstance(control_plane, Kubeadm | KubeadmExternalEtcd | Talos)
