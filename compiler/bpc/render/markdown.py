"""Render Markdown in which no value can become markup, a link, HTML, or another cell of a table."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from importlib.resources.abc import Traversable
from urllib.parse import quote

import jinja2
from jinja2 import nodes

from bpc.render.environment import Environment
from bpc.render.values import RefusedValueError, plain

_BLANKS = re.compile(r"[ \t\n]+")
# What means something anywhere (`$` is mathematics to GitHub), or is made a link by readers themselves.
_ACTIVE = re.compile(r"[\\`*_{}\[\]<>|~&$]|(?<=\bwww)\.|:(?=/|\Z)|(?<= )#")
# What means something where a line begins: a list, a heading, a rule, a table.
_LEADING = re.compile(r"\A(?:[-+=#:]|[0-9]*[.)](?= |\Z))")
_FENCE = re.compile(r" *(`{3,}|~{3,})(.*)")
_LANGUAGE = re.compile(r"[a-z]*")


class Ready(str):
    """Text that is Markdown already."""

    __slots__ = ()


class MarkdownRenderer:
    """Templates of Markdown; every expression is escaped, so that a reader sees the value as it is.

    Templates have the functions `code(text, language, indent)`, a fenced block that no text can leave,
    and `link(text, path)`, a link to a file beside this one; the filters `span`, for inline code,
    `prose`, for sentences with code in backquotes, and `sh`, one word of a shell command. A fenced block
    that a template writes itself takes `sh` only.
    """

    def __init__(self, templates: Traversable) -> None:
        self._environment = _MarkdownEnvironment(templates)

    def render(self, template: str, /, **context: object) -> str:
        """Render a template; raises TemplateError."""
        return self._environment.text(template, context)


class _MarkdownEnvironment(Environment):
    def __init__(self, root: Traversable) -> None:
        super().__init__(root, _finalize, {"code": _code, "link": _link}, (nodes.Include,))
        self.filters |= {"prose": _prose, "sh": _sh, "span": _span}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        _check_fences(template, name)
        return template


def _check_fences(template: nodes.Template, name: str | None) -> None:
    """Refuse what would be escaped inside a code block, or be markup outside one."""
    fence = line = ""
    for output in template.find_all(nodes.Output):
        for child in output.nodes:
            if isinstance(child, nodes.TemplateData):
                *complete, line = (line + child.data).split("\n")
                for text in complete:
                    fence = _fence_after(text, fence)
                continue
            word = isinstance(child, nodes.Filter) and child.name == "sh"
            if word != bool(fence):
                place = "inside a code block needs" if fence else "outside a code block cannot have"
                message = f"an expression {place} the filter `sh`"
                raise jinja2.TemplateSyntaxError(message, child.lineno, name)
            line += "x"


def _fence_after(line: str, fence: str) -> str:
    found = _FENCE.match(line)
    if not found:
        return fence
    if not fence:
        return found[1]
    return "" if found[1].startswith(fence) and not found[2].strip() else fence


def _finalize(value: object) -> str:
    if isinstance(value, jinja2.Undefined):
        return str(value)
    return value if isinstance(value, Ready) else _escape(_text(value))


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RefusedValueError(f"`{type(value).__name__}` cannot stand inside text")
    return str(plain(value))


def _escape(text: str) -> str:
    """Escape a value; blanks in front of it could move what follows out of its list item."""
    return _inline(text.lstrip(" \t\n"))


# Sentences of ours, and the names of locations and tiers, come again for every dataset.
@lru_cache(maxsize=4_096)
def _inline(text: str) -> str:
    line = _ACTIVE.sub(r"\\\g<0>", _BLANKS.sub(" ", text))
    return _LEADING.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", line)


def _span(value: object) -> Ready:
    """Inline code; a pipe would end a table's cell even there, so such a text is escaped instead."""
    text = _text(value)
    if not text or "|" in text or "\n" in text:
        return Ready(_escape(text))
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return Ready(f"{ticks}{pad}{text}{pad}{ticks}")


def _prose(value: object) -> Ready:
    """Sentences of our own in which backquotes mark code; everything else in them is escaped."""
    parts = _text(value).lstrip(" \t\n").split("`")
    if len(parts) % 2 == 0:
        return Ready(_inline("`".join(parts)))
    return Ready("".join(_span(p) if i % 2 else _inline(p) for i, p in enumerate(parts)))


def _code(value: object, language: str = "", indent: int = 0) -> Ready:
    """Write a fenced block whose lines after the first stand `indent` columns deep."""
    text = _text(value)
    if not _LANGUAGE.fullmatch(language):
        raise RefusedValueError(f"`{language}` is not the name of a language")
    if indent and "\t" in text:
        raise RefusedValueError("a tab changes its width in an indented code block")
    fence = "`" * max(3, _longest_run(text) + 1)
    lines = [*text.removesuffix("\n").split("\n"), fence]
    pad = " " * indent
    return Ready("\n".join([fence + language, *(line and pad + line for line in lines)]))


def _link(value: object, path: str) -> Ready:
    """Link to a path; a scheme is impossible, since the colon is percent-encoded."""
    return Ready(f"[{_escape(_text(value))}]({quote(path, safe='/#')})")


def _sh(value: object) -> Ready:
    """Quote one word; a line break could end the code block around it."""
    text = _text(value)
    if "\n" in text:
        raise RefusedValueError("a word of a command cannot hold a line break")
    return Ready(shlex.quote(text))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
