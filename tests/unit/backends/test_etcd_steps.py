"""The steps after the loss of a control plane: sound shell, complete, printable, and in the right order."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bpc.backends import etcd, runbook
from bpc.backends.etcd.recovery.common import bump
from bpc.plan.steps import Step
from bpc.render import MarkdownRenderer
from bpc.resources import templates
from tests.estates import Estate
from tests.unit.backends.test_etcd import PLANES, made

SHELLCHECK = Path(sys.executable).with_name("shellcheck")
SCENARIO = "control-plane-loss"
KEYS = "controlPlanes: [{name: api-1, address: 10.0.0.1}, {name: api-2, address: 10.0.0.2}]"
MORE = {
    "old": ("{type: kubeadm, etcd: 3.4.30, MEMBERS}", "bundle: {encryption: {secret: b}, key: k}"),
    "pods": (
        "{type: kubeadm-external-etcd, etcd: 3.5.9, serviceManager: static-pod, MEMBERS}",
        "access: client, bundle: {encryption: {secret: b}, key: k}",
    ),
    "known": (
        f"{{type: kubeadm-external-etcd, etcd: 3.6.1, MEMBERS, {KEYS}}}",
        "access: client, bundle: {encryption: {secret: b}, key: k}",
    ),
    "servers": ("{type: rke2, token: t, MEMBERS}", "retention: {hourly: 9}"),
}
ALL = PLANES | MORE
LONG = "n" * 63


def found(plane: str, **more: str) -> Estate:
    described, dataset = ALL[plane]
    return made(described, dataset, **more)


def steps(estate: Estate, scenario: str = SCENARIO) -> list[Step]:
    (plan,) = estate.policies
    (dataset,) = plan.datasets
    return list(etcd.dataset_steps(plan, dataset, scenario))


def long(plane: str) -> Estate:
    """Every name as long as it may be."""
    return found(
        plane,
        **{
            "name: cp-1": f"name: {LONG}.{LONG}.{LONG}.a",
            "name: cp-2": f"name: {LONG}.{LONG}.{LONG}.b",
            "member: cp-2": f"member: {LONG}.{LONG}.{LONG}.b",
            "10.0.0.11": "fd00:1234:5678:9abc:def0:1234:5678:9abc",
            "name: state": f"name: {LONG}",
            "s3://acme-backup/x": f"s3://acme-backup/{LONG}/{LONG}",
        },
    )


@pytest.mark.parametrize("plane", ALL)
def test_the_commands_are_sound_shell(plane: str, tmp_path: Path) -> None:
    every = steps(found(plane))
    assert len(every) >= 8
    script = tmp_path / "steps.sh"
    undone = [step.undo for step in every if step.undo]
    script.write_text("\n".join(["#!/bin/bash", *(s.command for s in every), *undone, ""]))
    subprocess.run(["bash", "-n", str(script)], check=True)
    checked = [str(SHELLCHECK), "--exclude", "SC2034", str(script)]
    result = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert result.stdout == ""


@pytest.mark.parametrize("plane", ALL)
def test_what_runs_on_a_node_is_sound_posix_shell(plane: str, tmp_path: Path) -> None:
    for number, step in enumerate(steps(found(plane))):
        for text in (step.command, step.undo):
            for block in re.findall(r"<<'NODE'\n(.*?)\nNODE$", text, re.DOTALL | re.MULTILINE):
                script = tmp_path / f"{number}.sh"
                script.write_text(f"#!/bin/sh\nset -eu\n{block}\n")
                result = subprocess.run(
                    [str(SHELLCHECK), str(script)], capture_output=True, text=True, check=False
                )
                assert result.stdout == ""


@pytest.mark.parametrize("plane", ALL)
@pytest.mark.parametrize("names", ["short", "long"])
def test_every_step_is_complete_and_can_be_printed_and_pasted(plane: str, names: str) -> None:
    for step in steps(found(plane) if names == "short" else long(plane)):
        assert all((step.purpose, step.place, step.command, step.expected, step.otherwise))
        assert 0 < step.minutes <= 60
        for text in (step.command, step.undo):
            assert "${" not in text
            assert not re.search(r"<[a-z-]+>", text)
            wide = [line for line in text.splitlines() if len(line) > 100]
            # A name cannot be broken.
            assert [line for line in wide if LONG not in line] == []


def order(every: list[Step], *texts: str) -> list[int]:
    """Return the places of the steps with these texts, in the order of the texts."""
    places = []
    for text in texts:
        (place,) = [i for i, step in enumerate(every) if text in step.purpose]
        places.append(place)
    return places


@pytest.mark.parametrize("plane", ["stacked", "old", "external", "pods", "known"])
def test_api_servers_stop_first_and_start_last(plane: str) -> None:
    every = steps(found(plane))
    places = order(
        every,
        "See that the control plane",
        "Stop what acts on the cluster",
        "Fetch that point",
        "Put the same snapshot",
        "Stop what talks to etcd",
        "stop it on every host",
        "Put the old data aside",
        "Restore the member `cp-1`",
        "Restore the member `cp-2`",
        "Start etcd on every host",
        "the members are one cluster",
        "Start the API server on one node",
        "hold still",
        "Start the other API servers",
        "Restart the kubelet",
        "Compare what the cluster believes",
        "save the state anew",
    )
    assert places == sorted(places)
    assert [step.no_return for step in every].count(True) == 1
    assert every[places[11]].no_return


@pytest.mark.parametrize("plane", ["stacked", "old", "external", "pods", "known"])
def test_every_member_is_restored_with_the_full_list_one_token_and_a_bump(plane: str) -> None:
    every = [step for step in steps(found(plane)) if "Restore the member" in step.purpose]
    peers = {"cp-1": "https://10.0.0.11:2380", "cp-2": "https://[fd00::2]:2380"}
    assert len(every) == len(peers)
    program = "./etcdctl snapshot restore" if plane == "old" else "./etcdutl snapshot restore"
    for step, (name, peer) in zip(every, peers.items(), strict=True):
        text = step.command.replace("\\\n  ", "")
        assert program in text
        assert f"--name {name} " in text
        assert f"--initial-advertise-peer-urls {shlex.quote(peer)}" in text
        for other, address in peers.items():
            assert f"{other}={address}" in text
        assert '--initial-cluster-token "$(cat token)"' in text
        assert '--bump-revision "$(cat bump)" --mark-compacted' in text
        assert "--skip-hash-check" not in text


def test_the_table_of_bumps_is_that_of_the_script() -> None:
    assert [bump(days) for days in (1, 7, 14, 30, 90)] == [
        1_000_000_000,
        1_000_000_000,
        1_995_840_000,
        4_276_800_000,
        12_830_400_000,
    ]
    (step,) = [each for each in steps(found("stacked")) if "Fetch that point" in each.purpose]
    assert "1995840000 up to 14 days" in step.expected


@pytest.mark.parametrize(("plane", "least"), [("old", "3.4.27"), ("pods", "3.5.10")])
def test_tools_that_cannot_bump_are_not_enough(plane: str, least: str) -> None:
    (step,) = [each for each in steps(found(plane)) if "and the tools" in each.purpose]
    assert f"at least {least}" in step.expected
    assert f"at least {least}" in step.otherwise


def test_a_service_gives_its_files_back_to_its_user_and_is_not_waited_for() -> None:
    text = "\n".join(step.command for step in steps(found("external")))
    assert "systemctl stop etcd" in text
    assert "systemctl start --no-block etcd" in text
    assert "chown -R --reference=/var/lib/etcd" in text
    assert "chown" not in "\n".join(step.command for step in steps(found("stacked")))


def test_control_planes_that_nobody_named_are_done_on_their_consoles() -> None:
    places = {step.place for step in steps(found("external"))}
    assert "each control-plane node, as root" in places
    known = steps(found("known"))
    assert not [step for step in known if "each control-plane node" in step.place]
    assert "on 10.0.0.1 <<'NODE'" in "\n".join(step.command for step in known)


@pytest.mark.parametrize("plane", ["k3s", "servers"])
def test_servers_are_all_stopped_before_the_first_is_reset(plane: str) -> None:
    every = steps(found(plane))
    program = "k3s" if plane == "k3s" else "rke2"
    places = order(
        every,
        "have the server token",
        "Stop the service on all servers",
        "Reset the cluster",
        "Start the first server",
        "Let the other servers join",
    )
    assert places == sorted(places)
    reset = every[places[2]].command
    assert f"{program} server --cluster-reset --etcd-s3=false" in reset
    assert "--cluster-reset-restore-path=" in reset
    assert "--token-file=" in reset
    assert every[places[2]].no_return
    assert f"mv /var/lib/rancher/{program}/server/db" in every[places[4]].command


def test_talos_is_bootstrapped_once() -> None:
    every = steps(found("talos"))
    (boot,) = [step for step in every if "bootstrap" in step.command]
    assert "--nodes 10.0.0.11 bootstrap --recover-from" in boot.command.replace("\\\n  ", "")
    assert "skip-hash-check" not in boot.command


def test_kops_restores_both_of_its_clusters() -> None:
    text = "\n".join(step.command for step in steps(found("kops")))
    for name in ("main", "events"):
        assert f'--backup-store="$STORE/{name}" restore-backup' in text


@pytest.mark.parametrize("scenario", ["operator-error", "cluster-loss", "ransomware"])
@pytest.mark.parametrize("plane", ALL)
def test_other_disasters_are_not_cured_by_going_back_in_time(plane: str, scenario: str) -> None:
    assert steps(found(plane), scenario) == []


@pytest.mark.parametrize("plane", ["{type: eks}", "{type: gke}"])
def test_a_provider_s_control_plane_has_no_steps(plane: str) -> None:
    held = made(plane, "heldBy: {who: provider, evidence: contract}")
    assert steps(held) == []


def test_other_pages_point_to_the_right_one() -> None:
    (plan,) = found("stacked").policies
    (dataset,) = plan.datasets
    text = runbook.section(plan, dataset, "cluster-loss", (), MarkdownRenderer(templates()))
    assert "`control-plane-loss.md`" in text.replace("\\", "")


def test_the_table_names_what_saves_the_state() -> None:
    for plane, who in (("k3s", "`k3s`"), ("stacked", "`shop--state--s3`"), ("kops", "`kops`")):
        (plan,) = found(plane).policies
        (dataset,) = plan.datasets
        text = runbook.section(plan, dataset, SCENARIO, (), MarkdownRenderer(templates()))
        assert f"| {who} |" in text


STUB = """#!/bin/bash
{ printf '%s ' "${0##*/}"; printf '<%s>' "$@"; echo; } >>"$CALLS"
case "${0##*/}" in
  ssh) cat >>"$CALLS" ;;
  kubectl) echo "word word" ;;
esac
"""
PROGRAMS = (
    *("ssh", "kubectl", "crictl", "talosctl", "kops", "etcd-manager-ctl", "rclone", "restic"),
    *("mv", "rm", "rmdir", "cp", "install", "systemctl", "sleep", "k3s", "rke2"),
)


@pytest.mark.parametrize("plane", ALL)
def test_all_commands_run_in_one_shell_with_every_variable_set(plane: str, tmp_path: Path) -> None:
    for program in PROGRAMS:
        (tmp_path / program).write_text(STUB, encoding="utf-8")
        (tmp_path / program).chmod(0o755)
    calls = tmp_path / "calls"
    (tmp_path / "home" / "bpc-restore").mkdir(parents=True)
    result = subprocess.run(
        ["bash", "-uc", "\n".join(step.command for step in steps(found(plane)))],
        cwd=tmp_path,
        env={
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "CALLS": str(calls),
            "HOME": str(tmp_path / "home"),
        },
        input="word\n" * 20,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "unbound variable" not in result.stderr
    assert "command not found" not in result.stderr
    recorded = calls.read_text(encoding="utf-8")
    assert "<patch><cronjobs>" in recorded
    assert "< >" not in recorded
