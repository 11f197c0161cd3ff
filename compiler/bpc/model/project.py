"""`bpc.yaml`: which policies are compiled, where to, and how strictly."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import Spec
from bpc.model.format import Format

RelativePath = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$"),
    Format("a path inside the project", "names joined by `/`, none of which begins with a dot"),
]
RuleKey = Annotated[
    str,
    Field(pattern=r"^(BPC[0-9]{3}|[a-z][a-z0-9-]+)$"),
    Format("a rule", "its number or its name, such as `BPC301` or `rpo-not-met`"),
]
Requirement = Annotated[
    str,
    Field(
        pattern=r"^(>=|<=|==|!=|>|<)[0-9]+(\.[0-9]+){0,2}(,(>=|<=|==|!=|>|<)[0-9]+(\.[0-9]+){0,2})*$"
    ),
    Format("a requirement", "comparisons joined by commas, such as `>=0.1,<0.2`"),
]


class Runbooks(Spec):
    """How the runbooks are written."""

    languages: tuple[Literal["en"], ...] = Field(default=("en",), min_length=1)
    """The languages of the runbooks."""


class Project(Spec):
    """`bpc.yaml` at the root of the repository: which policies are compiled, where to, and how strictly."""

    api_version: Literal["bpc/v1"]
    """The version of the language."""
    kind: Literal["Project"]
    """Marks the document as the project file."""
    policies: tuple[RelativePath, ...] = ("policies",)
    """Files and directories that hold policies."""
    output: RelativePath = "output"
    """The directory that receives the result."""
    requires: Requirement | None = None
    """The releases of bpc that may build this project, such as `>=0.1,<0.2`."""
    runbooks: Runbooks = Runbooks()
    """How the runbooks are written."""
    rules: dict[RuleKey, Literal["error", "warning", "info", "off"]] = {}
    """The weight of single rules, by number or name."""
