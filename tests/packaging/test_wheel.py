"""The wheel, installed somewhere else, finds its templates and compiles a policy."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "hatchling",
            "build",
            "--target",
            "wheel",
            "--directory",
            str(target),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home / "venv", with_pip=True)
    pip = [str(home / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    return home


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(installed / "venv" / "bin" / "bpc"), *arguments],
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_holds_every_template_and_no_test(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    assert templates
    for path in templates:
        assert f"bpc/templates/{path.relative_to(ROOT / 'templates').as_posix()}" in names
    assert not [name for name in names if name.startswith(("tests/", "policies/", "output/"))]
    assert "bpc/py.typed" in names


def test_templates_hold_no_python() -> None:
    assert not list((ROOT / "templates").rglob("*.py"))


def test_a_new_project_builds_and_is_then_up_to_date(installed: Path) -> None:
    assert run(installed, "init", "project").returncode == 0
    built = run(installed, "build", "--chdir", "project")
    assert built.returncode == 0, built.stderr
    schedules = list((installed / "project" / "output" / "prod" / "30-schedules").rglob("*.yaml"))
    assert len(schedules) >= 3
    again = subprocess.run(
        [str(installed / "venv" / "bin" / "bpc"), "build"],
        cwd=installed / "project",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "up to date" in again.stderr


def test_the_version_is_the_one_of_the_wheel(installed: Path, wheel: Path) -> None:
    assert run(installed, "--version").stdout.strip() == f"bpc {wheel.name.split('-')[1]}"
