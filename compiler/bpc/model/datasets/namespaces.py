"""Namespaces: their API objects and, if wanted, their volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from bpc.model.base import DnsLabel, Labels, Name, Spec, Text
from bpc.model.datasets.base import Dataset
from bpc.model.format import Format
from bpc.model.scalars import Duration

if TYPE_CHECKING:
    from bpc.model.control_plane import ControlPlane

NamespacePattern = Annotated[
    str,
    Field(pattern=r"^[a-z0-9*?]([-a-z0-9*?]*[a-z0-9*?])?$", max_length=63),
    Format("a namespace", "a DNS label, in which `*` and `?` may stand for others"),
]
ResourceKind = Annotated[
    str,
    Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253),
    Format("a resource", "the lower-case plural and its group, such as `deployments.apps`"),
]
Command = Annotated[tuple[Text, ...], Field(min_length=1, max_length=64)]


class HookCommand(Spec):
    """A command that runs in a container around the backup of its pod."""

    command: Command
    """The program and its arguments; no shell is involved unless you name one."""
    on_error: Literal["fail", "continue"] = "fail"
    """What happens when the command fails.

    - `fail`: the pod is left out, and the backup counts as partly failed.
    - `continue`: the backup goes on.
    """
    timeout: Duration = 30
    """How long the command may take."""


class Hook(Spec):
    """What makes the pods of an application consistent while their volumes are cut."""

    name: Name
    """The hook's name."""
    pods: Labels = Field(min_length=1)
    """The labels of the pods."""
    container: DnsLabel | None = None
    """The container; the pod's first unless set."""
    pre: HookCommand | None = None
    """What runs before the pod's volumes are cut."""
    post: HookCommand | None = None
    """What runs afterwards; it does not run when `pre` failed."""


class VolumePolicy(Spec):
    """What is done with some of the volumes."""

    storage_classes: tuple[Text, ...] = ()
    """The StorageClasses meant; all unless set."""
    drivers: tuple[Text, ...] = ()
    """The CSI drivers meant; all unless set."""
    claim_labels: Labels = {}
    """The labels of the claims meant; all unless set."""
    action: Literal["skip", "snapshot", "filesystem"]
    """What is done with them.

    - `skip`: nothing.
    - `snapshot`: a CSI snapshot is taken.
    - `filesystem`: the files are read from the running pod.
    """


class Namespaces(Dataset):
    """Namespaces that Velero saves: their API objects and, if wanted, their volumes."""

    type: Literal["namespaces"]
    """Marks the dataset as namespaces."""
    include: tuple[NamespacePattern, ...] = ()
    """The namespaces, by name or by a pattern with `*` and `?`."""
    include_labels: Labels = {}
    """Chooses the namespaces of the cluster's inventory that have these labels."""
    exclude: tuple[NamespacePattern, ...] = ()
    """Namespaces that are left out."""
    objects: Labels = {}
    """Saves only the objects with these labels, and the claims of selected pods."""
    exclude_resources: tuple[ResourceKind, ...] = ()
    """Kinds of objects that are left out, such as `events.events.k8s.io`."""
    volumes: Literal["move", "snapshot", "filesystem", "none"] = "move"
    """What is done with the volumes.

    - `move`: a CSI snapshot is taken and its data copied to the location.
    - `snapshot`: a CSI snapshot is kept on the storage system; it dies with that system.
    - `filesystem`: the files are read from the running pod.
    - `none`: only API objects are saved.
    """
    volume_policies: tuple[VolumePolicy, ...] = ()
    """Exceptions for some of the volumes; the first that matches counts."""
    hooks: tuple[Hook, ...] = ()
    """What makes the applications consistent while their volumes are cut."""

    def copied_by_jobs(self, control_plane: ControlPlane | None) -> bool:  # noqa: ARG002 - etcd's asks
        """Whether bpc's own jobs copy it: they do not."""
        return False
