from __future__ import annotations

from bpc.plan.chart_values import merged, without


def test_a_person_s_null_stays_so_that_helm_drops_the_chart_s_default() -> None:
    assert merged({"a": 1, "b": {"c": 2}}, {"a": None, "b": {"d": None}}) == {
        "a": None,
        "b": {"c": 2, "d": None},
    }


def test_lists_grow_and_named_items_replace_their_namesakes() -> None:
    ours = {"list": [{"name": "a", "v": 1}, {"name": "b", "v": 1}], "flags": ["x"]}
    theirs = {"list": [{"name": "b", "v": 2}, {"name": "c"}], "flags": ["y"]}
    assert merged(ours, theirs) == {
        "list": [{"name": "a", "v": 1}, {"name": "b", "v": 2}, {"name": "c"}],
        "flags": ["x", "y"],
    }


def test_features_are_united() -> None:
    assert merged({"features": "A"}, {"features": "B,A"}) == {"features": "A,B"}


def test_removing_leaves_the_given_values_alone() -> None:
    given = {"a": {"b": 1, "c": (0.25, True)}, "d": 2}
    assert without(given, [("a", "b"), ("d",), ("e", "f"), ("d", "g")]) == {
        "a": {"c": ["0.25", True]}
    }
    assert given == {"a": {"b": 1, "c": (0.25, True)}, "d": 2}
