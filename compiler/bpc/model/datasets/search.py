"""Elasticsearch and OpenSearch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from bpc.model.datasets.base import Database
from bpc.model.format import Format

if TYPE_CHECKING:
    from bpc.model.control_plane import ControlPlane

IndexPattern = Annotated[
    str,
    Field(pattern=r"^-?[a-z0-9.*][a-z0-9._*-]*$", max_length=255),
    Format("an index pattern", "lower-case letters, digits, `.`, `_`, `-` and `*`"),
]
ClientName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_-]{1,64}$"),
    Format("a client's name", "letters, digits, `_` and `-`"),
]


class Elasticsearch(Database):
    """An Elasticsearch cluster."""

    type: Literal["elasticsearch"]
    """Marks the dataset as Elasticsearch."""
    indices: tuple[IndexPattern, ...] = ()
    """The indices by name or pattern; all unless set."""
    client: ClientName = "default"
    """The settings, in the server's own configuration and key store, with which it opens the location."""
    managed_by: Literal["eck"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""

    def copied_by_jobs(self, control_plane: ControlPlane | None) -> bool:  # noqa: ARG002 - etcd's asks
        """Whether bpc's own jobs copy it: the server makes its own snapshots."""
        return False

    def purposes(self) -> tuple[str, ...]:
        """Return the image with curl and jq: all else is done by the server."""
        return ("kubectl",)


class Opensearch(Database):
    """An OpenSearch cluster."""

    type: Literal["opensearch"]
    """Marks the dataset as OpenSearch."""
    indices: tuple[IndexPattern, ...] = ()
    """The indices by name or pattern; all unless set."""
    client: ClientName = "default"
    """The settings, in the server's own configuration and key store, with which it opens the location."""

    def copied_by_jobs(self, control_plane: ControlPlane | None) -> bool:  # noqa: ARG002 - etcd's asks
        """Whether bpc's own jobs copy it: the server makes its own snapshots."""
        return False

    def purposes(self) -> tuple[str, ...]:
        """Return the image with curl and jq: all else is done by the server."""
        return ("kubectl",)
