from __future__ import annotations

import pytest

from bpc.render.spelling import ambiguous, escaped, spell, spell_key

READ_AS_SOMETHING_ELSE = [
    "",
    "~",
    "=",
    "<<",
    "y",
    "N",
    "yes",
    "No",
    "on",
    "OFF",
    "true",
    "False",
    "null",
    "NULL",
    "0",
    "-1",
    "0400",
    "0o17",
    "0x1F",
    "0b11",
    "1_000",
    "1,000",
    "1.5",
    ".5",
    "5.",
    "1e3",
    "E-9",
    ".inf",
    "-.Inf",
    "NaN",
    ".nan",
    "+Infinity",
    "12:30",
    "190:20:30.15",
    "._",
    ".",
    "1.2.3",
    "2024-01-01",
    "2024-1-1",
    "2024-01-01T10:00:00Z",
    "2001-12-14 21:59:43.10 -5",
]


@pytest.mark.parametrize("text", READ_AS_SOMETHING_ELSE)
def test_text_that_some_reader_takes_for_something_else_is_quoted(text: str) -> None:
    assert ambiguous(text)
    assert spell(text, 0) == f'"{text}"'


@pytest.mark.parametrize(
    "text",
    [
        *("shop", "shop-orders", "velero.io/v1", "12Gi", "100m", "1h30m", "30d", "7-zip"),
        *("registry.example.com/a/b:8.4", "https://example.com", "a b", "a,b=c", "x@y"),
        *("--verbose", "-c", "--set=a", "/bin/sh", "nope", "note", "yesterday", "beef", "2x4w"),
    ],
)
def test_text_that_every_reader_takes_for_text_stays_plain(text: str) -> None:
    assert spell(text, 0) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0 */6 * * *", '"0 */6 * * *"'),
        ("a: b", '"a: b"'),
        ("a:", '"a:"'),
        ("a #b", '"a #b"'),
        (" a", '" a"'),
        ("a ", '"a "'),
        ("-", '"-"'),
        ("- a", '"- a"'),
        ("---", '"---"'),
        ("%a", '"%a"'),
        ("@a", '"@a"'),
        ("`a`", '"`a`"'),
        ("{{7*7}}", '"{{7*7}}"'),
        ("$(X) ${X}", '"$(X) ${X}"'),
        ('say "x" \\ y', '"say \\"x\\" \\\\ y"'),
        ("订单 🔐 é", '"订单 🔐 é"'),
        ("\x00\t\r\x7f\x85", '"\\x00\\t\\r\\x7f\\x85"'),
        ("\u00ad\u200b\u2028\u202e\ufeff\uffff", '"\\xad\\u200b\\u2028\\u202e\\ufeff\\uffff"'),
        ("\ue000\U000e0001\U0010ffff", '"\\ue000\\U000e0001\\U0010ffff"'),
    ],
)
def test_other_text_is_quoted_and_shows_what_a_reviewer_could_not_see(
    text: str, written: str
) -> None:
    assert spell(text, 0) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\nb\n", "|\n    a\n    b"),
        ("a\nb", "|-\n    a\n    b"),
        ("a\n\n  b\n", "|\n    a\n\n      b"),
        ("a\tb\n", "|\n    a\tb"),
        ("# a\n---\n", "|\n    # a\n    ---"),
    ],
)
def test_lines_are_written_as_a_literal_block(text: str, written: str) -> None:
    assert spell(text, 2) == written


@pytest.mark.parametrize(
    "text",
    [
        "\na",
        " a\nb",
        "\ta\nb",
        "a \nb",
        "a\t\nb",
        "a\n ",
        "a\n\n",
        "a\n\n\n\nb",
        "a\x01\nb",
        "a\u2028\n",
    ],
)
def test_lines_that_a_block_could_not_hold_exactly_are_quoted(text: str) -> None:
    assert spell(text, 2) == f'"{escaped(text)}"'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (0, "0"),
        (-7, "-7"),
        (2**63 - 1, str(2**63 - 1)),
    ],
)
def test_other_scalars_have_one_spelling(value: int | bool | None, written: str) -> None:
    assert spell(value, 0) == written


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_an_integer_beyond_64_bits_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="more than 64 bits"):
        spell(value, 0)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb\n"])
def test_a_lone_surrogate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="surrogate"):
        spell(text, 0)


def test_a_key_longer_than_yaml_allows_is_refused() -> None:
    assert spell_key("k" * 1000) == "k" * 1000
    with pytest.raises(ValueError, match="longer than 1000 characters"):
        spell_key("k" * 1001)
    with pytest.raises(ValueError, match="longer than 1000 characters"):
        spell_key('"' * 500)


def test_a_key_is_never_a_block() -> None:
    assert spell_key("a\nb\n") == '"a\\nb\\n"'
