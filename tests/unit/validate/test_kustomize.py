from __future__ import annotations

from typing import Any

import pytest

KUSTOMIZATION = {
    "apiVersion": "kustomize.config.k8s.io/v1beta1",
    "kind": "Kustomization",
    "resources": ["namespace.yaml", "schedule-shop.yaml"],
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"namespace": "velero"}, "unknown field `namespace`"),
        ({"namePrefix": "x-"}, "unknown field `namePrefix`"),
        ({"metadata": {"name": "x"}}, "unknown field `metadata`"),
        ({"resources": ["b.yaml", "a.yaml"]}, "resources: must be sorted"),
        ({"resources": ["a.yaml", "a.yaml"]}, "name each file once"),
        ({"resources": ["../a.yaml"]}, "is not a path that stays inside its directory"),
        ({"resources": ["/a.yaml"]}, "is not a path that stays inside its directory"),
        ({"apiVersion": "kustomize.config.k8s.io/v1"}, "no model for kind `Kustomization`"),
    ],
)
def test_a_kustomization_is_a_sorted_list_of_files_and_nothing_else(
    change: dict[str, Any], fault: str, check: Any
) -> None:
    faults = check(KUSTOMIZATION | change)
    assert len(faults) == 1
    assert fault in faults[0]


def test_an_empty_list_is_allowed_and_a_missing_one_is_not(check: Any) -> None:
    assert check(KUSTOMIZATION) == check(KUSTOMIZATION | {"resources": []}) == []
    bare = {key: value for key, value in KUSTOMIZATION.items() if key != "resources"}
    assert check(bare) == ["missing field `resources`"]
