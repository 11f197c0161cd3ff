"""The committed examples: current, accepted by kustomize and readable by every YAML reader."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ruamel.yaml import YAML

from tests.compiling import bpc
from tests.conftest import ROOT

OUTPUT = ROOT / "output"
MANIFESTS = sorted(OUTPUT.rglob("*.yaml"))
APPLIED = sorted(
    path.parent for path in OUTPUT.glob("*/*/kustomization.yaml") if path.parent.name[:2].isdigit()
)
LINT = (
    "{extends: default, rules: {document-start: disable, line-length: {max: 400}, "
    "indentation: {indent-sequences: true}}}"
)


def test_check_finds_no_difference() -> None:
    result = bpc("check", cwd=ROOT)
    assert result.stdout == ""


@pytest.mark.parametrize("directory", APPLIED, ids=lambda p: p.relative_to(OUTPUT).as_posix())
def test_kustomize_accepts_every_applied_directory(directory: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("needs kubectl: kustomize builds of the committed output")
    result = subprocess.run(
        [kubectl, "kustomize", str(directory)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    resources = yaml.safe_load((directory / "kustomization.yaml").read_text())["resources"]
    built = [each for each in yaml.safe_load_all(result.stdout) if each]
    assert len(built) == len(resources)
    written = [yaml.safe_load((directory / path).read_text()) for path in resources]
    key = lambda o: (o["kind"], o["metadata"].get("namespace", ""), o["metadata"]["name"])  # noqa: E731
    assert sorted(built, key=key) == sorted(written, key=key)


def test_there_are_applied_directories() -> None:
    assert len(APPLIED) >= 9


def test_yaml_1_1_and_1_2_read_every_file_alike() -> None:
    newer = YAML(typ="safe", pure=True)
    for path in MANIFESTS:
        text = path.read_text(encoding="utf-8")
        older = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
        assert list(newer.load_all(io.StringIO(text))) == older, path


def test_yamllint_has_nothing_to_say() -> None:
    # In a process of its own: loading yamllint changes what PyYAML takes for a number.
    result = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", "-d", LINT, str(OUTPUT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == ""
    assert result.returncode == 0


def test_no_file_names_a_day_a_version_of_bpc_or_a_line_of_a_policy() -> None:
    for path in sorted(OUTPUT.rglob("*")):
        if path.is_file() and path.name != "bpc.lock":
            text = path.read_text(encoding="utf-8")
            assert "bpc 0." not in text, path
            assert ".yaml:1" not in text, path
