"""What runs a cluster's control plane, and so how its state can be saved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import Name, ObjectName, Spec, Text
from bpc.model.format import Format

EtcdVersion = Annotated[
    str,
    Field(pattern=r"^3\.[0-9]{1,2}\.[0-9]{1,3}$", examples=["3.5.24"]),
    Format("a release of etcd", "all three numbers, such as `3.5.24`"),
]
Address = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9.:-]+$", max_length=253),
    Format("an address", "a host name or an IP address, without a port"),
]


class Member(Spec):
    """One member of the etcd cluster."""

    name: ObjectName
    """The member's name; kubeadm uses the name of the node."""
    address: Address
    """The address at which the other members reach it."""


class Kubeadm(Spec):
    """A control plane that kubeadm set up, with etcd on its nodes."""

    type: Literal["kubeadm"]
    """Marks the control plane as kubeadm's, with stacked etcd."""
    etcd: EtcdVersion
    """The release of etcd that runs; asked for because patch releases of Kubernetes move it."""
    members: tuple[Member, ...] = Field(min_length=1)
    """All members of the etcd cluster."""


class KubeadmExternalEtcd(Spec):
    """A control plane that kubeadm set up, with etcd on hosts of its own."""

    type: Literal["kubeadm-external-etcd"]
    """Marks the control plane as kubeadm's, with external etcd."""
    etcd: EtcdVersion
    """The release of etcd that runs."""
    members: tuple[Member, ...] = Field(min_length=1)
    """All members of the etcd cluster."""
    service_manager: Literal["systemd", "static-pod"] = "systemd"
    """What keeps etcd running on its hosts.

    - `systemd`: a unit of systemd.
    - `static-pod`: a kubelet that runs it as a static pod.
    """
    control_planes: tuple[Member, ...] = ()
    """The control-plane nodes, which the runbook names; members of etcd are other hosts."""


class K3s(Spec):
    """A k3s cluster with embedded etcd."""

    type: Literal["k3s"]
    """Marks the control plane as k3s."""
    members: tuple[Member, ...] = ()
    """The server nodes."""
    token: Name | None = None
    """The key that stands for the server token; without it no snapshot can be restored."""
    time_zone: str = "UTC"
    """The IANA zone of the server nodes, in which k3s reads its snapshot schedule."""


class Rke2(Spec):
    """An RKE2 cluster with embedded etcd."""

    type: Literal["rke2"]
    """Marks the control plane as RKE2."""
    members: tuple[Member, ...] = ()
    """The server nodes."""
    token: Name | None = None
    """The key that stands for the server token; without it no snapshot can be restored."""
    time_zone: str = "UTC"
    """The IANA zone of the server nodes, in which RKE2 reads its snapshot schedule."""


class Talos(Spec):
    """A Talos Linux cluster."""

    type: Literal["talos"]
    """Marks the control plane as Talos."""
    members: tuple[Member, ...] = Field(min_length=1)
    """The control-plane nodes."""


class Kops(Spec):
    """A kOps cluster, whose etcd-manager saves etcd by itself."""

    type: Literal["kops"]
    """Marks the control plane as kOps'."""
    state_store: Text
    """The bucket that holds the cluster's state and its keys."""


class Managed(Spec):
    """A control plane that the provider runs; its etcd cannot be reached."""

    type: Literal["ack", "eks", "gke", "aks"]
    """The provider's service.

    - `ack`: Alibaba Cloud Container Service for Kubernetes.
    - `eks`: Amazon Elastic Kubernetes Service.
    - `gke`: Google Kubernetes Engine.
    - `aks`: Azure Kubernetes Service.
    """


ControlPlane = Annotated[
    Kubeadm | KubeadmExternalEtcd | K3s | Rke2 | Talos | Kops | Managed,
    Field(discriminator="type"),
]
"""One of the ways in which a control plane is run."""
