"""Elasticsearch and OpenSearch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.datasets.base import Database
from bpc.model.format import Format

IndexPattern = Annotated[
    str,
    Field(pattern=r"^-?[a-z0-9.*][a-z0-9._*-]*$", max_length=255),
    Format("an index pattern", "lower-case letters, digits, `.`, `_`, `-` and `*`"),
]


class Elasticsearch(Database):
    """An Elasticsearch cluster."""

    type: Literal["elasticsearch"]
    """Marks the dataset as Elasticsearch."""
    indices: tuple[IndexPattern, ...] = ()
    """The indices by name or pattern; all unless set."""
    managed_by: Literal["eck"] | None = None
    """The operator whose own schedule object is emitted instead of a job."""


class Opensearch(Database):
    """An OpenSearch cluster."""

    type: Literal["opensearch"]
    """Marks the dataset as OpenSearch."""
    indices: tuple[IndexPattern, ...] = ()
    """The indices by name or pattern; all unless set."""
