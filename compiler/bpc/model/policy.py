"""What one team must not lose."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from bpc.model.base import Labels, Metadata, Name, Spec, Text
from bpc.model.datasets import AnyDataset
from bpc.model.objectives import Settings


class Owner(Spec):
    """Who answers for the data."""

    team: Text
    """The team."""
    contact: Text
    """How to reach it in the middle of the night."""


class ClusterSelector(Spec):
    """Chooses clusters by their labels."""

    match_labels: Labels = Field(min_length=1)
    """The labels that a cluster must have."""


def _form(value: object) -> str:
    return "labels" if isinstance(value, dict | ClusterSelector) else "names"


class BackupPolicySpec(Settings):
    """What must not be lost, and where it runs."""

    clusters: Annotated[
        Annotated[tuple[Name, ...], Tag("names")] | Annotated[ClusterSelector, Tag("labels")],
        Discriminator(_form),
    ]
    """The clusters by name, or by label."""
    tier: Name
    """The service level."""
    owner: Owner
    """Who answers for the data."""
    datasets: tuple[AnyDataset, ...] = Field(min_length=1)
    """What must not be lost."""


class BackupPolicy(Spec):
    """What one team must not lose, how much loss it accepts, and where copies go."""

    api_version: Literal["bpc/v1"]
    """The version of the language."""
    kind: Literal["BackupPolicy"]
    """Marks the document as a policy."""
    metadata: Metadata
    """The policy's name."""
    spec: BackupPolicySpec
    """What must not be lost."""
