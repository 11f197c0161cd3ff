"""API objects exported as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import DnsLabel
from bpc.model.datasets.base import Dataset
from bpc.model.format import Format

ExportedKind = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", max_length=253
    ),
    Format("a resource", "the lower-case plural and its group, such as `deployments.apps`"),
]


class Resources(Dataset):
    """API objects exported as JSON."""

    type: Literal["resources"]
    """Marks the dataset as exported objects."""
    namespace: DnsLabel
    """The namespace in which the job runs."""
    namespaces: tuple[DnsLabel, ...] = ()
    """The namespaces whose objects are exported; all unless set."""
    kinds: tuple[ExportedKind, ...] = ()
    """The kinds of objects that belong to a namespace, such as `deployments.apps`."""
    cluster_kinds: tuple[ExportedKind, ...] = ()
    """The kinds of objects that belong to no namespace, such as `storageclasses.storage.k8s.io`."""
    secrets: Literal["exclude", "encrypt"] = "exclude"
    """What happens to Secrets.

    - `exclude`: they are left out, and the job cannot read them.
    - `encrypt`: they are exported too; `namespaces` must be set. All copies are encrypted in any case.
    """

    def purposes(self) -> tuple[str, ...]:
        """Return the image that talks to the API server."""
        return ("kubectl",)
