"""The README shows what the tool really says and writes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

from tests.compiling import bpc
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
GIVEN = 'include: [website], schedule: {cron: "0 2 * * *", timeZone: Europe/Berlin}}'


def test_the_policy_shown_is_part_of_the_example() -> None:
    shown = list(yaml.safe_load_all(next(text for kind, text in BLOCKS if kind == "yaml")))
    written = list(
        yaml.safe_load_all((ROOT / "policies" / "minimal.yaml").read_text(encoding="utf-8"))
    )
    assert all(document in written for document in shown)


def test_the_diagnostic_shown_is_the_one_that_is_printed(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    path = tmp_path / "policies" / "minimal.yaml"
    text = (ROOT / "policies" / "minimal.yaml").read_text(encoding="utf-8")
    assert "include: [website]}" in text
    path.write_text(text.replace("include: [website]}", GIVEN), encoding="utf-8")
    printed = bpc("lint", cwd=tmp_path, code=1).stdout
    shown = next(text for _, text in BLOCKS if text.startswith("error[BPC301"))
    assert shown in printed


def test_the_tree_shown_is_the_one_that_is_written() -> None:
    shown = next(text for _, text in BLOCKS if text.startswith("output/minimal/"))
    names = {line.split()[0].rstrip("/") for line in shown.splitlines()[1:]}
    assert names == {path.name for path in (ROOT / "output" / "minimal").iterdir()}


def test_the_commands_shown_exist(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    commands = re.findall(r"^    bpc (\w+)", README, re.MULTILINE)
    assert {"build", "check", "lint", "explain"} <= set(commands)
    for command in commands:
        bpc(command, "--help", cwd=tmp_path)
