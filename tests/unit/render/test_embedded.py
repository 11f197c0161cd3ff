from __future__ import annotations

import json

import pytest

from bpc.render import dump_one, json_text, yaml_text


def test_json_keeps_order_and_script_and_ends_in_a_newline() -> None:
    value = {"b": [1, True], "a": "订单", "c": None}
    assert json_text(value) == '{\n  "b": [\n    1,\n    true\n  ],\n  "a": "订单"\n}\n'


def test_json_becomes_a_block_that_people_can_review() -> None:
    assert dump_one({"config.json": json_text({"a": {"b": 1}})}) == (
        'config.json: |\n  {\n    "a": {\n      "b": 1\n    }\n  }\n'
    )


def test_yaml_in_yaml_becomes_a_block() -> None:
    assert yaml_text({"version": "v1", "on": None, "x": ("yes",)}) == 'version: v1\nx:\n  - "yes"\n'


@pytest.mark.parametrize("write", [json_text, yaml_text])
def test_only_plain_data_is_written(write: object) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match="`float` is not manifest data"):
        write({"a": float("nan")})


def test_json_reads_back() -> None:
    assert json.loads(json_text({"a": '"\\\n', "b": []})) == {"a": '"\\\n', "b": []}
