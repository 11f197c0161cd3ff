"""From data to documents; every mistake becomes a finding that names its place in the user's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bpc.diagnostics import Edit, Finding, Where
from bpc.model import codes
from bpc.model.advice import misspelt
from bpc.model.documents import KINDS, AnyDocument
from bpc.model.mistakes import Draft, explain
from bpc.model.project import Project
from bpc.model.suggest import closest
from bpc.model.words import listed, word_for
from bpc.source import Document

API_VERSION = "bpc/v1"
_PROJECT: Mapping[str, type[Project]] = {"Project": Project}
_ALL = [*KINDS, *_PROJECT]
Model = TypeVar("Model", bound=BaseModel)


def read_document(document: Document) -> tuple[AnyDocument | None, list[Finding]]:
    """Return the document as a model, or what keeps it from being one."""
    return _read(document, KINDS)


def read_project(document: Document) -> tuple[Project | None, list[Finding]]:
    """Return the project file as a model, or what keeps it from being one."""
    return _read(document, _PROJECT)


def _read(
    document: Document, kinds: Mapping[str, type[Model]]
) -> tuple[Model | None, list[Finding]]:
    data = document.data
    kind = data.get("kind")
    model = kinds.get(kind) if isinstance(kind, str) else None
    if model is None or data.get("apiVersion") != API_VERSION:
        return None, _read_without_header(document, kinds)
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        where = Where(document.path, document.index)
        return None, explain(model, Draft(data), error, where)


def _read_without_header(document: Document, kinds: Mapping[str, type[Model]]) -> list[Finding]:
    """Say what is wrong with the first two keys, and with the rest where they show what is meant."""
    where = Where(document.path, document.index)
    draft = Draft(dict(document.data))
    findings = [*_named(draft, "apiVersion", where), *_named(draft, "kind", where)]
    meant = _meant(draft.data, list(kinds))
    findings += [*_version(draft, where, meant), *_kind(draft, where, list(kinds), meant)]
    if meant is None or draft.data.get("apiVersion") != API_VERSION:
        return findings
    draft.data["kind"] = meant
    try:
        kinds[meant].model_validate(draft.data)
    except ValidationError as error:
        findings += explain(kinds[meant], draft, error, where)
    return findings


def _named(draft: Draft, key: str, where: Where) -> Iterator[Finding]:
    """Find the key under a misspelt name."""
    if key not in draft.data:
        slip = next((each for each in sorted(draft.data) if closest(each, [key])), None)
        if slip is not None:
            draft.rename((slip,), key)
            yield misspelt(where / slip, key)


def _meant(data: Mapping[str, object], kinds: Sequence[str]) -> str | None:
    kind = data.get("kind")
    if not isinstance(kind, str):
        return None
    if kind in _ALL:
        return kind if kind in kinds else None
    return closest(kind, kinds)


def _version(draft: Draft, where: Where, meant: str | None) -> Iterator[Finding]:
    written = draft.data.get("apiVersion")
    if written is None:
        yield Finding(
            codes.MISSING_KEY,
            "the document does not say which version of the language it is in: `apiVersion` is missing",
            where,
            help=f"add `apiVersion: {API_VERSION}`",
        )
        draft.data["apiVersion"] = API_VERSION
    elif written != API_VERSION:
        place = where.at(*draft.written(("apiVersion",)))
        slip = meant is not None and str(written).casefold() in ("v1", API_VERSION)
        foreign = "keep other objects out of the policies, or "
        yield Finding(
            codes.UNSUPPORTED_VERSION,
            f"{word_for(written) or 'this'} is no version of the language that this release reads",
            place,
            help=f"{'' if meant else foreign}write `apiVersion: {API_VERSION}`",
            edit=Edit(place, value=API_VERSION) if slip else None,
        )
        if slip:
            draft.data["apiVersion"] = API_VERSION


def _kind(draft: Draft, where: Where, kinds: Sequence[str], meant: str | None) -> Iterator[Finding]:
    written = draft.data.get("kind")
    if written is None:
        yield Finding(
            codes.MISSING_KEY,
            "the document does not say what it is: `kind` is missing",
            where,
            help=f"add `kind`: {listed(kinds)}",
        )
    elif written != meant and (meant or draft.data["apiVersion"] == API_VERSION):
        place = where.at(*draft.written(("kind",)))
        yield Finding(
            codes.UNKNOWN_KIND,
            f"a document of kind {word_for(written) or 'unknown'} has no place here",
            place,
            help=_instead(written, kinds, meant),
            edit=Edit(place, value=meant) if meant else None,
        )


def _instead(written: object, kinds: Sequence[str], meant: str | None) -> str:
    if meant is not None:
        return f"did you mean `{meant}`?"
    if written in list(_PROJECT):
        return "put it into `bpc.yaml` at the root of the repository"
    if written in _ALL:
        return "put it into a file below `policies/`"
    return f"use {listed(kinds)}"
