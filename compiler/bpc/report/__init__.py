"""Diagnostics as text for people, and as the files that CI systems read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from bpc.diagnostics import Diagnostic, sort_key
from bpc.report import concise, github, gitlab, json_report, junit, markdown, sarif, text
from bpc.report.contents import Context, Report, RulePage, SourceText

__all__ = ["FORMATS", "Context", "RulePage", "SourceText", "render"]

_RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "concise": concise.render,
    "json": json_report.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "markdown": markdown.render,
}

FORMATS: tuple[str, ...] = tuple(_RENDERERS)

# The runner of GitHub Actions obeys `::name` at the start of a printed line and `##[name]` anywhere in one.
_COMMAND_SIGN = re.compile(r"^ *:(?=:\w)|#(?=#\[)", re.MULTILINE)


def render(
    format: str,  # noqa: A002 (the name that users know from the flag)
    diagnostics: Sequence[Diagnostic],
    sources: SourceText,
    context: Context,
) -> str:
    """Return the report in one of `FORMATS`, ordered by place and encodable as UTF-8.

    Raise ValueError for a format that does not exist.
    """
    renderer = _RENDERERS.get(format)
    if renderer is None:
        raise ValueError(f"unknown format `{format}`, expected one of {', '.join(FORMATS)}")
    report = Report(tuple(sorted(diagnostics, key=sort_key)), sources, context)
    result = renderer(report)
    if format in ("text", "concise", "markdown"):
        result = _COMMAND_SIGN.sub(lambda sign: rf"{sign[0][:-1]}\x{ord(sign[0][-1]):x}", result)
    return result.encode("utf-8", "backslashreplace").decode("utf-8")
