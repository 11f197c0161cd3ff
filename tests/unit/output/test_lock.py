from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.output.errors import OutputError
from bpc.output.lock import Input, LockHeader, render_lock

HEADER = LockHeader("0.1.0", "t", "2026a", 3, {"b": "2", "a": "1"})
SHA = bytes(range(32))


def test_a_lock_is_json_lines_sorted_and_without_a_date():
    lines = b"".join(
        render_lock(
            HEADER,
            [Input("p/b.yaml", "22"), Input("p/a.yaml", "11", ("y", "x"))],
            [("x/y", SHA, "shop")],
        )
    )
    assert lines.decode() == (
        '{"lock": 1, "bpc": "0.1.0", "templates": "t", "tzdata": "2026a", "warnings": 3, '
        '"options": {"a": "1", "b": "2"}}\n'
        '{"input": "p/a.yaml", "sha256": "11", "clusters": ["x", "y"]}\n'
        '{"input": "p/b.yaml", "sha256": "22"}\n'
        f'{{"file": "x/y", "sha256": "{SHA.hex()}", "owner": "shop"}}\n'
    )


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_input_path_and_owner_stay_on_their_line(path, owner):
    lines = b"".join(render_lock(HEADER, [Input(path, "1")], [("a", SHA, owner)])).split(b"\n")
    assert [json.loads(line) for line in lines[1:-1]] == [
        {"input": path, "sha256": "1"},
        {"file": "a", "sha256": SHA.hex(), "owner": owner},
    ]


HEX = b"0" * 64
STATE = {"prod": {"a.yaml": "a\n", "b.yaml": "b\n"}}


@pytest.mark.parametrize(
    "damage",
    [
        b"not json\n",
        b"[]\n",
        b'{"file": "../../up", "sha256": "' + HEX + b'"}\n',
        b'{"file": "/etc/passwd", "sha256": "' + HEX + b'"}\n',
        b'{"file": "z.yaml", "sha256": "no hex"}\n',
        b'{"file": "z.yaml", "sha256": 1}\n',
        b'{"file": 1, "sha256": "' + HEX + b'"}\n',
        b'{"file": "c.yaml", "sha256": "' + HEX + b'"}\n',
        b'{"file": "\xff", "sha256": "' + HEX + b'"}\n',
        b'{"file": "z.yaml", "sha256": "' + b"AB" * 32 + b'"}\n',
        b"[" * 100_000 + b"\n",
        b"cut off",
    ],
)
def test_a_damaged_lock_stops_the_build_and_nothing_is_touched(root, build, read, damage):
    build(root, STATE)
    lock = root / "prod/bpc.lock"
    header, source, *files = lock.read_bytes().splitlines(keepends=True)
    lock.write_bytes(b"".join([header, source, damage, *files]))
    before = read(root)
    with pytest.raises(OutputError, match=r"output/prod/bpc\.lock`"):
        build(root, {"prod": {"a.yaml": "other\n"}})
    assert read(root) == before


def test_a_line_without_end_is_not_read_into_memory(root, build):
    build(root, STATE)
    with (root / "prod/bpc.lock").open("ab") as lock:
        lock.write(b"x" * (16 << 20))
    tracemalloc.start()
    with pytest.raises(OutputError, match="line without end"):
        build(root, STATE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_a_lock_of_a_later_format_asks_for_a_later_bpc(root, build):
    build(root, STATE)
    lock = root / "prod/bpc.lock"
    lock.write_bytes(lock.read_bytes().replace(b'"lock": 1', b'"lock": 2'))
    with pytest.raises(OutputError, match="format `2`") as refused:
        build(root, STATE)
    assert "newer" in refused.value.help


def test_files_of_both_sides_of_an_unfinished_merge_are_ours(root, build, read):
    build(root, {"prod": {"a.yaml": "theirs\n", "c.yaml": "theirs\n"}})
    theirs = (root / "prod/bpc.lock").read_bytes()
    build(root, {"prod": {"a.yaml": "ours\n", "b.yaml": "ours\n"}})
    ours = (root / "prod/bpc.lock").read_bytes()
    (root / "prod/bpc.lock").write_bytes(
        b"<<<<<<< HEAD\n" + ours + b"=======\n" + theirs + b">>>>>>> topic\n"
    )
    (root / "prod/a.yaml").write_text("theirs\n")
    (root / "prod/c.yaml").write_text("theirs\n")
    build(root, {"prod": {"a.yaml": "merged\n"}})
    files = read(root)
    assert files.pop("prod/bpc.lock").startswith(b'{"lock": 1')
    assert files == {"prod/a.yaml": b"merged\n"}
