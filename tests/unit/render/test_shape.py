from __future__ import annotations

import pytest

from bpc.render import Renderer, TemplateError
from bpc.render.shape import shape
from tests.unit.render.conftest import Library

VALUES = {"v": "a", "i": 5, "l": [1], "m": {"k": "v"}, "b": True, "n": None, "f": 0.5, "y": b"x"}

AMBIGUOUS = (
    "yes",
    "n",
    "~",
    "0400",
    "2024-01-01",
    "12:30:45",
    "1_000",
    "1e3",
    ".inf",
    "NULL",
    "0x1F",
)

REFUSED = {
    "comment": ("a: 1 # {{ v }}\n", "outside any value"),
    "comment line": ("# {{ v }} and {{ i }}\na: 1\n", "2 expression(s) stand outside any value"),
    "anchor from a hole": ("a: &{{ v }} 1\n", ""),
    "anchor": ("a: &x 1\n", "anchors and aliases"),
    "alias": ("a: &x {b: 1}\nc: *x\n", "anchors and aliases"),
    "merge key": ("c:\n  <<: {a: 1}\n", "`<<` is not the same to every YAML reader"),
    "tag from a hole": ("a: !{{ v }} 1\n", ""),
    "tag": ("a: !!str 5\n", "tag `tag:yaml.org,2002:str`"),
    "local tag": ("a: !vault x\n", "tag `!vault`"),
    "tag on a mapping": ("a: !!map {b: 1}\n", "tag"),
    "binary": ("a: !!binary aGk=\n", "tag"),
    "directive": ("%YAML 1.1\n---\na: 1\n", "directives"),
    "duplicate key": ("a: 1\na: 2\n", "duplicate key"),
    "duplicate key through a hole": ("a: 1\n{{ v }}: 2\n", "duplicate key"),
    "duplicate key after a hole": ("{{ v }}: 1\na: 2\n", "duplicate key"),
    "duplicate nested key": ("x:\n  - {a: 1, a: 1}\n", "duplicate key"),
    "list in text": ("a: x-{{ l }}\n", "`list` cannot stand inside text"),
    "list in quotes": ('a: "{{ l }}"\n', "`list` cannot stand inside text"),
    "mapping in a block": ("a: |\n  {{ m }}\n", "`dict` cannot stand inside text"),
    "boolean in text": ("a: x-{{ b }}\n", "`bool` cannot stand inside text"),
    "none in text": ("a: x-{{ n }}\n", "`NoneType` cannot stand inside text"),
    "integer key": ("1: a\n", "key `1` is not text"),
    "boolean key": ("true: a\n", "key `true` is not text"),
    "ambiguous key": ("on: a\n", "quote it"),
    "empty key": ("? \n: a\n", "quote it"),
    "complex key": ("? [a]\n: b\n", "a key is not a scalar"),
    "list as key": ("{{ l }}: 1\n", "`list` cannot be a key"),
    "integer as key": ("{{ i }}: 1\n", "`int` cannot be a key"),
    "none as key": ("{{ n }}: 1\n", "`NoneType` cannot be a key"),
    "long key": ("{{ v * 2000 }}: 1\n", "longer than 1000 characters"),
    "bad indentation": ("a:\n  b: 1\n c: 2\n", "line 3"),
    "unclosed": ("a: [1\n", ""),
    "float": ("a: 1.5\n", "`1.5` is not the same to every YAML reader: quote it"),
    "float value": ("a: {{ f }}\n", "`float` is not manifest data"),
    "bytes value": ("a: {{ y }}\n", "`bytes` is not manifest data"),
    "big integer": (f"a: {2**63}\n", "more than 64 bits"),
    "control character": ('a: "\\x07"\n', "`U+0007`"),
    "control character in a key": ('"\\x07": 1\n', "`U+0007`"),
    "control character in text": ('a: "\\x07{{ v }}"\n', "`U+0007`"),
    "no document": ("# nothing\n", "no document"),
    "two documents": ("a: 1\n---\nb: 2\n", "exactly one document"),
    "list as manifest": ("- a\n", "a manifest is a mapping"),
    "text as manifest": ("{{ v }}\n", "a manifest is a mapping"),
    "forged hole": ("a: \ue0000\ue001\n", "reserved"),
} | {f"ambiguous {text}": (f"a: {text}\n", "quote it") for text in AMBIGUOUS}


@pytest.mark.parametrize("name", REFUSED)
def test_a_template_that_can_be_misread_is_refused(library: Library, name: str) -> None:
    text, message = REFUSED[name]
    with pytest.raises(TemplateError) as caught:
        Renderer(library({"t": text})).manifest("t", **VALUES)
    assert caught.value.template == "t"
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a:\n  - b\n  - c: x-{{ l }}\n", ("a", 1, "c")),
        ("a:\n  b: {{ {'c': [1, 0.5]} }}\n", ("a", "b", "c", 1)),
        ("a:\n  {{ v }}:\n    - {{ f }}\n", ("a", "{{ }}", 0)),
        ("a:\n  b: 1.5\n", ("a", "b")),
    ],
)
def test_the_error_names_the_place(
    library: Library, text: str, path: tuple[str | int, ...]
) -> None:
    with pytest.raises(TemplateError) as caught:
        Renderer(library({"t": text})).manifest("t", **VALUES)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"t at `{'.'.join(map(str, path))}`: ")


ACCEPTED = {
    "mapping": ("a: {{ m }}\n", {"a": {"k": "v"}}),
    "integer": ("a: {{ i }}\n", {"a": 5}),
    "boolean": ("a: {{ b }}\n", {"a": True}),
    "quoted integer is text": ('a: "{{ i }}"\n', {"a": "5"}),
    "single quotes too": ("a: '{{ i }}'\n", {"a": "5"}),
    "text": ("a: x-{{ i }}-{{ v }}\n", {"a": "x-5-evil: [x\n"}),
    "text that looks like a number": ("a: {{ i }}{{ i }}\n", {"a": "55"}),
    "literal block": ("a: |\n  one {{ v }}\n  two\n", {"a": "one evil: [x\n\ntwo\n"}),
    "folded block": ("a: >-\n  one\n  {{ i }}\n", {"a": "one 5"}),
    "computed key": ("{{ v }}: 1\n", {"evil: [x\n": 1}),
    "key with text": ("p-{{ i }}: 1\n", {"p-5": 1}),
    "quoted key": ('"{{ v }}": 1\n', {"evil: [x\n": 1}),
    "key between others": (
        "a: 1\n{{ v }}:\n  - {{ i }}\nc: 3\n",
        {"a": 1, "evil: [x\n": [5], "c": 3},
    ),
    "constant expression": ("a: {{ 'yes' }}\n", {"a": "yes"}),
    "flow style": (
        "a: [x, {{ i }}, {{ m }}, {q: {{ v }}}]\n",
        {"a": ["x", 5, {"k": "v"}, {"q": "evil: [x\n"}]},
    ),
    "filters see values": ("a: {{ v | upper }}\n", {"a": "EVIL: [X\n"}),
    "assignment": ("{% set x = v ~ 1 %}\na: {{ x }}\n", {"a": "evil: [x\n1"}),
    "branch": ("{% if b %}\na: 1\n{% else %}\nb: 2\n{% endif %}\n", {"a": 1}),
    "loop": (
        "a:\n{% for x in l %}\n  - x: {{ x }}\n    i: {{ loop.index }}\n{% endfor %}\n",
        {"a": [{"x": 1, "i": 1}, {"x": 2, "i": 2}]},
    ),
    "loop over items": (
        "{% for k, x in m.items() %}\n{{ k }}: {{ x }}\n{% endfor %}\n",
        {"k": "v"},
    ),
    "literals": (
        "a: 1\nb: -1\nc: true\nd: null\ne: x\nf: '1'\ng: '0400'\n",
        {"a": 1, "b": -1, "c": True, "d": None, "e": "x", "f": "1", "g": "0400"},
    ),
    "quoted words": ("'on': 'yes'\n\"<<\": \"=\"\n", {"on": "yes", "<<": "="}),
    "document marker": ("---\na: 1\n...\n", {"a": 1}),
    "comment": ("# why\na: 1 # because\n", {"a": 1}),
    "nested lists": ("a:\n  - - {{ i }}\n    - - {{ v }}\n", {"a": [[5, ["evil: [x\n"]]]}),
    "raw braces": ("a: '{% raw %}{{ $labels.x }}{% endraw %}'\n", {"a": "{{ $labels.x }}"}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_good_template_becomes_exactly_its_data(library: Library, name: str) -> None:
    text, data = ACCEPTED[name]
    values = {**VALUES, "v": "evil: [x\n", "l": [1, 2]}
    assert Renderer(library({"t": text})).manifest("t", **values).data == data


def test_a_shape_is_compiled_once_whatever_the_values(library: Library) -> None:
    text = "a: {{ v }}\nb:\n{% for x in l %}\n  - {{ x }}\n{% endfor %}\n"
    renderer = Renderer(library({"once": text}))
    renderer.manifest("once", v="x", l=[1, 2])
    before = shape.cache_info()
    for index in range(100):
        renderer.manifest("once", v={"k": index}, l=[index, None])
    after = shape.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (0, 100)


def test_the_number_of_shapes_kept_is_bounded(library: Library) -> None:
    renderer = Renderer(library({"many": "a:\n{% for x in range %}\n  - {{ x }}\n{% endfor %}\n"}))
    for count in range(1, 300):
        assert renderer.manifest("many", range=range(count)).data == {"a": list(range(count))}
    assert shape.cache_info().currsize <= 256
