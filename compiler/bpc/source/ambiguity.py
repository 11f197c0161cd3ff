"""Plain scalars that readers of YAML 1.1 take for something else, and the edit that removes the doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpc.diagnostics import Edit, Finding, Where
from bpc.source.codes import AMBIGUOUS
from bpc.source.faults import Faults, quoted
from bpc.source.positions import Marks
from bpc.source.scalars import Scalar, legacy_reading
from bpc.source.secrets import sensitive


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A plain scalar as written and as read, with its number among the nodes and its offset."""

    text: str
    value: Scalar
    node: int
    start: int


def report(found: Sequence[Ambiguity], marks: Marks | None, path: str, faults: Faults) -> None:
    """Warn about ambiguous scalars of one document; without marks, what they belong to is unknown."""
    if not found:
        return
    document = Where(path, faults.document)
    places = _places(marks, document) if marks else {}
    for item in found:
        where = places.get(item.node, document)
        edit = _edit(item, where) if places else None
        finding = Finding(
            AMBIGUOUS, _message(item, where), where, help=_help(item, where), edit=edit
        )
        faults.warning(finding, item.start, item.start + len(item.text))


def _places(marks: Marks, document: Where) -> Mapping[int, Where]:
    places: dict[int, Where] = {}
    for pointer, slot in marks.slots().items():
        place = document.at(*pointer)
        places[slot.value] = place
        if slot.key is not None:
            places[slot.key] = place.as_key()
    return places


def _message(item: Ambiguity, where: Where) -> str:
    here = "text" if isinstance(item.value, str) else f"the number {item.value}"
    if _hidden(where):
        return f"this value is read as {legacy_reading(item.text)} under YAML 1.1"
    return f"{quoted(item.text)} is {here} here but {legacy_reading(item.text)} under YAML 1.1"


def _help(item: Ambiguity, where: Where) -> str:
    if isinstance(item.value, str):
        return "quote it"
    if _hidden(where) or isinstance(item.value, float):
        return "write the number in plain decimals, or quote it if it is text"
    return f"write `{item.value}`, or quote it if it is text"


def _edit(item: Ambiguity, where: Where) -> Edit | None:
    """Return an edit that quotes text; which number was meant, only its author can say."""
    if not isinstance(item.value, str):
        return None
    return Edit(where, rename=item.value) if where.key else Edit(where, value=item.value)


def _hidden(where: Where) -> bool:
    """Return whether a value may be a credential, so that no message shows it."""
    return not where.pointer or (not where.key and sensitive(str(where.pointer[-1])))
