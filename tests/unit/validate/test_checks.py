from __future__ import annotations

import time
from statistics import mean
from typing import Any

import kubernetes_validate
import pytest

from bpc.validate import Target, Validator, validator


def test_ordinary_objects_of_every_kind_pass(samples: list[dict[str, Any]], check: Any) -> None:
    assert [check(manifest) for manifest in samples] == [[]] * len(samples)


def test_checking_changes_nothing_in_the_object(sample: Any, check: Any) -> None:
    manifest = sample("CronJob")
    check(manifest)
    assert manifest == sample("CronJob")


@pytest.mark.parametrize("manifest", [{}, {"kind": "Pod"}, {"apiVersion": "v1", "kind": 7}])
def test_what_names_no_kind_is_no_object(manifest: dict[str, Any], check: Any) -> None:
    assert check(manifest) == ["an object needs `apiVersion` and `kind`"]


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "List"), ("example.org/v1", "Widget"), ("batch/v1beta1", "CronJob"), ("v1", "cronjob")],
)
def test_a_kind_without_a_schema_is_never_passed_in_silence(
    api_version: str, kind: str, check: Any
) -> None:
    faults = check({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}})
    assert faults == [
        f"apiVersion: no schema for kind `{kind}` of `{api_version}` in Kubernetes 1.31"
    ]


def test_the_rules_wait_until_the_schema_holds(edited: Any, check: Any) -> None:
    manifest = edited("CronJob", {"spec|schedule": 7, "spec|timeZone": "Mars/One"})
    assert check(manifest) == ["spec/schedule: `7` is not of type `string`"]


def test_one_validator_serves_all_objects_of_a_target(target: Target) -> None:
    same = Target("1.31", velero="1.17", snapshotter="8.2", flux="2.6", argocd="3.1")
    assert validator(target) is validator(same)
    assert validator(target) is not validator(Target("1.32"))


@pytest.mark.parametrize("minor", ["1", "x", "", "1.31.x"])
def test_a_target_needs_a_release_of_kubernetes(minor: str) -> None:
    with pytest.raises(ValueError, match="is not a release"):
        Validator(Target(minor))


def test_a_check_is_a_hundred_times_faster_than_the_distribution(
    core_samples: list[dict[str, Any]], target: Target
) -> None:
    checker = validator(target)
    for manifest in core_samples:
        checker.check(manifest)
    ours = mean(_seconds(lambda m=manifest: checker.check(m), 200) for manifest in core_samples)
    theirs = _seconds(lambda: kubernetes_validate.validate(core_samples[0], "1.31", strict=True), 3)
    assert ours * 100 < theirs


def _seconds(call: Any, times: int) -> float:
    begin = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - begin) / times
