from __future__ import annotations

import pytest

from bpc.validate.explain import explain
from bpc.validate.shapes import (
    COMMAND,
    COUNT,
    FLAG,
    NON_EMPTY,
    TEXT,
    Leaf,
    closed,
    compiled,
    everywhere,
    one_of,
    text,
)

CHECK = compiled(
    closed(
        {
            "name!": NON_EMPTY,
            "count": COUNT,
            "flag": FLAG,
            "mode": one_of("a", "b"),
            "never": Leaf({"const": False}),
            "ttl": text("duration"),
            "command": COMMAND,
            "either": Leaf({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
            "list": [TEXT],
        },
        everywhere,
    )
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "name: must not be empty"),
        ({"count": "1"}, "count: `1` is not of type `integer`"),
        ({"flag": None}, "flag: `null` is not of type `boolean`"),
        ({"mode": "c"}, "mode: `c` is not `a` or `b`"),
        ({"never": True}, "never: `true` must be `false`"),
        ({"ttl": "30d"}, "ttl: `30d` is not a Go duration such as `1h30m`"),
        ({"command": []}, "command: must not be empty"),
        ({"either": True}, "either: `true` has none of the types allowed here"),
        ({"list": ["a", 1]}, "list/1: `1` is not of type `string`"),
        ({"other": 1}, "other: unknown field `other`"),
        ({"count": -1}, "count: -1 is less than the minimum of 0"),
    ],
)
def test_each_way_to_fail_has_a_sentence(change: dict[str, object], said: str) -> None:
    assert [str(fault) for fault in explain(CHECK, {"name": "x", **change})] == [said]


def test_a_missing_field_is_told_at_its_parent() -> None:
    assert [str(fault) for fault in explain(CHECK, {})] == ["missing field `name`"]


def test_all_flaws_are_told_in_a_fixed_order() -> None:
    faults = explain(CHECK, {"z": 1, "a": 1, "mode": "c"})
    assert [fault.message for fault in faults] == [
        "missing field `name`",
        "unknown field `a`",
        "`c` is not `a` or `b`",
        "unknown field `z`",
    ]


def test_a_long_value_is_shortened() -> None:
    (fault,) = explain(CHECK, {"name": "x", "mode": "c" * 500})
    assert len(fault.message) < 100
