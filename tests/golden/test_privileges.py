"""Every pod of the golden trees that needs more than Pod Security "restricted" allows, and why it may."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bpc.validate import pod_security

HERE = Path(__file__).parent
LIST = HERE / "privileges.txt"
LEVEL = "pod-security.kubernetes.io/enforce"


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KINDS = ("cronjob-*.yaml", "job*.yaml", "namespace-*.yaml")


@functools.cache
def objects() -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return the jobs and namespaces of all trees, with their paths."""
    paths = sorted(path for kind in KINDS for path in HERE.glob(f"*/expected/**/{kind}"))
    return tuple(
        (path.relative_to(HERE).as_posix(), yaml.load(path.read_text("utf-8"), Loader=LOADER))  # noqa: S506
        for path in paths
    )


def pods() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield path, namespace and spec of every pod."""
    for path, data in objects():
        spec = data.get("spec") or {}
        if data["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if data["kind"] in ("CronJob", "Job"):
            yield path, data["metadata"]["namespace"], spec["template"]["spec"]


def exceptions() -> list[str]:
    return [
        f"{path}: {message}"
        for path, _, spec in pods()
        for message in dict.fromkeys(fault.message for fault in pod_security(spec))
    ]


def test_the_list_of_exceptions_is_complete(update_golden: bool) -> None:
    found = "".join(f"{line}\n" for line in exceptions())
    if update_golden:
        LIST.write_text(found, encoding="utf-8")
    assert found == LIST.read_text(encoding="utf-8")


def test_only_jobs_that_save_a_kubeadm_control_plane_are_on_it() -> None:
    for line in exceptions():
        path = line.partition(": ")[0]
        assert path.startswith("etcd/expected/"), line
        assert "/30-schedules/" in path, line


def test_there_are_pods() -> None:
    assert sum(1 for _ in pods()) > 10


@pytest.mark.parametrize("level", ["privileged", "restricted"])
def test_a_namespace_takes_just_what_its_pods_need(level: str) -> None:
    namespaces = {
        (path.split("/")[2], data["metadata"]["name"]): data["metadata"]["labels"].get(LEVEL)
        for path, data in objects()
        if data["kind"] == "Namespace" and path.startswith("etcd/")
    }
    needed: dict[tuple[str, str], str] = {}
    for path, namespace, spec in pods():
        if path.startswith("etcd/"):
            place = (path.split("/")[2], namespace)
            if pod_security(spec):
                needed[place] = "privileged"
            needed.setdefault(place, "restricted")
    assert {place for place, each in needed.items() if each == level} == {
        place for place, each in namespaces.items() if each == level
    }
