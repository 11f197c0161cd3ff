"""The steps that the CSI back end gives to runbooks: sound shell, complete, printable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bpc.backends import csi
from bpc.plan.steps import Step
from tests.estates import Estate, estate
from tests.unit.backends.test_csi import DATASETS, STORE, files, objects, store

SCENARIOS = ("operator-error", "cluster-loss")
_SHELLCHECK = Path(sys.executable).with_name("shellcheck")


def _steps(found: Estate, scenario: str, name: str = "") -> list[Step]:
    return [
        step
        for policy in found.policies
        for dataset in policy.datasets
        if name in ("", dataset.name)
        for step in csi.dataset_steps(policy, dataset, scenario)
    ]


def _long() -> Estate:
    """Every name as long as it may be."""
    text = STORE.format(kubernetes="1.31", snapshotter="8.2", together="true", deletion="retain")
    for short in ("named", "group", "cheap"):
        text = text.replace(f"name: {short}", f"name: {short}-{'a' * 57}")
    text = text.replace("namespace: media", f"namespace: {'n' * 63}")
    text = text.replace("rook-ceph.rbd.csi.ceph.com", f"{'r' * 46}.rbd.csi.ceph.com")
    return estate(text.replace("names: [three]", f"names: [{'c' * 253}]"))


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", ["named", "group", "cheap"])
def test_the_commands_are_sound_bash(name: str, scenario: str, tmp_path: Path) -> None:
    steps = _steps(store(), scenario, name)
    assert steps
    script = tmp_path / "steps.sh"
    undone = [step.undo for step in steps if step.undo]
    lines = ["#!/bin/bash", *(step.command for step in steps), *undone, ""]
    script.write_text("\n".join(lines), encoding="utf-8")
    subprocess.run(["bash", "-n", str(script)], check=True)
    result = subprocess.run(
        [str(_SHELLCHECK), str(script)], capture_output=True, text=True, check=False
    )
    assert result.stdout == ""


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("found", [store(), _long()], ids=["short", "long"])
def test_every_step_is_complete_and_can_be_printed_and_pasted(found: Estate, scenario: str) -> None:
    for step in _steps(found, scenario):
        assert all((step.purpose, step.place, step.command, step.expected, step.otherwise))
        assert 0 < step.minutes <= 120
        for text in (step.command, step.undo):
            assert "${" not in text
            assert "<" not in text
            assert max(map(len, text.splitlines()), default=0) <= 100, text


@pytest.mark.parametrize("scenario", ["site-loss", "ransomware"])
def test_what_snapshots_cannot_cure_has_no_steps(scenario: str) -> None:
    assert _steps(store(), scenario) == []


@pytest.mark.parametrize("name", DATASETS)
def test_the_commands_name_what_the_back_end_writes(name: str) -> None:
    found = store()
    written = {file.path for file in files(found)}
    jobs = {each["metadata"]["name"] for each in objects(found, "Job")}
    (restore,) = [s for s in _steps(found, "operator-error", name) if "apply" in s.command]
    assert f"restore/shop/{name}/kustomization.yaml" in written
    assert f'DIRECTORY=restore/shop\nDIRECTORY="$DIRECTORY"/{name}\n' in restore.command
    (job,) = [
        line.removeprefix("JOB=")
        for line in restore.command.splitlines()
        if line.startswith("JOB=")
    ]
    assert job in jobs
    (config,) = [
        line.removeprefix("CONFIG=") for line in restore.undo.splitlines() if "CONFIG=" in line[:7]
    ]
    (manifest,) = [each for each in objects(found, "Job") if each["metadata"]["name"] == job]
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    (point,) = [each["valueFrom"] for each in container["env"] if each["name"] == "POINT"]
    assert point == {"configMapKeyRef": {"name": config, "key": "point", "optional": True}}


def test_undoing_a_restore_deletes_no_claim_by_label() -> None:
    for step in _steps(store(), "operator-error"):
        for line in step.undo.splitlines():
            assert not ("delete" in line and "persistentvolumeclaims" in line)


@pytest.mark.parametrize(("name", "typed"), [("named", "h-1\n\n"), ("group", "a\nh-1\n\n")])
def test_snapshots_that_outlived_the_cluster_are_asked_for_claim_by_claim(
    name: str, typed: str, tmp_path: Path
) -> None:
    found = store()
    (step,) = [s for s in _steps(found, "cluster-loss", name) if "read -r HANDLE" in s.command]
    (script,) = [f for f in files(found) if f.path == f"restore/shop/{name}/take-over.sh"]
    target = tmp_path / script.path
    target.parent.mkdir(parents=True)
    shown = (
        'printf "%s\\n" "$1 $2 $DRIVER $SNAPSHOT_CLASS $STORAGE_CLASS $NAMESPACE $POLICY/$DATASET"'
    )
    target.write_text(shown, encoding="utf-8")
    result = subprocess.run(
        ["bash", "-uc", step.command],
        input=typed,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    claim, space = ("one", "media") if name == "named" else ("a", "shop")
    driver = "rook-ceph.rbd.csi.ceph.com"
    taken = f"{claim} h-1 {driver} bpc--rook-ceph-rbd-csi-ceph-com block {space} shop/{name}"
    assert result.stdout.count("h-1") == 1
    assert taken in result.stdout, result.stderr
