from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bpc.render import MarkdownRenderer, TemplateError
from tests.unit.render.conftest import Library

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

PAGE = """\
# Runbook {{ v }}

Before {{ v }} after. {{ v }}

{{ v }}
{{ v }}

- {{ v }}
- **bold** {{ v | span }}

1. {{ v }}

   {{ code(v, "sh", indent=3) }}

> {{ v }}

| a | b |
|---|---|
| {{ v }} | {{ v | span }} |
| {{ v }}{{ v }} | x |

{{ code(v) }}

End.
"""

ATTACKS = [
    "# heading",
    "a\n# heading",
    "===",
    "---",
    "a\n---",
    "***",
    "* item",
    "+ item",
    "- item",
    "1. item",
    "2) item",
    "12",
    " # x",
    "    indented",
    "\tindented",
    "> quote",
    "```",
    "```sh\nrm -rf /\n```",
    "~~~",
    "~~gone~~",
    "`code`",
    "``",
    "a`b``c",
    "`",
    " ` ",
    "*em*",
    "**strong**",
    "_em_",
    "__strong__",
    "a_b_c",
    "[x](http://e.vil)",
    "[x]: http://e.vil",
    "[x]",
    "![x](http://e.vil/p.png)",
    "!",
    "<http://e.vil>",
    "<script>alert(1)</script>",
    "<!--",
    "<br>",
    "a<b>c",
    "&lt;script&gt;",
    "&#60;b&#62;",
    "&amp;",
    "http://e.vil",
    "https://e.vil",
    "www.e.vil",
    "a|b",
    "|",
    "| a | b |",
    "a\\|b",
    "\\",
    "\\\\",
    "\\*",
    "a\\",
    ":-:",
    "|---|",
    "$x$",
    "{: onclick=x}",
    "{{7*7}}",
    "{% x %}",
    "javascript:alert(1)",
    "a\nb",
    "a  \nb",
    "a\n\nb",
    "\n",
    " ",
    "",
    "[ ] task",
    "(c)",
    "中文 🔐",
    "a\u2028b",
    "x" * 300,
]


def tokens(text: str) -> list[Token]:
    return [t for top in READER.parse(text) for t in (top, *(top.children or []))]


def skeleton(text: str) -> list[str]:
    """Return the structure of a page: every token but the text, with soft line breaks between."""
    inline = {"text", "softbreak", "text_special", "code_inline"}
    return [token.type for token in tokens(text) if token.type not in inline]


def page(library: Library, value: str) -> str:
    return MarkdownRenderer(library({"p.md.j2": PAGE})).render("p.md.j2", v=value)


def assert_same_structure(library: Library, value: str) -> None:
    text = page(library, value)
    assert skeleton(text) == skeleton(page(library, "plain")), text
    assert [t.content for t in tokens(text) if t.type == "fence"] == [lines(value)] * 2


def lines(value: str) -> str:
    return value.removesuffix("\n") + "\n"


@pytest.mark.parametrize("value", ATTACKS)
def test_no_attack_changes_the_structure_of_a_page(library: Library, value: str) -> None:
    if "\t" in value:
        with pytest.raises(TemplateError, match="tab changes its width"):
            page(library, value)
        value = value.replace("\t", "    ")
    assert_same_structure(library, value if value.strip() else "empty")


@settings(max_examples=400)
@given(
    st.text(st.sampled_from("`*_~#-+=.:)(!<>[]|\\/&$wh1 \nax"), min_size=1, max_size=12)
    | st.text(
        st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ue000\ue001"),
        min_size=1,
        max_size=12,
    )
)
def test_no_text_changes_the_structure_of_a_page(library: Library, value: str) -> None:
    assert_same_structure(library, value if value.strip() else f"{value}x")


@settings(max_examples=400)
@given(
    st.lists(
        st.text(st.sampled_from("`*_~#-+=.:)!<>[]|\\/&$wh1 "), max_size=5), min_size=2, max_size=4
    )
)
def test_values_side_by_side_stay_text(library: Library, parts: list[str]) -> None:
    template = "# Title\n\n{% for p in parts %}{{ p }}{% endfor %}\n\n\nEnd\n"
    text = MarkdownRenderer(library({"t": template})).render("t", parts=[*parts, "z"])
    assert skeleton(text) == skeleton("# Title\n\nz\n\nEnd\n")
    shown = "".join(t.content for t in tokens(text)[4:] if t.type == "text")
    assert shown.replace(" ", "") == "".join(parts).replace(" ", "") + "zEnd"


@pytest.mark.parametrize(
    "value", [a for a in ATTACKS if "\n" not in a and "\t" not in a and a.strip()]
)
def test_a_reader_sees_the_value_as_it_is(library: Library, value: str) -> None:
    html = READER.renderInline(MarkdownRenderer(library({"t": "x {{ v }} x"})).render("t", v=value))
    shown = (
        html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    )
    assert shown.split() == f"x {value} x".split()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("shop-orders", "shop-orders"),
        ("10.0.0.1", "10.0.0.1"),
        ("2024-01-01 12:30", "2024-01-01 12:30"),
        ("a (b), c!", "a (b), c!"),
        ("my_db", "my\\_db"),
        ("7", "7"),
        ("#shop-oncall", "\\#shop-oncall"),
    ],
)
def test_ordinary_text_stays_readable_in_the_source(
    library: Library, value: str, written: str
) -> None:
    assert MarkdownRenderer(library({"t": "{{ v }}"})).render("t", v=value) == written


@pytest.mark.parametrize(
    "value", ["prod-hz", "a b", "it's", "$(id)", "`id`", "; rm -rf /", "```", "", "中文"]
)
def test_a_word_of_a_command_stays_one_word(library: Library, value: str) -> None:
    template = "```sh\nkubectl get {{ v | sh }} {{ i | sh }}\n{{ v | sh }}\n```\n"
    text = MarkdownRenderer(library({"t": template})).render("t", v=value, i=5)
    (block,) = READER.parse(text)
    assert shlex.split(block.content) == ["kubectl", "get", value, "5", value]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "```sh\necho {{ v }}\n```\n",
            "line 2: an expression inside a code block needs the filter `sh`",
        ),
        ("~~~\n{% if v %}\n{{ v | upper }}\n{% endif %}\n~~~\n", "line 3: an expression inside"),
        ("````\n```\n{{ v }}\n````\n", "inside a code block needs"),
        ("run {{ v | sh }}\n", "line 1: an expression outside a code block cannot have"),
        ("```\na\n```\n{{ v | sh }}\n", "line 4: an expression outside"),
        ("{{ nope }}\n", "line 1: 'nope' is undefined"),
        ("{{ none }}\n", "`NoneType` cannot stand inside text"),
        ("{{ true }}\n", "`bool` cannot stand inside text"),
        ("{{ [v] }}\n", "`list` cannot stand inside text"),
        ("{{ code(v, 'sh\n') }}\n", "is not the name of a language"),
        ("```\n{{ (v ~ '\n```') | sh }}\n```\n", "cannot hold a line break"),
        ("{{ '\x1b[31m' }}\n", "`U+001B`"),
        ("{% macro m() %}{{ v }}{% endmacro %}\n", "statement `macro` is not allowed"),
    ],
)
def test_a_template_that_would_mislead_is_refused(
    library: Library, template: str, message: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        MarkdownRenderer(library({"t": template})).render("t", v="x")
    assert message in str(caught.value)


def test_a_block_is_indented_for_its_list_item(library: Library) -> None:
    template = "1. Do:\n\n   {{ code('a\n\nb\n', 'sh', indent=3) }}\n\n2. Done\n"
    assert MarkdownRenderer(library({"t": template})).render("t") == (
        "1. Do:\n\n   ```sh\n   a\n\n   b\n   ```\n\n2. Done\n"
    )


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("cluster-loss.md", "cluster-loss.md"),
        ("../a/b.md#s-1", "../a/b.md#s-1"),
        ("a b)c.md", "a%20b%29c.md"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("https://e.vil", "https%3A//e.vil"),
    ],
)
def test_a_link_leads_to_a_path_only(library: Library, path: str, target: str) -> None:
    text = MarkdownRenderer(library({"t": "{{ link(v, p) }}"})).render("t", v="a]b", p=path)
    assert text == f"[a\\]b]({target})"
    assert [t.type for t in tokens(text)][2:5] == ["link_open", "text", "link_close"]


def test_templates_share_parts(library: Library) -> None:
    files = {"t": "{% include '_head.md.j2' %}\nBody {{ v }}\n", "_head.md.j2": "# {{ v }}\n"}
    assert MarkdownRenderer(library(files)).render("t", v="a*b") == "# a\\*b\nBody a\\*b\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("run `kubectl get` now", "run `kubectl get` now"),
        ("  `a_b` and a_b", "`a_b` and a\\_b"),
        ("# `x` # y", "\\# `x` \\# y"),
        ("`a``b`", "`a``b`"),
        ("one ` alone_", "one \\` alone\\_"),
        ("`a|b` <i>", "a\\|b \\<i\\>"),
        ("``", ""),
        ("two\nlines", "two lines"),
    ],
)
def test_prose_takes_backquotes_for_code_and_nothing_else_for_markup(
    library: Library, value: str, written: str
) -> None:
    assert MarkdownRenderer(library({"t": "{{ v | prose }}"})).render("t", v=value) == written


@settings(max_examples=200)
@given(st.text(st.sampled_from("`*_#-+=.:)<>[]|\\/&$w1 \nax"), max_size=12))
def test_prose_stays_one_paragraph_of_text_and_code(library: Library, value: str) -> None:
    text = MarkdownRenderer(library({"t": "Say {{ v | prose }}.\n"})).render("t", v=value)
    assert skeleton(text) == skeleton("Say it.\n")
