from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.diagnostics import Pointer, Severity, Span
from bpc.source import Document, parse
from bpc.source.characters import forbidden_in
from bpc.source.scalars import resolve
from bpc.source.secrets import find_secrets


def _allowed(text: str) -> bool:
    return forbidden_in(text) is None and unicodedata.is_normalized("NFC", text)


AWKWARD = [
    "",
    " ",
    "yes",
    "0644",
    "1_000",
    "null",
    "~",
    "-",
    "- a",
    "a: b",
    "#",
    "'",
    '"',
    "\\",
    "\n",
    "\t",
]
TEXTS = st.one_of(
    st.sampled_from([*AWKWARD, "a\nb", " a", "a ", "\n\n", "{{ x }}", "%", "@", "|", "😀", "商店"]),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
).filter(_allowed)
KEYS = TEXTS.filter(lambda text: text.isascii() and text != "<<")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
DATA = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


class _Quoting(yaml.SafeDumper):
    style = '"'

    def ignore_aliases(self, _data: object) -> bool:
        return True


class _Single(_Quoting):
    style = "'"


class _Literal(_Quoting):
    style = "|"


class _Folded(_Quoting):
    style = ">"


def _represent(dumper: _Quoting, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=dumper.style)


_Quoting.add_representer(str, _represent)
DUMPERS = st.sampled_from([_Quoting, _Single, _Literal, _Folded])


def _read(text: str) -> Document:
    parsed = parse(text.encode(), "p.yaml")
    assert [f for f in parsed.findings if f.code.severity is Severity.ERROR] == []
    (document,) = parsed.documents
    return document


@given(DATA, DUMPERS, st.booleans(), st.sampled_from([20, 80, 1000]))
@settings(max_examples=150, deadline=None)
def test_what_pyyaml_writes_with_quotes_is_read_back(
    data: dict[str, object], dumper: type[_Quoting], flow: bool, width: int
) -> None:
    text = yaml.dump(data, Dumper=dumper, default_flow_style=flow, allow_unicode=True, width=width)
    assert _read(text).data == data


@given(DATA, st.sampled_from([None, 2, 4]))
@settings(max_examples=150, deadline=None)
def test_json_is_read_as_json(data: dict[str, object], indent: int | None) -> None:
    document = _read(json.dumps(data, ensure_ascii=False, indent=indent))
    assert document.data == data
    assert list(document.data) == list(data)


def _scalars(value: object, pointer: Pointer = ()) -> Iterator[tuple[Pointer, object]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _scalars(child, (*pointer, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _scalars(child, (*pointer, index))
    else:
        yield pointer, value


def _cut(text: str, span: Span) -> str:
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def _scalar(text: str) -> object:
    events = (event for event in yaml.parse(text, yaml.CSafeLoader))
    event = next(event for event in events if isinstance(event, yaml.ScalarEvent))
    return resolve(event.value) if not event.style else event.value


@given(DATA, st.sampled_from([_Quoting, _Single]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_a_span_cuts_out_reads_as_the_value_or_the_key(
    data: dict[str, object], dumper: type[_Quoting], flow: bool
) -> None:
    text = yaml.dump(data, Dumper=dumper, default_flow_style=flow, allow_unicode=True, width=30)
    document = _read(text)
    for pointer, value in _scalars(document.data):
        if value is not None:
            assert _scalar(_cut(text, document.span(pointer))) == value
        if isinstance(pointer[-1], str):
            assert _scalar(_cut(text, document.span(pointer, key=True))) == pointer[-1]


TOKENS = st.sampled_from(
    [
        *("a", "b: ", ": ", ":", "- ", "-", "\n", "\n  ", " ", "[", "]", "{", "}", ",", '"', "'"),
        *("|\n", ">-\n", "#", " #", "&x ", "*x", "!t ", "? ", "---\n", "...\n", "~", "017", "yes"),
        *("é", "\t", "\\", "%", "@", "<<: ", "\r\n", "\r", "\0", "\u2028", "e\u0301", "\ufb01: "),
        *("password: ", "://a:b@c"),
    ]
)


def _survives(content: bytes) -> None:
    parsed = parse(content, "p.yaml")
    for finding in parsed.findings:
        assert finding.span is not None
        assert finding.message.isprintable()
    for document in parsed.documents:
        find_secrets(document)
        whole = document.span(())
        for pointer in (("a",), ("a", 0, "b"), (0,)):
            span = document.span(pointer)
            assert (whole.line, whole.column) <= (span.line, span.column)
            assert (span.end_line, span.end_column) <= (whole.end_line, whole.end_column)


@given(st.lists(TOKENS, max_size=25).map("".join))
@settings(max_examples=800, deadline=None)
def test_no_text_raises(text: str) -> None:
    _survives(text.encode())


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise(content: bytes) -> None:
    _survives(content)
