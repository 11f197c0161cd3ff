from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        (
            "CronJob",
            {"metadata|name": "x" * 53},
            "has 53 characters; the name of a CronJob has at most 52",
        ),
        ("Job", {"metadata|name": "x" * 64}, "at most 63"),
        ("ConfigMap", {"metadata|name": "x" * 254}, "at most 253"),
        ("ConfigMap", {"metadata|name": "Upper"}, "`Upper` cannot name a ConfigMap"),
        ("ConfigMap", {"metadata|name": "a_b"}, "`a_b` cannot name a ConfigMap"),
        ("ConfigMap", {"metadata|name": ...}, "metadata: missing field `name`"),
        ("ConfigMap", {"metadata|namespace": ...}, "metadata: missing field `namespace`"),
        ("ConfigMap", {"metadata|namespace": "a.b"}, "`a.b` cannot name a namespace"),
        ("Namespace", {"metadata|name": "a.b"}, "`a.b` cannot name a Namespace"),
        ("Namespace", {"metadata|namespace": "shop"}, "kind `Namespace` has no namespace"),
        ("ClusterRole", {"metadata|namespace": "shop"}, "kind `ClusterRole` has no namespace"),
        ("ClusterRole", {"metadata|name": "a/b"}, "`a/b` cannot name a ClusterRole"),
        ("ConfigMap", {"metadata|labels": {"a b": "x"}}, "`a b` cannot be the key of a label"),
        ("ConfigMap", {"metadata|labels": {"a/b/c": "x"}}, "`a/b/c` cannot be the key of a label"),
        ("ConfigMap", {"metadata|labels": {"a": "x" * 64}}, "cannot be the value of a label"),
        ("ConfigMap", {"metadata|labels": {"a": "-x"}}, "`-x` cannot be the value of a label"),
        ("ConfigMap", {"metadata|annotations": {"a b": "x"}}, "cannot be the key of an annotation"),
    ],
)
def test_what_the_api_server_refuses_in_metadata_is_a_fault(
    kind: str, changes: dict[str, Any], fault: str, edited: Any, check: Any
) -> None:
    faults = [text for text in check(edited(kind, changes)) if fault in text]
    assert len(faults) == 1


def test_each_flaw_of_a_name_is_told(edited: Any, check: Any) -> None:
    assert len(check(edited("CronJob", {"metadata|name": "X" * 60}))) == 2


def test_names_of_roles_may_have_colons_and_upper_case(edited: Any, check: Any) -> None:
    assert check(edited("ClusterRole", {"metadata|name": "bpc:Contents"})) == []


def test_annotations_may_take_256_kib_together_in_bytes_and_no_more(
    edited: Any, check: Any
) -> None:
    limit = 256 * 1024
    full = {"metadata|annotations": {"a": "x" * (limit - 2), "b": ""}}
    over = {"metadata|annotations": {"a": "x" * (limit - 1), "b": ""}}
    wide = {"metadata|annotations": {"a": "é" * (limit // 2)}}
    assert check(edited("ConfigMap", full)) == []
    assert check(edited("ConfigMap", over)) == check(edited("ConfigMap", wide))
    assert "larger than 256 KiB" in check(edited("ConfigMap", over))[0]


def test_labels_of_pod_templates_are_judged_too(edited: Any, check: Any) -> None:
    path = "spec|jobTemplate|spec|template|metadata|labels"
    faults = check(edited("CronJob", {path: {"app": "not a value"}}))
    assert len(faults) == 1
    assert faults[0].startswith("spec/jobTemplate/spec/template/metadata/labels/app: ")


def test_custom_resources_are_judged_by_the_same_rules(edited: Any, check: Any) -> None:
    faults = check(edited("Schedule", {"metadata|labels": {"app": "not a value"}}))
    assert "cannot be the value of a label" in faults[0]
