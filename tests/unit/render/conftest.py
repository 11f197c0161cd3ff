"""Template directories that live in memory, and texts that YAML writers and readers get wrong."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

Library = Callable[[dict[str, str]], Traversable]

SEEDS = Path(__file__).with_name("hostile.txt").read_text("utf-8").splitlines()
SHAPES = (
    " {}",
    "{} ",
    "  {}",
    "{}\t",
    "\t{}",
    "{}\n",
    "{}\n\n",
    "\n{}",
    "a\n{}",
    "{}\nb",
    "{}\n b",
    " {}\n",
    "{} \nb",
    "{}:",
    "{}: b",
    "a: {}",
    "{}:b",
    "- {}",
    "-{}",
    "--{}",
    "? {}",
    "{} # c",
    "{}#c",
    "#{}",
    "!{}",
    "&{}",
    "*{}",
    "[{}",
    "{}]",
    "{{{}",
    "{}}}",
    "'{}",
    "'{}'",
    '"{}',
    '"{}"',
    "{}\\",
    "|\n{}",
    "{}, b",
    "a {}",
    "{} b",
    "/{}",
    "{}/",
    "{}\u00a0",
    "\u2028{}",
    "{}\u2029",
    "{}\ufeff",
    "\u200b{}",
    "{}\u202e",
    "{}中文",
    "🔐{}",
    "é{}",
    "\u00ad{}",
    "{}\n\n\n\nz",
    "{}\n\tz",
    "{}\n---\nz",
    "{}\n...\n",
    "{}\n# z\n",
    "$({})",
    "${{{}}}",
    "{}.",
    ".{}",
    "{}_",
    "_{}",
    "+{}",
    "{}e1",
    "=={}",
    "{}%",
    "@{}",
    "`{}`",
    "x" * 80 + " {}",
    "x" * 130 + "{}",
)
LINES = (
    "a: 1\nb: 2\n",
    "#!/bin/sh\nset -eu\n",
    "one\ntwo",
    "one\n\n\ntwo\n",
    "key: |\n  text\n",
    "- a\n- b\n",
    "\n",
    "\n\n",
    "\t\n",
    "- a",
    "a: b",
    "a #b",
    "beef",
    "1e3f",
    "0xcafe",
    "30d",
    " \n",
    "a\n \nb",
    "a\n\t\nb\n",
    "a\nb",
    "x\n  y\n z\n",
    "中文\n🔐\n",
    '{\n  "a": 1\n}\n',
    "a\n# b\n",
    "%a\n%b\n",
    "a\u2028b\n",
    "tab\there\n",
    "\u3000x",
    "x\u3000\ny\n",
    "\u00a0\nx",
    "a\n" * 50,
    "---\n",
    "---\na\n",
    "a\n---\n",
)
ALPHABET = " \t\n:#-?![]{}&*|>'\"%@`,=~<\\/.+_0123456789eExXoObByYnN中é🔐\u2028\ufeff\u200b"


@pytest.fixture(scope="session")
def hostile() -> list[str]:
    """Distinct texts that some YAML writer or reader has got wrong; no control characters."""
    shaped = [
        shape.format(seed)
        for index, seed in enumerate([*SEEDS, ""])
        for shape in ("{}", *SHAPES[index % 4 :: 4])
    ]
    source = random.Random(0)  # noqa: S311 - a fixed choice of texts, nothing secret
    mixed = ["".join(source.choices(ALPHABET, k=source.randrange(1, 9))) for _ in range(1500)]
    return list(dict.fromkeys([*shaped, *LINES, *mixed]))


@pytest.fixture(scope="session")
def library() -> Library:
    """Turn names and texts into a template directory that lives in a zip, as in a zipped wheel."""

    def build(files: dict[str, str]) -> Traversable:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as writer:
            for name, text in files.items():
                writer.writestr(name, text)
        return zipfile.Path(archive)

    return build
