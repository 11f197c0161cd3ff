"""Changes that bpc itself makes to a person's policy: every other byte of the file stays as it is.

This module is slow to import and is only for commands that write policies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from bpc.diagnostics import Edit, Pointer, Severity
from bpc.source.documents import Document, Parsed
from bpc.source.parsing import parse
from bpc.source.scalars import legacy_reading, resolve

_PLAIN = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./@+-]*")
_TAGS = {str: "str", bool: "bool", int: "int", type(None): "null"}


class EditError(ValueError):
    """An edit that cannot be made, or whose result would not be what it promised."""


@dataclass(frozen=True, slots=True, order=True)
class _Splice:
    start: int
    end: int
    text: str


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return the text of one file with `edits` made; raise EditError rather than change anything else.

    The new text is read by a second, independent YAML 1.2 reader, and must hold what the old one held,
    but for the edits.
    """
    before = _sound(text)
    documents = {document.index: document for document in before.documents}
    splices = sorted({_splice(documents, edit) for edit in edits})
    after, position = [], 0
    for splice in splices:
        if splice.start < position:
            raise EditError("two edits concern the same text")
        after += [text[position : splice.start], splice.text]
        position = splice.end
    result = "".join((*after, text[position:]))
    if len(_sound(result).documents) != len(documents) or _leaves(result) != _expected(text, edits):
        raise EditError("the edit would change more than it should")
    return result


def _sound(text: str) -> Parsed:
    parsed = parse(text.encode(), "")
    errors = [f for f in parsed.findings if f.code.severity is Severity.ERROR]
    if errors:
        raise EditError(f"a file with errors cannot be edited: {errors[0].message}")
    return parsed


def _splice(documents: Mapping[int, Document], edit: Edit) -> _Splice:
    document = documents.get(edit.where.document)
    slot = document.marks.slots().get(edit.where.pointer) if document else None
    node = None if slot is None else slot.value if edit.rename is None else slot.key
    if document is None or node is None:
        raise EditError(f"there is nothing at `{edit.where.json_pointer}`")
    start, end = document.marks.offsets(node)
    old = document.marks.lines.text[start:end]
    new = _written(edit.value if edit.rename is None else edit.rename, old)
    # A value that is only understood to be null stands directly behind the colon or the dash.
    return _Splice(start, end, new if old else f" {new}")


def _written(value: str | int | bool | None, old: str) -> str:
    """Return a scalar as text, in the quotes of the one that it replaces."""
    if not isinstance(value, str):
        return json.dumps(value)
    if old.startswith("'") and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if not old.startswith('"') and _stays_text(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _stays_text(value: str) -> bool:
    plain = _PLAIN.fullmatch(value) is not None
    return plain and isinstance(resolve(value), str) and legacy_reading(value) is None


_Leaf = tuple[str, str]
_Path = tuple[int, Pointer]


def _leaves(text: str) -> dict[_Path, _Leaf]:
    """Return the type and text of every value of a file, as ruamel.yaml reads it."""
    try:
        roots = list(YAML(typ="safe", pure=True).compose_all(text))
    except YAMLError as error:
        raise EditError("a second YAML reader does not accept the file") from error
    return {
        (index, pointer): leaf
        for index, root in enumerate(roots)
        if root is not None
        for pointer, leaf in _walk(root, ())
    }


def _walk(node: Node, pointer: Pointer) -> Iterator[tuple[Pointer, _Leaf]]:
    kind = str(node.tag).rpartition(":")[2]
    if isinstance(node, MappingNode):
        yield pointer, (kind, "")
        for key, value in node.value:
            yield from _walk(value, (*pointer, key.value))
    elif isinstance(node, SequenceNode):
        yield pointer, (kind, "")
        for index, value in enumerate(node.value):
            yield from _walk(value, (*pointer, index))
    else:
        yield pointer, (kind, node.value)


def _expected(text: str, edits: Sequence[Edit]) -> dict[_Path, _Leaf]:
    values, names = {}, {}
    for edit in edits:
        place = (edit.where.document, edit.where.pointer)
        if edit.rename is not None:
            names[place] = edit.rename
        else:
            spelled = edit.value if isinstance(edit.value, str) else json.dumps(edit.value)
            values[place] = (_TAGS[type(edit.value)], spelled)
    return {
        _renamed(place, names): values.get(place, leaf) for place, leaf in _leaves(text).items()
    }


def _renamed(place: _Path, names: Mapping[_Path, str]) -> _Path:
    index, pointer = place
    steps = (names.get((index, pointer[: i + 1]), step) for i, step in enumerate(pointer))
    return index, tuple(steps)
