"""A service level that many policies share."""

from __future__ import annotations

from typing import Literal

from bpc.model.base import Metadata, Spec
from bpc.model.objectives import Guardrails, Settings


class TierSpec(Settings):
    """The objectives of this service level and how they are to be met."""

    guardrails: Guardrails | None = None
    """What nobody who uses this tier may weaken."""


class Tier(Spec):
    """A service level that many policies share."""

    api_version: Literal["bpc/v1"]
    """The version of the language."""
    kind: Literal["Tier"]
    """Marks the document as a tier."""
    metadata: Metadata
    """The tier's name."""
    spec: TierSpec
    """What the tier promises."""
