"""An exception to a rule, with an end."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import Metadata, Spec, Text
from bpc.model.format import Format
from bpc.model.scalars import Day


class WaiverSpec(Spec):
    """Which rule is waived for which object, why, by whom and until when."""

    rule: Annotated[
        str,
        Field(pattern=r"^(BPC[0-9]{3}|[a-z][a-z0-9-]+)$"),
        Format("a rule", "its number or its name, such as `BPC301` or `rpo-not-met`"),
    ]
    """The rule, by number or name."""
    object: Annotated[
        str,
        Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)?$"),
        Format("a policy or dataset", "a name such as `shop`, or two such as `shop/orders`"),
    ]
    """The policy, or the dataset as `policy/dataset`."""
    reason: Text
    """Why the exception is acceptable."""
    owner: Text
    """Who accepted it."""
    expires: Day
    """The last day on which it holds; afterwards the waiver itself is an error."""


class Waiver(Spec):
    """An exception to a rule, with an owner and an end."""

    api_version: Literal["bpc/v1"]
    """The version of the language."""
    kind: Literal["Waiver"]
    """Marks the document as a waiver."""
    metadata: Metadata
    """The waiver's name."""
    spec: WaiverSpec
    """What is waived."""
