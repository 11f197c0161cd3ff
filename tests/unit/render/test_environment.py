from __future__ import annotations

from dataclasses import dataclass

import pytest

from bpc.render import Renderer, TemplateError
from tests.unit.render.conftest import Library


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    _private: str = "x"


def render(library: Library, text: str, **values: object) -> object:
    return Renderer(library({"dir/t": text})).manifest("dir/t", **values).data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {{ nope }}\n", "line 1: 'nope' is undefined"),
        ("x: 1\na: {{ job.nope }}\n", "line 2: "),
        ("a: x-{{ nope }}\n", "line 1: 'nope' is undefined"),
        ("{% if nope %}\na: 1\n{% endif %}\n", "line 1: 'nope' is undefined"),
        ("\n\na: {{ x | nope }}\n", "line 3: "),
        ("a: {{ x\n", "line "),
        ("a: {{ job._private }}\n", "is unsafe"),
        ("a: {{ job.__class__.__mro__ }}\n", "is unsafe"),
        ("a: {{ l.append(1) }}\n", "is unsafe"),
        ("a: {{ l | random }}\n", "No filter named 'random'"),
        ("a: {{ lipsum() }}\n", "'lipsum' is undefined"),
        ("a: {{ fragment('no') }}\n", "no such file"),
    ],
)
def test_a_template_that_asks_for_what_is_not_there_is_refused(
    library: Library, text: str, message: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        render(library, text, job=Job("x"), l=[1])
    assert message in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "text",
    [
        "{% macro m() %}x: {{ v }}{% endmacro %}\na: {{ m() }}\n",
        "{% filter replace('x', v) %}\na: x\n{% endfilter %}\n",
        "{% set x %}{{ v }}{% endset %}\na: {{ x }}\n",
        "{% include 'f' %}\n",
        "{% extends 'f' %}\n",
        "{% import 'f' as f %}\na: 1\n",
        "{% block b %}\na: 1\n{% endblock %}\n",
        "{% if v %}\n{% filter upper %}\na: 1\n{% endfilter %}\n{% endif %}\n",
    ],
)
def test_statements_that_build_text_out_of_values_or_templates_are_refused(
    library: Library, text: str
) -> None:
    with pytest.raises(TemplateError, match=r"line \d: statement `\w+` is not allowed here"):
        render(library, text, v="x")


@pytest.mark.parametrize("name", ["../t", "/dir/t", "dir//t", "dir/./t", "dir\\t", "", "dir", "no"])
def test_only_files_below_the_template_directory_are_read(library: Library, name: str) -> None:
    renderer = Renderer(library({"dir/t": "a: 1\n"}))
    with pytest.raises(TemplateError, match=r"not a path below|no such file"):
        renderer.manifest(name)


def test_attributes_stay_judged_by_type_and_name(library: Library) -> None:
    renderer = Renderer(library({"t": "a: {{ x.name }}\n", "u": "a: {{ x.append }}\n"}))
    for index in range(3):
        assert renderer.manifest("t", x=Job(f"n{index}")).data == {"a": f"n{index}"}
        with pytest.raises(TemplateError, match="is unsafe"):
            renderer.manifest("u", x=[index])


def test_nothing_of_one_rendering_remains_for_the_next(library: Library) -> None:
    renderer = Renderer(library({"t": "{% if x %}\na: {{ v }}\n{% endif %}\nb: {{ x }}\n"}))
    assert renderer.manifest("t", x=True, v=1).data == {"a": 1, "b": True}
    with pytest.raises(TemplateError, match="'v' is undefined"):
        renderer.manifest("t", x=True)
    assert renderer.manifest("t", x=False).data == {"b": False}
