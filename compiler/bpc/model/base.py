"""What all models have in common: frozen, closed, camelCase in YAML, described by their docstrings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Strict, StringConstraints
from pydantic.alias_generators import to_camel

from bpc.model.format import Format

if TYPE_CHECKING:
    from pydantic.fields import ComputedFieldInfo, FieldInfo


def _plain_title(name: str, info: FieldInfo | ComputedFieldInfo) -> str:
    return info.alias or to_camel(name)


class Spec(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        defer_build=True,
        extra="forbid",
        field_title_generator=_plain_title,
        frozen=True,
        validate_by_alias=True,
        validate_by_name=False,
    )


Text = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
"""Free text of one or more characters."""

Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=1, max_length=63),
    Format("a name", "words of lower-case letters and digits, joined by single dashes"),
]
"""A name of your own: words of lower-case letters and digits, joined by single dashes.

Names of generated objects join several of these with two dashes, so no two can fall together.
"""

DnsLabel = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", min_length=1, max_length=63),
    Format("a DNS label", "lower-case letters, digits and dashes, with no dash at either end"),
]
"""The name of a namespace or container: a DNS label of at most 63 characters."""

ObjectName = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        min_length=1,
        max_length=253,
    ),
    Format("an object name", "DNS labels of lower-case letters, digits and dashes, joined by dots"),
]
"""The name of a Kubernetes object: DNS labels joined by dots, at most 253 characters."""

LabelValue = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$", max_length=63),
    Format(
        "a label value", "letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
    ),
]
"""The value of a Kubernetes label."""

LabelKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        max_length=317,
    ),
    Format("a label key", "letters, digits, `-`, `_` and `.`, after a domain and `/` if need be"),
]
"""The key of a Kubernetes label, with or without a prefix."""

Labels = dict[LabelKey, LabelValue]
"""Kubernetes labels."""

Flag = Annotated[bool, Strict()]
"""`true` or `false`; no other spelling is taken for one."""

Count = Annotated[int, Strict()]
"""A whole number; text that looks like one is refused."""


class Metadata(Spec):
    """What identifies a document among those of its kind."""

    name: Name
    """The name by which other documents refer to this one."""
    labels: Labels = {}
    """Labels that selectors in other documents match."""
