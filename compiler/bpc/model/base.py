"""What all models have in common: frozen, closed, camelCase in YAML, described by their docstrings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Strict, StringConstraints
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from pydantic.fields import ComputedFieldInfo, FieldInfo


def _plain_title(name: str, _info: FieldInfo | ComputedFieldInfo) -> str:
    return to_camel(name)


class Spec(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        defer_build=True,
        extra="forbid",
        field_title_generator=_plain_title,
        frozen=True,
        use_attribute_docstrings=True,
        validate_by_alias=True,
        validate_by_name=False,
    )


Text = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
"""Free text of one or more characters."""

Name = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=1, max_length=63)
]
"""A name of your own: words of lower-case letters and digits, joined by single dashes.

Names of generated objects join several of these with two dashes, so no two can fall together.
"""

DnsLabel = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", min_length=1, max_length=63)
]
"""The name of a namespace or container: a DNS label of at most 63 characters."""

ObjectName = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        min_length=1,
        max_length=253,
    ),
]
"""The name of a Kubernetes object: DNS labels joined by dots, at most 253 characters."""

LabelValue = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$", max_length=63)
]
"""The value of a Kubernetes label."""

LabelKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        max_length=317,
    ),
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
