from __future__ import annotations

from pathlib import Path

import pytest

from bpc.render import Renderer, TemplateError, dump_one
from tests.unit.render.conftest import Library

GOOD = '#!/bin/sh\nset -eu\n\nfor name in $NAMES; do\n  echo "$(date) {{ name }} {% x %}"\ndone\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo a\n\techo b\n", "line 2 has a tab"),
        ("echo a \n", "line 1 has a trailing blank"),
        ("echo a\n \necho b\n", "line 2 has a trailing blank"),
        ("echo a\necho ${A}\n", "line 2 has `${`, which Flux substitutes: write `$NAME`"),
        ("echo $$\n", "line 1 has `$$`"),
        ("echo \u200b\n", "must be printable"),
        ("echo \x07\n", "must be printable"),
        ("echo a", "end in exactly one line break"),
        ("echo a\n\n", "end in exactly one line break"),
        ("\necho a\n", "begin with a visible character"),
        ("a\n\n\n\nb\n", "no more than two empty lines"),
        ("", "begin with a visible character"),
    ],
)
def test_a_script_that_would_not_survive_delivery_is_refused(
    library: Library, text: str, message: str
) -> None:
    renderer = Renderer(library({"db/scripts/run.sh": text}))
    with pytest.raises(TemplateError, match=r"^db/scripts/run\.sh: ") as caught:
        renderer.script("db/scripts/run.sh")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "path",
    ["run.sh", "db/run.sh", "db/scripts/run.py", "../db/scripts/run.sh", "/db/scripts/run.sh"],
)
def test_scripts_come_from_script_folders_only(library: Library, path: str) -> None:
    with pytest.raises(TemplateError, match="not a path"):
        Renderer(library({"db/run.sh": GOOD, "run.sh": GOOD})).script(path)


def test_a_missing_script_is_named(library: Library) -> None:
    with pytest.raises(TemplateError, match=r"^db/scripts/no\.sh: no such file"):
        Renderer(library({"x": ""})).script("db/scripts/no.sh")


def test_a_script_reaches_the_manifest_as_it_is(library: Library) -> None:
    files = {"m": 'run.sh: {{ script("db/scripts/run.sh") }}\n', "db/scripts/run.sh": GOOD}
    manifest = Renderer(library(files)).manifest("m")
    assert manifest.data == {"run.sh": GOOD}
    assert manifest.text.startswith("run.sh: |\n  #!/bin/sh\n")
    assert manifest.text == dump_one({"run.sh": GOOD})


def test_windows_line_ends_of_a_checkout_do_not_reach_the_output(tmp_path: Path) -> None:
    (tmp_path / "db/scripts").mkdir(parents=True)
    (tmp_path / "db/scripts/run.sh").write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert Renderer(tmp_path).script("db/scripts/run.sh") == GOOD
