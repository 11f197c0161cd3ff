from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.diagnostics import Edit, Pointer, Where
from bpc.source import parse
from bpc.source.edit import EditError, apply

FAULTY = "a file with errors cannot be edited"
TEXT = """\
# Who is protected, and how.
apiVersion: bpc/v1
kind:   BackupPolicy   # aligned by hand
metadata: {name: shop, labels: {env: "prod", 'tier': gold}}

spec:
    # four spaces
    retention:
    - daily: 14      # two weeks
      weekly:   8
    - {daily: 7}
    schedule: "0 2 * * *"
    zone: 'Asia/Shanghai'
    paused: no
    nothing:
    script: |
        set -eu

        echo done


    # the end
    描述: 商店  # 中文
---
kind: Tier
"""


def _at(*pointer: str | int, document: int = 0) -> Where:
    return Where("p.yaml", document, pointer)


def _value(value: str | int | bool | None, *pointer: str | int, document: int = 0) -> Edit:
    return Edit(_at(*pointer, document=document), value=value)


def _rename(name: str, *pointer: str | int) -> Edit:
    return Edit(_at(*pointer).as_key(), rename=name)


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (_value("Policy", "kind"), "kind:   BackupPolicy   #", "kind:   Policy   #"),
        (_value("mall", "metadata", "name"), "{name: shop,", "{name: mall,"),
        (_value("a, b", "metadata", "name"), "{name: shop,", '{name: "a, b",'),
        (_value("test", "metadata", "labels", "env"), 'env: "prod"', 'env: "test"'),
        (_value(30, "spec", "retention", 0, "daily"), "daily: 14      #", "daily: 30      #"),
        (_value(0, "spec", "retention", 1, "daily"), "{daily: 7}", "{daily: 0}"),
        (_value("0 3 * * *", "spec", "schedule"), '"0 2 * * *"', '"0 3 * * *"'),
        (_value("it's", "spec", "zone"), "'Asia/Shanghai'", "'it''s'"),
        (_value(True, "spec", "zone"), "'Asia/Shanghai'", "true"),
        (_value("no", "spec", "paused"), "paused: no", 'paused: "no"'),
        (_value(False, "spec", "paused"), "paused: no", "paused: false"),
        (_value(None, "spec", "paused"), "paused: no", "paused: null"),
        (_value("now", "spec", "nothing"), "nothing:\n", "nothing: now\n"),
        (_value("a\nb", "spec", "schedule"), '"0 2 * * *"', '"a\\nb"'),
        (
            _value("run.sh", "spec", "script"),
            "script: |\n        set -eu\n\n        echo done\n",
            "script: run.sh\n",
        ),
        (_value("商场", "spec", "描述"), "描述: 商店", '描述: "商场"'),
        (_value("Location", "kind", document=1), "kind: Tier", "kind: Location"),
        (_rename("labels2", "metadata", "labels"), "labels: {", "labels2: {"),
        (_rename("level", "metadata", "labels", "tier"), "'tier': gold", "'level': gold"),
        (_rename("on", "spec", "paused"), "paused: no", '"on": no'),
        (_rename("keep", "spec", "retention"), "    retention:\n", "    keep:\n"),
    ],
)
def test_only_the_scalar_changes(edit: Edit, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert apply(TEXT, [edit]) == TEXT.replace(old, new)


def test_several_edits_are_made_at_once_in_any_order() -> None:
    edits = [
        _value(7, "spec", "retention", 0, "weekly"),
        _rename("keep", "spec", "retention"),
        _value("no", "spec", "paused"),
        _value("no", "spec", "paused"),
        _rename("days", "spec", "retention", 0, "daily"),
    ]
    expected = (
        TEXT.replace("weekly:   8", "weekly:   7")
        .replace("    retention:", "    keep:")
        .replace("paused: no", 'paused: "no"')
        .replace("daily: 14", "days: 14")
    )
    assert apply(TEXT, edits) == expected
    assert apply(TEXT, edits[::-1]) == expected


def test_no_edit_changes_nothing() -> None:
    assert apply(TEXT, []) == TEXT


def test_windows_line_ends_are_kept() -> None:
    text = "a: 1\r\nb: no\r\nc: 2\r\n"
    assert apply(text, [_value("no", "b")]) == 'a: 1\r\nb: "no"\r\nc: 2\r\n'


def test_text_without_a_line_end_at_its_end_stays_so() -> None:
    assert apply("a: no", [_value("no", "a")]) == 'a: "no"'


def test_proposed_edits_remove_the_warnings_that_propose_them() -> None:
    text = "on: yes\nlist: [no, {off: 2024-01-01}]  # dates\n"
    edits = [f.edit for f in parse(text.encode(), "p.yaml").findings if f.edit]
    assert len(edits) == 5
    fixed = apply(text, edits)
    assert fixed == '"on": "yes"\nlist: ["no", {"off": "2024-01-01"}]  # dates\n'
    assert parse(fixed.encode(), "p.yaml").findings == ()


@pytest.mark.parametrize(
    ("text", "edits", "message"),
    [
        ("a: 1\n", [_value(1, "b")], "there is nothing at `/b`"),
        ("a: 1\n", [_value(1, "a", document=1)], "there is nothing at `/a`"),
        ("a: [1]\n", [_rename("b", "a", 0)], "there is nothing at `/a/0`"),
        ("a: [1]\n", [_value(1, "a")], "the edit would change more than it should"),
        ("a:\n  b: 1\n", [_value(1, "a")], "the edit would change more than it should"),
        ("a: 1\n", [_value(2, "a"), _value(3, "a")], "two edits concern the same text"),
        ("a: {b: 1}\n", [_value(2, "a"), _value(3, "a", "b")], "two edits concern the same text"),
        (
            "a: *x\n",
            [_value(2, "a")],
            "a file with errors cannot be edited: aliases are not allowed",
        ),
        (
            "a: 1\nb: 2\n",
            [_rename("b", "a")],
            "a file with errors cannot be edited: the key `b` is here twice",
        ),
        (
            "a: 1\n",
            [_value("\x07", "a")],
            "a file with errors cannot be edited: an escape stands for U+0007 BELL",
        ),
    ],
)
def test_edit_that_cannot_be_made_exactly_is_refused(
    text: str, edits: list[Edit], message: str
) -> None:
    with pytest.raises(EditError) as refused:
        apply(text, edits)
    assert str(refused.value).startswith(message)


SAMPLE = (
    "a: plain\nb: \"double\"\nc: 'single'\nd: [x, {e: y}]\n"
    "f: |\n  block\ng: >-\n  folded\n  text\nh: two\n  lines\ni:\nj: {k: 1, l: [true]}\n"
)
PLACES: list[Pointer] = [
    ("a",), ("b",), ("c",), ("d", 0), ("d", 1, "e"), ("f",), ("g",), ("h",), ("i",), ("j", "k"), ("j", "l", 0)
]  # fmt: skip
TEXTS = st.text(
    st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\n\t商é"), max_size=12
)


@given(st.sampled_from(PLACES), st.one_of(TEXTS, st.integers(-99, 99), st.booleans(), st.none()))
@settings(max_examples=150, deadline=None)
def test_any_scalar_takes_any_value(place: Pointer, value: str | int | bool | None) -> None:
    edited = apply(SAMPLE, [Edit(Where("p.yaml", 0, place), value=value)])
    (before,) = parse(SAMPLE.encode(), "p.yaml").documents
    (after,) = parse(edited.encode(), "p.yaml").documents
    here: object = after.data
    for step in place:
        here = here[step]  # type: ignore[index]  # steps fit what they lead through
    assert (type(here), here) == (type(value), value)
    start, end = before.marks.offsets(before.marks.slots()[place].value)
    assert edited.startswith(SAMPLE[:start])
    assert edited.endswith(SAMPLE[end:])


def test_ruamel_is_imported_only_for_edits() -> None:
    modules = "bpc.source, bpc.source.secrets, bpc.source.discovery, bpc.source.files"
    code = f"import sys, {modules}; print('ruamel' in ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
