from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from bpc.diagnostics import Pointer, Span
from bpc.source import Document, parse

MANIFESTS = Path(__file__).parents[3].parent / "shared" / "corpus" / "manifests"

TEXT = """\
# 评论
kind: Tier
"团队": '商店😀'   # two quotes
spec:
  flow: {a: [1, "two",
    three], b: {}}
  plain: one
    two
  double: "one
    two"
  literal: |
    one

    two


  # behind
  empty:
  list:
  - x
  -  y: 1
     z: [ ]
  -
  folded: >-
    last
"""


def _document(text: str = TEXT) -> Document:
    (document,) = parse(text.encode(), "p.yaml").documents
    return document


def _at(span: Span) -> str:
    assert span.path == "p.yaml"
    return f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"


@pytest.mark.parametrize(
    ("pointer", "key", "value"),
    [
        (("kind",), "2:1-2:5", "2:7-2:11"),
        (("团队",), "3:1-3:5", "3:7-3:12"),
        (("spec",), "4:1-4:5", "5:3-25:9"),
        (("spec", "flow"), "5:3-5:7", "5:9-6:19"),
        (("spec", "flow", "a"), "5:10-5:11", "5:13-6:11"),
        (("spec", "flow", "a", 0), "5:14-5:15", "5:14-5:15"),
        (("spec", "flow", "a", 1), "5:17-5:22", "5:17-5:22"),
        (("spec", "flow", "a", 2), "6:5-6:10", "6:5-6:10"),
        (("spec", "flow", "b"), "6:13-6:14", "6:16-6:18"),
        (("spec", "plain"), "7:3-7:8", "7:10-8:8"),
        (("spec", "double"), "9:3-9:9", "9:11-10:9"),
        (("spec", "literal"), "11:3-11:10", "11:12-14:8"),
        (("spec", "empty"), "18:3-18:8", "18:9-18:9"),
        (("spec", "list"), "19:3-19:7", "20:3-23:4"),
        (("spec", "list", 0), "20:5-20:6", "20:5-20:6"),
        (("spec", "list", 1), "21:6-22:12", "21:6-22:12"),
        (("spec", "list", 1, "y"), "21:6-21:7", "21:9-21:10"),
        (("spec", "list", 1, "z"), "22:6-22:7", "22:9-22:12"),
        (("spec", "list", 2), "23:4-23:4", "23:4-23:4"),
        (("spec", "folded"), "24:3-24:9", "24:11-25:9"),
        ((), "2:1-25:9", "2:1-25:9"),
    ],
)
def test_every_key_and_value_has_its_place(pointer: Pointer, key: str, value: str) -> None:
    document = _document()
    assert _at(document.span(pointer, key=True)) == key
    assert _at(document.span(pointer)) == value


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        (("spec", "size"), "4:1-4:5"),
        (("spec", "size", "unit", 3), "4:1-4:5"),
        (("spec", "flow", "b", "c"), "6:13-6:14"),
        (("spec", "list", 7), "19:3-19:7"),
        (("spec", "list", 1, "w"), "21:6-21:7"),
        (("spec", "list", 0, "w"), "20:5-20:6"),
        (("spec", "plain", "w"), "7:10-8:8"),
        (("apiVersion",), "2:1-2:5"),
    ],
)
def test_what_is_missing_is_shown_at_the_nearest_key(pointer: Pointer, place: str) -> None:
    assert _at(_document().span(pointer)) == place
    assert _at(_document().span(pointer, key=True)) == place


def test_missing_field_of_an_empty_document_is_shown_at_the_document() -> None:
    assert _at(_document("{}\n").span(("kind",))) == "1:1-1:3"


def test_missing_field_of_an_empty_item_is_shown_at_the_item() -> None:
    assert _at(_document("a: [{}]\n").span(("a", 0, "b"))) == "1:5-1:7"


def test_positions_of_a_later_document_count_from_the_start_of_the_file() -> None:
    second = parse(b"a: 1\n---\nb:\n  c: 2\n", "p.yaml").documents[1]
    assert _at(second.span(("b", "c"))) == "4:6-4:7"


def _places(node: object, pointer: Pointer = ()) -> Iterator[tuple[Pointer, bool, tuple[int, int]]]:
    """Yield where ruamel.yaml saw keys and values, counting from 1."""
    if isinstance(node, CommentedMap):
        for name, value in node.items():
            key_line, key_column, line, column = node.lc.data[name]
            yield (*pointer, name), True, (key_line + 1, key_column + 1)
            # It gives to a value that was left out the place of whatever comes next.
            if value is not None:
                yield (*pointer, name), False, (line + 1, column + 1)
            yield from _places(value, (*pointer, name))
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            line, column = node.lc.data[index][:2]
            if value is not None:
                yield (*pointer, index), False, (line + 1, column + 1)
            yield from _places(value, (*pointer, index))


def test_positions_are_those_of_ruamel_on_real_manifests() -> None:
    if not MANIFESTS.is_dir():
        pytest.skip("needs ../shared/corpus/manifests: real manifests")
    compared = 0
    for path in sorted(MANIFESTS.rglob("*.y*ml"))[::2]:
        documents = parse(path.read_bytes(), "p.yaml").documents
        try:
            others = list(YAML().load_all(path.read_text()))
        except YAMLError:
            continue
        for document in documents:
            for pointer, key, place in _places(others[document.index]):
                span = document.span(pointer, key=key)
                assert (span.line, span.column) == place, (path, pointer)
                compared += 1
    assert compared > 3000
