"""The quick answer to `is there anything to do?` is yes whenever there is any doubt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from bpc.output.lock import Input, LockHeader
from bpc.output.tree import open_tree
from bpc.output.uptodate import standing

EXPECTED = {"bpc": "0.1.0", "templates": "t", "tzdata": "2026a", "options": {"layout": "flat"}}
INPUTS = ("policies/shop.yaml", "policies/tiers.yaml")
FILES = {
    "edge": {"a.yaml": b"1\n"},
    "prod": {"a/b/c.yaml": b"1\n", "a/d.yaml": b"2\n", "e.yaml": b"3\n", "z/big": b"x" * 200_000},
}


def compile_project(project, **header):
    digests = [sha256((project / path).read_bytes()).hexdigest() for path in INPUTS]
    inputs = [Input(INPUTS[0], digests[0]), Input(INPUTS[1], digests[1], tuple(FILES))]
    with open_tree(project / "output", durable=False) as tree:
        for cluster, files in FILES.items():
            writer = tree.cluster(cluster, LockHeader(**{**EXPECTED, **header}), inputs)
            for path, content in files.items():
                writer.add(path, content, "shop")
        tree.commit()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "policies").mkdir()
    for path in INPUTS:
        (tmp_path / path).write_text(f"kind: {path}\n")
    compile_project(tmp_path, warnings=2)
    return tmp_path


def current(project, inputs=INPUTS, **expected):
    return standing(str(project / "output"), inputs, {**EXPECTED, **expected}, str(project))


def test_a_fresh_build_is_current_and_its_warnings_are_known(project):
    found = current(project)
    assert (found.clusters, found.files, found.warnings) == (2, 5, 4)


def test_a_foreign_file_does_not_matter(project):
    (project / "output/prod/a/notes.txt").write_text("mine\n")
    (project / "output/README").write_text("mine\n")
    (project / "output/mine").mkdir()
    assert current(project)


@pytest.mark.parametrize("field", EXPECTED)
def test_any_other_release_template_zone_rules_or_option_needs_a_build(project, field):
    assert current(project, **{field: "other"}) is None


@pytest.mark.parametrize("path", [f"{c}/{p}" for c, files in FILES.items() for p in files])
def test_any_output_edited_deleted_or_linked_needs_a_build(project, path):
    place = project / "output" / path
    content = place.read_bytes()
    place.write_bytes(content + b" ")
    assert current(project) is None
    place.unlink()
    assert current(project) is None
    (project / "same").write_bytes(content)
    place.symlink_to(project / "same")
    assert current(project) is None


@pytest.mark.parametrize("path", INPUTS)
def test_any_input_edited_or_deleted_needs_a_build(project, path):
    (project / path).write_text("kind: other\n")
    assert current(project) is None
    (project / path).unlink()
    assert current(project) is None


def test_an_input_more_or_less_needs_a_build(project):
    assert current(project, inputs=INPUTS[:1]) is None
    assert current(project, inputs=[*INPUTS, "policies/new.yaml"]) is None


def test_an_input_behind_a_link_counts_by_its_content(project):
    (project / INPUTS[0]).rename(project / "real.yaml")
    (project / INPUTS[0]).symlink_to(project / "real.yaml")
    assert current(project)


def test_an_unfinished_build_needs_another(project):
    (project / "output/.bpc.prod").mkdir()
    assert current(project) is None


@pytest.mark.parametrize("place", ["prod", "prod/a", "prod/a/b"])
def test_a_linked_directory_needs_a_build(project, place):
    shutil.move(project / "output" / place, project / "moved")
    (project / "output" / place).symlink_to(project / "moved")
    assert current(project) is None


@pytest.mark.parametrize(
    "damage",
    [b"", b"[]\n", b"{}\n", b"not json\n", b'{"lock": 1}\n', b"[" * 100_000, b"<<<<<<< HEAD\n"],
)
def test_a_damaged_lock_needs_a_build(project, damage):
    (project / "output/prod/bpc.lock").write_bytes(damage)
    assert current(project) is None


@pytest.mark.parametrize(
    "line", [b"1\n", b"{}\n", b'{"file": 1}\n', b'{"file": "e.yaml"}\n', b"\xff\n"]
)
def test_a_damaged_line_of_a_lock_needs_a_build(project, line):
    with (project / "output/prod/bpc.lock").open("ab") as lock:
        lock.write(line)
    assert current(project) is None


@pytest.mark.parametrize("cluster", FILES)
def test_a_missing_cluster_needs_a_build(project, cluster):
    shutil.rmtree(project / "output" / cluster)
    assert current(project) is None


def test_no_output_needs_a_build(tmp_path):
    assert standing(str(tmp_path / "output"), (), EXPECTED) is None
    (tmp_path / "output").mkdir()
    assert standing(str(tmp_path / "output"), (), EXPECTED) is None


def test_every_file_is_opened_once_and_every_descriptor_closed(project, monkeypatch):
    opened = []
    real = os.open

    def count(path, *args, **kwargs):
        opened.append(path)
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", count)
    before = len(list(Path("/dev/fd").iterdir()))
    assert current(project)
    assert len(list(Path("/dev/fd").iterdir())) == before
    files, inputs, locks, clusters, root, folders = 5, 2, 2, 2, 1, 4
    assert len(opened) == files + inputs + locks + clusters + root + folders


def test_the_check_loads_nothing_of_the_compiler():
    script = (
        "import sys; before = set(sys.modules); import bpc.output.uptodate; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("bpc")} <= {
        "bpc",
        "bpc.output",
        "bpc.output.uptodate",
    }
    tops = {name.partition(".")[0] for name in loaded}
    assert not tops & {"dataclasses", "inspect", "typing", "pydantic", "typer", "yaml", "jinja2"}
