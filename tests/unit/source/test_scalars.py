from __future__ import annotations

import datetime

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

from bpc.source.scalars import NUMERIC, SPECIAL, Scalar, legacy_reading, resolve

WORDS = """
null Null NULL nULL ~ ~~ true True TRUE tRUE false False FALSE none None nil undefined
yes Yes YES no No NO on On ON off Off OFF y Y n N
inf .inf .Inf .INF .iNF +.inf -.inf nan .nan .NaN .NAN .Nan
"""
NUMBERS = """
0 1 -1 +1 00 07 007 08 017 -017 9223372036854775807 -9223372036854775808
0o0 0o17 0o8 0O17 -0o7 0x0 0x1f 0xDEADbeef 0X1F 0xg -0x1 0b1 0b12
0. 0.0 1. 1.5 -1.5 +1.5 .5 -.5 . .. - + 1.2.3 1..2 -. +. 1.10
1e3 1E3 1e+3 1e-3 1.5e3 1.e3 .5e1 .5e-1 e3 1e 1e+ 0e0 1e22
1_000 1__0 _1 1_ 1_0.5 0x_1 0x1_f 0b1_0 ._5 1e1_0
12:30 12:30:45 02:30 1:60 1:2:3:4 1:20.5 190:20:30
2024-01-01 2024-1-1 2024-13-45 2024-01-01T10:00:00Z 2024-01-01t1:00:00.5 24-01-01 20240101
30d 6h 120Gi 200MiB/s 10.0.0.0/8 v1 1.24.3 0.17 a1 1a sha256:0a = << 'x
"""
SPACED = ["2024-01-01 10:00:00", "2024-01-01 10:00:00 +8", "0 2 * * *"]
SPELLED = [*WORDS.split(), *NUMBERS.split(), *SPACED]


def _resolved(text: str) -> Scalar:
    try:
        return resolve(text)
    except OverflowError:
        return float("inf")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
        *[(text, True) for text in ("true", "True", "TRUE")],
        *[(text, False) for text in ("false", "False", "FALSE")],
        *[
            (text, text)
            for text in ("nULL", "tRUE", "yes", "on", "no", "y", "=", "<<", "2024-01-01")
        ],
        *[
            (text, text)
            for text in ("1_000", "0b1", "-0x1", "0o8", "0X1", "12:30", ".", "+", "1e", "e3")
        ],
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("017", 17),
        ("08", 8),
        ("0o17", 15),
        ("0x1F", 31),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("0" * 5000 + "1", 1),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5e-3", -0.0015),
        ("1e3", 1000.0),
        (".5e1", 5.0),
    ],
)
def test_plain_scalar_has_the_value_of_the_core_schema(text: str, value: Scalar) -> None:
    resolved = resolve(text)
    assert (type(resolved), resolved) == (type(value), value)


@pytest.mark.parametrize(
    "text",
    [
        *("9223372036854775808", "-9223372036854775809", "0x8000000000000000", "9" * 20_000),
        *(
            "0x" + "f" * 20_000,
            "0o" + "7" * 20_000,
            ".inf",
            "-.INF",
            "+.Inf",
            ".nan",
            "1e400",
            "9" * 400 + ".",
        ),
    ],
)
def test_number_beyond_64_bits_overflows(text: str) -> None:
    with pytest.raises(OverflowError):
        resolve(text)


def _differs_by_design(text: str) -> bool:
    """Return whether ruamel.yaml is known to read more than the core schema of YAML 1.2.2."""
    underscores = "_" in text and text[0] in "+-.0123456789"
    dates = text[:4].isdigit() and text[4:5] == "-"
    based = text.lstrip("+-").startswith(("0b", "0o", "0x")) and (text[0] in "+-" or text[1] == "b")
    # It wants a sign in the exponent after a leading point.
    exponent = text.lstrip("+-").startswith(".") and "e" in text.lower() and "-" not in text[1:]
    return underscores or dates or based or exponent or text in {"=", "<<"}


@pytest.mark.parametrize("text", [text for text in SPELLED if not _differs_by_design(text)])
def test_ruamel_resolves_to_the_same_type(text: str) -> None:
    reader = YAML(typ="safe", pure=True)
    tag = str(reader.resolver.resolve(ScalarNode, text, (True, False)))
    names = {str: "str", int: "int", float: "float", bool: "bool", type(None): "null"}
    assert tag == f"tag:yaml.org,2002:{names[type(_resolved(text))]}"


def _legacy_value(text: str) -> object:
    """Return what PyYAML, a YAML 1.1 reader, makes of a plain scalar."""
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    if tag.rpartition(":")[2] in {"value", "merge"}:
        return object()
    try:
        return yaml.SafeLoader("").construct_object(yaml.ScalarNode(tag, text))
    except ValueError:
        return object()


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("text", SPELLED)
def test_scalar_that_pyyaml_reads_differently_is_called_ambiguous(text: str) -> None:
    # A merge key is refused, so that nothing is left to warn about.
    agreed = text == "<<" or _same(_legacy_value(text), _resolved(text))
    overflowing = _resolved(text) == float("inf")
    assert agreed or overflowing or legacy_reading(text) is not None


# PyYAML takes these for text although YAML 1.1 says otherwise, as does go-yaml.
ONLY_OTHERS_DIFFER = {"y", "Y", "n", "N"}


@pytest.mark.parametrize("text", [text for text in SPELLED if text not in ONLY_OTHERS_DIFFER])
def test_scalar_that_pyyaml_reads_alike_is_not_called_ambiguous(text: str) -> None:
    assert not (_same(_legacy_value(text), _resolved(text)) and legacy_reading(text))


NUMBERLIKE = st.text("0123456789+-._:eExobaTZ ", min_size=1, max_size=12).map(str.strip)


@given(NUMBERLIKE)
@settings(max_examples=800, deadline=None)
def test_no_number_or_date_escapes_the_warning(text: str) -> None:
    resolved, legacy = _resolved(text), _legacy_value(text)
    if not _same(resolved, legacy) and resolved != float("inf"):
        assert legacy_reading(text) is not None


@given(st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_what_neither_begins_like_a_number_nor_is_special_is_text(text: str) -> None:
    if text not in SPECIAL and text[0] not in NUMERIC:
        assert resolve(text) == text
        assert legacy_reading(text) is None


def test_date_stays_text() -> None:
    assert isinstance(_legacy_value("2024-01-01"), datetime.date)
    assert resolve("2024-01-01") == "2024-01-01"
    assert legacy_reading("2024-01-01") == "a date"
