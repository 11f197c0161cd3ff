"""The steps that the CSI back end gives to runbooks: sound shell, complete, printable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bpc.backends import csi
from bpc.plan.steps import Step
from tests.estates import Estate, estate
from tests.unit.backends.test_csi import STORE, store

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


def test_the_commands_name_what_the_back_end_writes() -> None:
    (start,) = [s for s in _steps(store(), "operator-error", "named") if "--kustomize" in s.command]
    assert start.command.splitlines()[:2] == [
        "FROM=restore/shop",
        'kubectl apply --kustomize "$FROM/named"',
    ]
    assert start.undo == 'FROM=restore/shop\nkubectl delete --kustomize "$FROM/named"'


def test_a_group_is_found_but_not_restored_by_a_job() -> None:
    commands = [step.command for step in _steps(store(), "operator-error", "group")]
    assert not [each for each in commands if "--kustomize" in each]
    assert any("volumegroupsnapshots" in each for each in commands)
