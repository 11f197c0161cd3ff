"""A disaster of the user's own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import Metadata, Name, Spec, Text
from bpc.model.format import Format
from bpc.model.scalars import Duration

Token = Annotated[
    str,
    Field(
        pattern=r"^(node|storage|cluster|zone|region|provider|account|realm|key|tool)/[A-Za-z0-9*][A-Za-z0-9.*_-]*$"
    ),
    Format(
        "something that can be lost",
        "node, storage, cluster, zone, region, provider, account, realm, key or tool, `/` and a name",
    ),
]


class ScenarioSpec(Spec):
    """What the disaster takes away."""

    kind: Literal["physical", "logical", "hostile"]
    """What kind of disaster it is.

    - `physical`: things break.
    - `logical`: data goes wrong, and the mistake is copied.
    - `hostile`: somebody attacks, also the copies.
    """
    destroys: tuple[Token, ...] = ()
    """What is lost, such as `region/cn-hangzhou`."""
    captures: tuple[Name, ...] = ()
    """The realms whose credentials an attacker holds."""
    detection: Duration | None = None
    """How long the damage goes unnoticed."""
    dwell: Duration | None = None
    """How long an attacker acts before the damage."""
    description: Text
    """What happens, in a sentence."""


class Scenario(Spec):
    """A disaster of your own, beside the built-in ones."""

    api_version: Literal["bpc/v1"]
    """The version of the language."""
    kind: Literal["Scenario"]
    """Marks the document as a scenario."""
    metadata: Metadata
    """The scenario's name, for use under `objectives`."""
    spec: ScenarioSpec
    """What it takes away."""
