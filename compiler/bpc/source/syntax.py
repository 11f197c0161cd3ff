"""What libyaml complains about, in words for the person who wrote the file."""

from __future__ import annotations

from collections.abc import Mapping

from yaml import MarkedYAMLError, YAMLError

from bpc.source.codes import CHARACTER, SYNTAX, TAG
from bpc.source.faults import Faults
from bpc.source.positions import Lines
from bpc.source.refusals import UNTAG

_INDENT = "indent with spaces, like the lines around"
_ESCAPE = "double the backslash, or use single quotes"
_QUOTE = "quote the value"
_CLOSE = "close the bracket"
# By libyaml's own words for the problem; the reader's words, and what to do.
_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "mapping values are not allowed in this context": (
        "a `:` cannot stand here",
        "quote the value if the `:` belongs to it; else check the indentation",
    ),
    "did not find expected key": (
        "this is not the next `key:` of the mapping",
        "check the indentation, and that quotes and brackets are closed",
    ),
    "did not find expected '-' indicator": (
        "this is not the next `-` item of the list",
        "check the indentation",
    ),
    "could not find expected ':'": ("a key is not followed by `: `", "write `key: value`"),
    "did not find expected ',' or ']'": (
        "the list opened on line {} is not closed before this",
        _CLOSE,
    ),
    "did not find expected ',' or '}'": (
        "the mapping opened on line {} is not closed before this",
        _CLOSE,
    ),
    "did not find expected node content": (
        "a value is missing here",
        "write it, or close the bracket",
    ),
    "found unexpected end of stream": ("this quote is never closed", "close the quote"),
    "found unexpected document indicator": ("this quote is never closed", "close the quote"),
    "found unknown escape character": ("this escape does not exist in YAML", _ESCAPE),
    "did not find expected hexdecimal number": ("this escape needs hexadecimal digits", _ESCAPE),
    "block sequence entries are not allowed in this context": (
        "a list item cannot begin here",
        "begin the list on a line of its own",
    ),
    "mapping keys are not allowed in this context": ("a `?` cannot stand here", _QUOTE),
    "did not find expected <document start>": (
        "the document has ended before this",
        "begin another with `---`, or check the indentation",
    ),
    "did not find expected alphabetic or numeric character": (
        "a value cannot begin with `{}`",
        "quote the value, as every cron schedule should be",
    ),
    "did not find expected comment or line break": (
        "a block begins on the line after `|` or `>`",
        "quote the value, or begin it on the next line",
    ),
    "found a tab character where an indentation space is expected": (
        "a tab cannot indent",
        _INDENT,
    ),
    "found a tab character that violates indentation": ("a tab cannot indent", _INDENT),
}
# These are about what was opened, not about where its end was missed.
_ABOUT_THE_START = frozenset(
    {
        "found unexpected end of stream",
        "found unexpected document indicator",
        "could not find expected ':'",
        "did not find expected alphabetic or numeric character",
    }
)
_AFTER_THE_END = frozenset({"did not find expected key", "did not find expected <document start>"})
_CODES = {
    "found invalid Unicode character escape code": (
        CHARACTER,
        "the escape stands for half of a surrogate pair, or for no character",
        "write the character itself",
    ),
    "found undefined tag handle": (TAG, "tags are not allowed", UNTAG),
}


def report(error: YAMLError, lines: Lines, faults: Faults) -> None:
    """Report the error at which libyaml stopped reading."""
    if not isinstance(error, MarkedYAMLError) or error.problem is None:
        faults.error(SYNTAX, "the file is not YAML", 0, 0)
        return
    problem, context = error.problem, error.context_mark
    mark = context if context and problem in _ABOUT_THE_START else error.problem_mark
    # An error at the end of the file is shown at its last visible character.
    last = max(len(lines.text.rstrip()) - 1, 0)
    start = min(mark.index, last) if mark else 0
    char, before = lines.text[start : start + 1], lines.text[:start].rstrip(" ")[-1:]
    detail = str(context.line + 1) if context and problem not in _ABOUT_THE_START else char
    code, message, advice = _CODES.get(problem) or (SYNTAX, *_explain(problem, char, before))
    faults.error(code, message.replace("{}", detail), start, start + len(char), advice)


def _explain(problem: str, char: str, before: str) -> tuple[str, str]:
    if problem == "found character that cannot start any token":
        shown = {"`": "a backquote"}.get(char, f"`{char}`")
        return (
            ("a tab cannot indent", _INDENT)
            if char == "\t"
            else (f"a value cannot begin with {shown}", _QUOTE)
        )
    if problem in _AFTER_THE_END and char in {"]", "}"}:
        return "this bracket closes nothing", "delete it"
    if problem in _AFTER_THE_END and before in {"'", '"'}:
        return (
            "text follows the closing quote",
            "double the quotes inside, or use the other kind outside",
        )
    return _PROBLEMS.get(problem, (problem, ""))
