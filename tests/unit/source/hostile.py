"""Hostile inputs that are too large to keep as files, by the code that refuses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "corpus" / "hostile"

_MIB = 1 << 20

# Name, then code, then the text.
HUGE: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "a million brackets": ("too-deep", lambda: b"[" * 1_000_000),
    "a million braces": ("too-deep", lambda: b"{" * 1_000_000),
    "half a million dashes": ("too-deep", lambda: b"- " * 500_000),
    "half a million question marks": ("too-deep", lambda: b"? " * 500_000),
    "brackets on lines of their own": ("too-deep", lambda: b"[\n" * 500_000),
    "braces after empty keys": ("too-deep", lambda: b'{"":' * 250_000),
    "dashes and question marks": ("too-deep", lambda: b"- ? " * 250_000),
    "a ladder of keys": ("too-deep", lambda: b"".join(b" " * i + b"a:\n" for i in range(1400))),
    "a ladder of dashes": ("too-deep", lambda: b"".join(b" " * i + b"-\n" for i in range(1400))),
    "a byte too many": ("too-large", lambda: b"a: " + b"x" * (_MIB - 2)),
    "a long plain scalar": ("too-large", lambda: b"a: " + b"x" * 65_537),
    "a long quoted scalar": ("too-large", lambda: b'a: "' + b"x" * 65_537 + b'"'),
    "a long block scalar": ("too-large", lambda: b"a: |\n" + b"  x\n" * 40_000),
    "a long folded scalar": ("too-large", lambda: b"a: >\n" + b"  x\n" * 40_000),
    "a long key": ("too-large", lambda: b"? " + b"x" * 65_537 + b"\n: a"),
    "a scalar of a million words": ("too-large", lambda: b"a: " + b"b " * 520_000),
    "a list of half a million": ("too-large", lambda: b"a: [" + b"b," * 500_000 + b"]"),
    "a block list of many": ("too-large", lambda: b"a:\n" + b"- b\n" * 250_000),
    "a mapping of many": ("too-large", lambda: b"".join(b"k%d: v\n" % i for i in range(90_000))),
    "many empty documents": ("too-large", lambda: b"---\n" * (_MIB // 4)),
    "many small documents": ("too-large", lambda: b"--- {}\n" * (_MIB // 7)),
    "many documents of many values": (
        "too-large",
        lambda: (b"---\na: [" + b"b," * 19_000 + b"]\n") * 20,
    ),
    "a long anchor": ("anchor-or-alias", lambda: b"a: &" + b"x" * 1_000_000 + b" 1"),
    "a long alias": ("anchor-or-alias", lambda: b"a: *" + b"x" * 1_000_000),
    "many aliases": ("anchor-or-alias", lambda: b"[" + b"*a," * 300_000 + b"]"),
    "many anchors": ("anchor-or-alias", lambda: b"".join(b"- &a%d b\n" % i for i in range(80_000))),
    "a long tag": ("tag-or-directive", lambda: b"a: !" + b"x" * 1_000_000 + b" 1"),
    "many tag directives": (
        "tag-or-directive",
        lambda: b"".join(b"%%TAG !a%d! b\n" % i for i in range(58_000)) + b"---\na: b",
    ),
    "a mebibyte of percent signs": ("tag-or-directive", lambda: b"%" * _MIB),
    "one key a hundred thousand times": ("duplicate-key", lambda: b"a: b\n" * 200_000),
    "keys that are alike": (
        "duplicate-key",
        lambda: "".join(f"\ufb01{i}: 1\nfi{i}: 2\n" for i in range(9_000)).encode(),
    ),
    "many complex keys": ("key-not-text", lambda: b"? [a]\n: b\n" * 100_000),
    "many null keys": ("key-not-text", lambda: b"? \n" * 300_000),
    "a mebibyte of zeros": ("forbidden-character", lambda: b"a: " + b"\0" * 1_000_000),
    "every second byte zero": ("forbidden-character", lambda: b"aaaa" + b"\0a" * 500_000),
    "a million carriage returns": ("forbidden-character", lambda: b"a: b" + b"\r" * 1_000_000),
    "many line separators": ("forbidden-character", lambda: "a\u2028".encode() * 250_000),
    "many escaped controls": ("forbidden-character", lambda: b'- "\\0"\n' * 140_000),
    "marks in the wrong order": (
        "not-normalized",
        lambda: b"a: x" + "\u0301".encode() * 250_000 + "\u0327".encode() * 250_000,
    ),
    "many lines in the wrong form": ("not-normalized", lambda: "- e\u0301\n".encode() * 170_000),
    "a key of marks in the wrong order": (
        "not-normalized",
        lambda: b"? x" + "\u0301".encode() * 30_000 + "\u0327".encode() * 30_000 + b"\n: 1",
    ),
    "a mebibyte that is not UTF-8": ("not-utf8", lambda: b"\xff" * _MIB),
    "every second byte not UTF-8": ("not-utf8", lambda: b"aaaa" + b"\xffa" * 500_000),
    "a mebibyte of UTF-16": ("not-utf8", lambda: ("a: b\n" * 100_000).encode("utf-16")),
    "many huge numbers": ("number-out-of-range", lambda: (b"- " + b"9" * 20_000 + b"\n") * 50),
    "many infinite numbers": ("number-out-of-range", lambda: b"- 1e999\n" * 130_000),
    "many ambiguous words": ("ambiguous-scalar", lambda: b"a:\n" + b"- yes\n" * 19_000),
    "an unclosed quote": ("yaml-syntax", lambda: b'a: "' + b"x" * 1_000_000),
    "an unclosed list": ("yaml-syntax", lambda: b"a: [" + b"b, " * 9_000),
    "many tabs": ("yaml-syntax", lambda: b"\t" * 1_000_000 + b"a: b"),
    "many colons": ("yaml-syntax", lambda: b": " * 500_000),
    "many quotes": ("not-a-mapping", lambda: b"''" * 30_000),
}
