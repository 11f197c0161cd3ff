from __future__ import annotations

import pytest

from bpc.source import parse


@pytest.mark.parametrize(
    ("text", "place", "message", "advice"),
    [
        (
            "a:\n\tb: c\n",
            (2, 1),
            "a tab cannot indent",
            "indent with spaces, like the lines around",
        ),
        (
            "cron: */5 * * * *\n",
            (1, 7),
            "a value cannot begin with `*`",
            "quote the value, as every cron schedule should be",
        ),
        (
            "a: b: c\n",
            (1, 5),
            "a `:` cannot stand here",
            "quote the value if the `:` belongs to it; else check the indentation",
        ),
        ("a: 'x\nb: y\n", (1, 4), "this quote is never closed", "close the quote"),
        (
            "a: 'it's'\n",
            (1, 8),
            "text follows the closing quote",
            "double the quotes inside, or use the other kind outside",
        ),
        ("a: {b: 1}}\n", (1, 10), "this bracket closes nothing", "delete it"),
        (
            "a: [b,\n  c\nd: e\n",
            (3, 2),
            "the list opened on line 1 is not closed before this",
            "close the bracket",
        ),
        ("a: [b,\n\n\n", (1, 6), "a value is missing here", "write it, or close the bracket"),
        (
            "a: 1\n...\nb: 2\n",
            (3, 1),
            "the document has ended before this",
            "begin another with `---`, or check the indentation",
        ),
        ("a: @b\n", (1, 4), "a value cannot begin with `@`", "quote the value"),
        ("a: `b`\n", (1, 4), "a value cannot begin with a backquote", "quote the value"),
        (
            'a: "\\ud83d\\ude00"\n',
            (1, 7),
            "the escape stands for half of a surrogate pair, or for no character",
            "write the character itself",
        ),
        ("a: b\nc d\n", (2, 1), "a key is not followed by `: `", "write `key: value`"),
    ],
)
def test_syntax_error_names_the_place_the_mistake_and_the_cure(
    text: str, place: tuple[int, int], message: str, advice: str
) -> None:
    (finding,) = parse(text.encode(), "policy.yaml").findings
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == place
    assert (finding.message, finding.help) == (message, advice)


def test_problem_without_words_of_ours_is_told_in_those_of_the_parser() -> None:
    (finding,) = parse(b"a: |0\n  b\n", "policy.yaml").findings
    assert finding.message == "found an indentation indicator equal to 0"
