from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.validate.substitution import (
    SUBSTITUTE,
    flux_faults,
    is_plain,
    kubelet_faults,
    null_faults,
)

_TEXT = st.text(alphabet="${}a(\n", max_size=6)
_DATA = st.recursive(
    _TEXT | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("text", ["echo ${X}", "kill $$", "${X:-y}", "$${X}"])
def test_a_script_that_flux_would_rewrite_needs_the_annotation(
    text: str, edited: Any, check: Any
) -> None:
    bare = edited("ConfigMap", {"data": {"run.sh": text}})
    assert check(bare) == [
        "data/run.sh: Flux rewrites `${` and `$$`: annotate the object with"
        " `kustomize.toolkit.fluxcd.io/substitute: disabled`"
    ]
    bare["metadata"]["annotations"] = {SUBSTITUTE: "disabled"}
    assert check(bare) == []


@pytest.mark.parametrize("text", ["echo $X", "echo $(date)", "100 $", "{}", "$ {X}"])
def test_what_flux_leaves_alone_needs_no_annotation(text: str, edited: Any, check: Any) -> None:
    assert check(edited("ConfigMap", {"data": {"run.sh": text}})) == []


def test_annotations_and_custom_resources_are_searched_too(edited: Any, check: Any) -> None:
    annotated = edited("ConfigMap", {"metadata|annotations": {"note": "${X}"}})
    release = edited("HelmRelease", {"spec|values": {"image": {"tag": "${TAG}"}}})
    keyed = edited("HelmRelease", {"spec|values": {"a${b": 1}})
    assert len(check(annotated)) == len(check(release)) == len(check(keyed)) == 1


def test_an_object_that_fails_its_schema_is_searched_all_the_same(edited: Any, check: Any) -> None:
    assert len(check(edited("ConfigMap", {"data": {"run.sh": "${X}"}, "unknown": 1}))) == 2


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(_TEXT, _DATA, max_size=3))
def test_the_search_finds_what_a_walk_over_all_values_finds(data: dict[str, Any]) -> None:
    rewritten = any("${" in text or "$$" in text for text in _strings(data))
    nulls = list(null_faults(data))
    assert len(nulls) == _nulls(data)
    assert bool(list(flux_faults(data))) == rewritten
    assert is_plain(data) == (not rewritten and not nulls)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("CronJob", "spec|jobTemplate|spec|template|spec|containers|0"),
        ("CronJob", "spec|jobTemplate|spec|template|spec|volumes|0"),
        ("ConfigMap", "data|backup.sh"),
        ("Role", "rules|0"),
        ("ServiceAccount", "automountServiceAccountToken"),
    ],
)
def test_a_null_that_the_schema_allows_is_a_fault_and_stops_the_rules(
    kind: str, path: str, edited: Any, check: Any
) -> None:
    place = path.replace("|", "/")
    assert check(edited(kind, {path: None})) == [f"{place}: is null: leave the field out"]


def test_a_null_among_the_values_of_a_chart_is_kept_for_helm(edited: Any, check: Any) -> None:
    assert check(edited("HelmRelease", {"spec|values": {"resources": None}})) == []


def _nulls(node: object) -> int:
    if isinstance(node, dict):
        return sum(map(_nulls, node.values()))
    return sum(map(_nulls, node)) if isinstance(node, list) else int(node is None)


def _strings(node: object) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [*node, *(text for value in node.values() for text in _strings(value))]
    if isinstance(node, list):
        return [text for value in node for text in _strings(value)]
    return []


@pytest.mark.parametrize(
    ("container", "place"),
    [
        ({"command": ["sh", "-c", "date $(X)"]}, ("command", 2)),
        ({"args": ["a$$b"]}, ("args", 0)),
        (
            {"env": [{"name": "A", "value": "x"}, {"name": "B", "value": "$(A)"}]},
            ("env", 1, "value"),
        ),
    ],
)
def test_what_the_kubelet_would_rewrite_is_a_fault(
    container: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    assert [fault.pointer for fault in kubelet_faults(container, ())] == [place]


def test_a_plain_variable_in_a_command_is_left_alone() -> None:
    container = {"command": ["sh", "-c", "echo $HOME"], "env": [{"name": "A", "value": None}]}
    assert list(kubelet_faults(container, ())) == []
