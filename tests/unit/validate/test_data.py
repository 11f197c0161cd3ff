from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        ("ConfigMap", {"data": {"a/b": "x"}}, "`a/b` cannot be a key of a ConfigMap"),
        ("ConfigMap", {"data": {"..x": "x"}}, "`..x` cannot be a key"),
        ("ConfigMap", {"binaryData": {"a b": "eA=="}}, "binaryData/a b: `a b` cannot be a key"),
        ("ConfigMap", {"data": {"a": 1}}, "`1` is not of type `string`"),
        (
            "Secret",
            {"stringData": {"password": "x"}},
            "stringData: values of secrets do not belong",
        ),
        ("Secret", {"data": {"password": "eA=="}}, "data: values of secrets do not belong"),
        ("PersistentVolumeClaim", {"spec|resources": ...}, "missing field `storage`"),
        ("PersistentVolumeClaim", {"spec|resources|requests|storage": "10 Gi"}, "`10 Gi` is not a"),
    ],
)
def test_data_that_cannot_be_stored_is_a_fault(
    kind: str, changes: dict[str, Any], fault: str, edited: Any, check: Any
) -> None:
    faults = check(edited(kind, changes))
    assert len(faults) == 1
    assert fault in faults[0]


def test_a_config_map_holds_one_mebibyte_in_bytes(edited: Any, check: Any) -> None:
    limit = 1024 * 1024
    assert check(edited("ConfigMap", {"data": {"a": "x" * (limit - 1)}})) == []
    over = check(edited("ConfigMap", {"data": {"a": "é" * (limit // 2)}}))
    assert over == [f"data: {limit + 1} bytes are more than the 1 MiB that a ConfigMap holds"]
