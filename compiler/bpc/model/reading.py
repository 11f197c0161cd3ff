"""From data to documents; every mistake becomes a finding that names its place in the user's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bpc.diagnostics import Edit, Finding, Where
from bpc.model import codes
from bpc.model.documents import KINDS, AnyDocument
from bpc.model.mistakes import explain
from bpc.model.project import Project
from bpc.model.suggest import closest
from bpc.source import Document

API_VERSION = "bpc/v1"
_PROJECT = "Project"
Model = TypeVar("Model", bound=BaseModel)


def read_document(document: Document) -> tuple[AnyDocument | None, list[Finding]]:
    """Return the document as a model, or what keeps it from being one."""
    where = Where(document.path, document.index)
    findings = list(_header(document.data, where, [*KINDS]))
    if findings:
        return None, findings
    return _validate(KINDS[str(document.data["kind"])], document.data, where)


def read_project(document: Document) -> tuple[Project | None, list[Finding]]:
    """Return the project file as a model, or what keeps it from being one."""
    where = Where(document.path, document.index)
    findings = list(_header(document.data, where, [_PROJECT]))
    if findings:
        return None, findings
    return _validate(Project, document.data, where)


def _validate(
    model: type[Model], data: dict[str, object], where: Where
) -> tuple[Model | None, list[Finding]]:
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, explain(model, data, error, where)


def _header(data: dict[str, object], where: Where, kinds: Sequence[str]) -> Iterator[Finding]:
    yield from _version(data, where)
    kind = data.get("kind")
    if kind is None:
        yield Finding(
            codes.MISSING_KEY,
            "the document does not say what it is: `kind` is missing",
            where,
            help=f"add `kind: {kinds[0]}`" if len(kinds) == 1 else f"add `kind`: {_either(kinds)}",
        )
    elif kind not in kinds:
        near = closest(str(kind), kinds)
        place = where / "kind"
        if kind == _PROJECT:
            advice = "put it into `bpc.yaml` at the root of the repository"
        else:
            advice = f"did you mean `{near}`?" if near else f"use {_either(kinds)}"
        yield Finding(
            codes.UNKNOWN_KIND,
            f"a document of kind {_shown(kind)} has no place here",
            place,
            help=advice,
            edit=Edit(place, value=near) if near else None,
        )


def _version(data: dict[str, object], where: Where) -> Iterator[Finding]:
    if "apiVersion" not in data:
        yield Finding(
            codes.MISSING_KEY,
            "the document does not say which version of the language it is in: `apiVersion` is missing",
            where,
            help=f"add `apiVersion: {API_VERSION}`",
        )
    elif data["apiVersion"] != API_VERSION:
        place = where / "apiVersion"
        yield Finding(
            codes.UNSUPPORTED_VERSION,
            f"{_shown(data['apiVersion'])} is no version of the language that this release reads",
            place,
            help=f"write `apiVersion: {API_VERSION}`",
            edit=Edit(place, value=API_VERSION),
        )


def _either(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:-1]) + f" or `{names[-1]}`"


def _shown(value: object) -> str:
    return f"`{value[:60]}`" if isinstance(value, str) else "that"
