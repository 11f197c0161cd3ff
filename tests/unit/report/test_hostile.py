"""Whatever a policy says, each format says the same again when it is parsed, and nothing more."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bpc.diagnostics import Code, Diagnostic, Label, Severity, Span
from bpc.report import FORMATS, Context, render
from bpc.report.printable import printable

FRAGMENTS = [
    *("\x1b[31m", "\x1b]8;;http://x\x07", "\x9b", "\n", "\r\n", "\t", "\x00", "\x85", "\u2028"),
    *("\u202e", "\u200b", "\ufeff", "\ufffe", "\udc80", "]]>", "<!--", "-->", "<b>", "</failure>"),
    *("&amp;", "&", "<script>alert(1)</script>", '"', "'", "%", "%0A", "%25", "::", "::error::x"),
    *("##[error]x", ":", ",", "|", "||", "`", "```", "~~~", "*", "_", "[a](http://x)", "](", "\\"),
    *(
        "@team",
        "#1",
        "$x$",
        "{0}",
        "- ",
        "> ",
        "# ",
        "</details>",
        "东京",
        "👩\u200d💻",
        " ",
        "word",
    ),
]
HOSTILE = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(min_size=1, max_size=4), min_size=1, max_size=8
).map("".join)
CONTEXT = Context("0.1.0", "lint", checked=("shop",))
check = settings(max_examples=60, deadline=None)


class Source:
    def __init__(self, text: str) -> None:
        self._text = text

    def lines(self, path: str) -> Sequence[str]:
        return (self._text,) if path.endswith("a.yaml") else ()


def hostile(text: str) -> Diagnostic:
    return Diagnostic(
        Code("BPC204", "unknown-location"),
        Severity.ERROR,
        text,
        Label(Span("a.yaml", 1, 1, 1, 2), text),
        related=(Label(Span(f"{text}/b.yaml", 1, 1, 1, 2), text),),
        help=text,
        subject=text,
    )


def shown(name: str, text: str) -> str:
    result = render(name, [hostile(text)], Source(text), CONTEXT)
    result.encode("utf-8")
    return result


@check
@given(HOSTILE)
@example("\n::error::x")
@example("###[error]x")
def test_nothing_acts_on_a_terminal_or_a_log(text: str) -> None:
    for name in FORMATS:
        result = shown(name, text)
        assert all(line == printable(line) for line in result.split("\n"))
        if name in ("text", "concise", "markdown"):
            assert not re.search(r"##\[|^\s*::\w", result, re.MULTILINE)


@check
@given(HOSTILE)
def test_text_and_concise_say_the_message_on_one_line(text: str) -> None:
    quoted = printable(text).replace("##[", r"\x23#[")
    first = shown("text", text).split("\n")[0]
    assert first == f"error[BPC204 unknown-location]: {quoted}"
    line = shown("concise", text)
    assert line == f"a.yaml:1:1: error[BPC204 unknown-location]: {quoted}\n"


@check
@given(HOSTILE)
def test_json_gives_the_message_back(text: str) -> None:
    (found,) = json.loads(shown("json", text))["diagnostics"]
    assert (found["message"], found["help"], found["subject"]) == (text, text, text)


@check
@given(HOSTILE)
def test_sarif_gives_the_message_back(text: str) -> None:
    (result,) = json.loads(shown("sarif", text))["runs"][0]["results"]
    assert result["message"]["text"] == text.replace("](", "]\\(")
    address = result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%:-]+", address)


@check
@given(HOSTILE)
def test_gitlab_gives_the_message_back(text: str) -> None:
    (issue,) = json.loads(shown("gitlab", text))
    assert issue["description"] == text


@check
@given(HOSTILE)
def test_junit_gives_the_message_back(text: str) -> None:
    root = ElementTree.fromstring(shown("junit", text))  # noqa: S314 (our own output)
    failures = list(root.iter("failure"))
    assert [failure.get("message") for failure in failures] == [printable(text)]
    place = "a.yaml:1:1: error[BPC204 unknown-location]"
    body = f"{place}: {printable(text)}\nhelp: {printable(text)}"
    assert failures[0].text == body
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "testcase", "failure"),
    }


def unescape(text: str, codes: str) -> str:
    for code in (*re.findall("..", codes), "25"):
        text = text.replace(f"%{code}", chr(int(code, 16)))
    return text


@check
@given(HOSTILE)
def test_the_github_runner_reads_the_message_back(text: str) -> None:
    at_root = replace(hostile(text), primary=Label(Span("x,y:%0A.yaml", 1, 1, 1, 2)))
    result = render("github", [at_root], Source(text), CONTEXT)
    (line,) = result.removesuffix("\n").split("\n")
    command, message = line.removeprefix("::").split("::", 1)
    name, fields = command.split(" ", 1)
    properties = dict(field.split("=", 1) for field in fields.split(","))
    assert name == "error"
    assert unescape(properties["file"], "0D0A3A2C") == "x,y:%0A.yaml"
    assert unescape(properties["title"], "0D0A3A2C") == "BPC204 unknown-location"
    assert unescape(message, "0D0A") == f"{printable(text)}\nhelp: {printable(text)}"


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[str] = []
        self._inside = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "td":
            self._inside = True
            self.cells.append("")
        if tag == "br":
            self.cells[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.cells[-1] += data


@check
@given(HOSTILE)
def test_markdown_shows_the_message_and_no_markup_of_its_own(text: str) -> None:
    result = shown("markdown", text)
    page = Page(MarkdownIt("commonmark").enable("table").render(result))
    quoted = printable(text).replace("`", "").strip()
    message, _, advice = page.cells[3].replace("\u200b", "").replace("`", "").partition("\n")
    assert message.strip() == quoted
    assert advice.removeprefix("help:").strip() == quoted
    assert len(page.cells) == 4
    assert page.tags == {
        *("h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "br"),
        *("details", "summary", "pre", "sub"),
    }
    assert page.attributes == {"class"}
    assert result.split("\n")[0] == "<!-- bpc:lint:v1 -->"
