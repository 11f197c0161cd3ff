from __future__ import annotations

import pytest

from bpc.diagnostics import Edit, Severity, Where
from bpc.source import Parsed, parse


def _parse(text: str) -> Parsed:
    return parse(text.encode(), "policies/shop.yaml")


def test_data_is_plain_and_read_by_the_core_schema() -> None:
    text = """\
text: plain text
quoted: "true"
whole: 12
negative: -7
octal: 0x1F
real: 1.5
yes_: true
nothing:
tilde: ~
list: [a, 1, {b: c}]
block: |
  one
  two
folded: >-
  one
  two
"""
    (document,) = _parse(text).documents
    assert document.data == {
        "text": "plain text",
        "quoted": "true",
        "whole": 12,
        "negative": -7,
        "octal": 31,
        "real": 1.5,
        "yes_": True,
        "nothing": None,
        "tilde": None,
        "list": ["a", 1, {"b": "c"}],
        "block": "one\ntwo\n",
        "folded": "one two",
    }
    assert {type(value) for value in document.data.values()} == {
        *(str, int, float, bool, type(None), list),
    }
    assert list(document.data)[:3] == ["text", "quoted", "whole"]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only a comment\n", "---\n", "---\n# c\n---\n", "---\n...\n"]
)
def test_document_without_content_is_skipped(text: str) -> None:
    assert _parse(text) == Parsed((), ())


def test_documents_are_counted_as_yaml_counts_them() -> None:
    parsed = _parse("# head\n---\na: 1\n---\n# empty\n---\nb: 2\n...\n---\nc: 3\n")
    assert [(d.index, d.data) for d in parsed.documents] == [
        (0, {"a": 1}),
        (2, {"b": 2}),
        (3, {"c": 3}),
    ]
    assert parsed.findings == ()


def test_windows_line_ends_are_read_like_others() -> None:
    (document,) = _parse("a: |\r\n  one\r\n  two\r\nb: c\r\n").documents
    assert document.data == {"a": "one\ntwo\n", "b": "c"}
    assert str(document.span(("b",))) == "policies/shop.yaml:4:4"


def test_faulty_document_is_left_out_and_the_others_are_kept() -> None:
    parsed = _parse("a: 1\n---\nb: 1\nb: 2\n---\nc: 3\n---\nd: [\n")
    assert [(d.index, d.data) for d in parsed.documents] == [(0, {"a": 1}), (2, {"c": 3})]
    assert [(f.code.name, f.where) for f in parsed.findings] == [
        ("duplicate-key", Where("policies/shop.yaml", 1)),
        ("yaml-syntax", Where("policies/shop.yaml", 3)),
    ]


def test_file_with_a_forbidden_character_gives_no_document() -> None:
    parsed = _parse("a: 1\n---\nb: \u202e\n")
    assert parsed.documents == ()
    assert [f.code.name for f in parsed.findings] == ["forbidden-character"]


def test_all_faults_of_a_file_are_reported_in_the_order_of_the_text() -> None:
    text = """\
%YAML 1.1
---
kind: &kind !!str Tier
a: no
a: 2
<<: {b: 1}
8080: http
bell: "\\a"
huge: 99999999999999999999
zero: \u200b
{x: 1}: z
cafe\u0301: z
"""
    assert [(f.code.name, f.span.line) for f in _parse(text).findings if f.span] == [
        ("tag-or-directive", 1),
        ("anchor-or-alias", 3),
        ("tag-or-directive", 3),
        ("ambiguous-scalar", 4),
        ("duplicate-key", 5),
        ("merge-key", 6),
        ("key-not-text", 7),
        ("forbidden-character", 8),
        ("number-out-of-range", 9),
        ("forbidden-character", 10),
        ("key-not-text", 11),
        ("not-normalized", 12),
    ]


def test_reading_stops_after_a_hundred_errors_and_says_so() -> None:
    parsed = _parse("".join(f"- &a{i} x\n" for i in range(300)))
    assert len(parsed.findings) == 100
    assert parsed.findings[-1].message == (
        "anchors are not allowed; reading stops after 100 errors"
    )


def test_a_hundred_warnings_do_not_stop_reading() -> None:
    parsed = _parse("a: [" + "yes, " * 150 + "]\nb: 1\nb: 2\n")
    found = [f.code.severity for f in parsed.findings]
    assert found == [Severity.WARNING] * 100 + [Severity.ERROR]


def test_keys_within_keys_are_reported_once() -> None:
    parsed = _parse("{{{ a }}}: b\nc: {{ d }}\n")
    assert [(f.code.name, str(f.span)) for f in parsed.findings] == [
        ("key-not-text", "policies/shop.yaml:1:1"),
        ("key-not-text", "policies/shop.yaml:2:4"),
    ]


@pytest.mark.parametrize(
    ("text", "message", "advice", "edit"),
    [
        (
            "spec: {mode: no}\n",
            "`no` is text here but a boolean under YAML 1.1",
            "quote it",
            Edit(Where("policies/shop.yaml", 0, ("spec", "mode")), value="no"),
        ),
        (
            "spec: [{on: 1}]\n",
            "`on` is text here but a boolean under YAML 1.1",
            "quote it",
            Edit(Where("policies/shop.yaml", 0, ("spec", 0, "on"), key=True), rename="on"),
        ),
        (
            "mode: 0644\n",
            "`0644` is the number 644 here but text or another number under YAML 1.1",
            "write `644`, or quote it if it is text",
            None,
        ),
        (
            "rate: 1e3\n",
            "`1e3` is the number 1000.0 here but text under YAML 1.1",
            "write the number in plain decimals, or quote it if it is text",
            None,
        ),
        (
            "password: 0123_456\n",
            "this value is read as a number under YAML 1.1",
            "quote it",
            Edit(Where("policies/shop.yaml", 0, ("password",)), value="0123_456"),
        ),
    ],
)
def test_ambiguous_scalar_says_both_readings_and_offers_an_edit_that_keeps_ours(
    text: str, message: str, advice: str, edit: Edit | None
) -> None:
    (finding,) = _parse(text).findings
    assert (finding.message, finding.help, finding.edit) == (message, advice, edit)
    assert finding.where.pointer


def test_ambiguous_scalar_beside_an_error_has_no_edit() -> None:
    warning, error = _parse("a: no\nb: *x\n").findings
    assert (warning.code.name, warning.edit, warning.where.pointer) == (
        "ambiguous-scalar",
        None,
        (),
    )
    assert error.code.name == "anchor-or-alias"


@pytest.mark.parametrize(
    "text", ["a: hello\n", "a: 02:30\n", "a: 07\n", "a: 1.2.3\n", "a: 10.0.0.0/8\n"]
)
def test_what_all_readers_agree_on_is_not_ambiguous(text: str) -> None:
    assert _parse(text).findings == ()


def test_messages_cut_and_escape_what_they_quote() -> None:
    (finding,) = _parse(f'"{"k" * 70}": 1\n"{"k" * 70}": 2\n').findings
    assert finding.message == f"the key `{'k' * 59}…` is here twice"
    (finding,) = _parse('"a\\tb`": 1\n"a\\tb`": 2\n').findings
    assert finding.message == "the key `a\\tb'` is here twice"


@pytest.mark.parametrize(
    "line",
    [
        *("password: *hunter2", "password: &hunter2 x", "password: !hunter2", "password: @hunter2"),
        *("password: `hunter2`", "password: %hunter2", "password: {hunter2", "password: 'hunter2"),
        *('password: "hunter2\\q"', "password: 99999999hunter2: x", "password: hunter2: x"),
        *(
            "password: 1_234_567",
            "password: 012345678",
            "password: 1234567e9",
            "password: 2024-12-24",
        ),
        *("password: 99999999999999999999", "password: *x\nb: 012345678", 'password: "hunter2\\0"'),
    ],
)
def test_no_message_shows_what_may_be_a_password(line: str) -> None:
    findings = _parse(f"{line}\n").findings
    assert findings
    for finding in findings:
        shown = finding.message + finding.help
        assert not any(part in shown for part in ("hunter2", "234", "9999", "2024"))
