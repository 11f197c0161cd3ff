from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpc.diagnostics import Finding
from bpc.source import parse
from bpc.source.secrets import find_secrets
from tests.unit.source.hostile import CORPUS, HUGE

FILES = {path.relative_to(CORPUS).as_posix(): path for path in sorted(CORPUS.glob("*/*.yaml"))}
MEBIBYTES = 256

READ_IT = """
import resource, sys
limit = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from bpc.source import parse
parsed = parse(open(sys.argv[2], "rb").read(), "policy.yaml")
# Not ru_maxrss: that of a process begins with what its parent had at the fork.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(int(peak.split()[1]) >> 10, *{f.code.name for f in parsed.findings})
"""


def _expected() -> dict[str, list[str]]:
    expected: dict[str, list[str]] = {}
    for line in (CORPUS / "expected.txt").read_text().splitlines():
        name, _, finding = line.partition(" ")
        expected.setdefault(name, []).append(finding)
    return expected


def _place(finding: Finding) -> str:
    span = finding.span
    assert span is not None
    end = f"{span.end_line}:{span.end_column}"
    return f"{span.line}:{span.column}-{end} {finding.code}"


def test_the_corpus_has_what_the_promise_says() -> None:
    assert len(FILES) + len(HUGE) >= 350
    assert FILES.keys() == _expected().keys()


@pytest.mark.parametrize("name", FILES)
def test_file_is_refused_where_it_is_wrong(name: str) -> None:
    content = FILES[name].read_bytes()
    parsed = parse(content, name)
    assert [_place(finding) for finding in parsed.findings] == _expected()[name]
    assert name.partition("/")[0] in {finding.code.name for finding in parsed.findings}


@pytest.mark.parametrize("name", FILES)
def test_finding_is_short_printable_and_inside_the_file(name: str) -> None:
    content = FILES[name].read_bytes()
    lines = content.decode("utf-8", "replace").split("\n")
    for finding in parse(content, name).findings:
        assert finding.where.path == name
        assert finding.message.isprintable()
        assert len(finding.message) <= 200
        assert finding.message[:1] == finding.message[:1].lower() or finding.message[:2] == "U+"
        assert not finding.message.endswith(".")
        span = finding.span
        assert span is not None
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert span.column >= 1


@pytest.mark.parametrize("name", HUGE)
def test_huge_input_is_refused_within_a_second(name: str) -> None:
    code, make = HUGE[name]
    content = make()
    begin = time.process_time()
    parsed = parse(content, "policy.yaml")
    for document in parsed.documents:
        find_secrets(document)
    assert time.process_time() - begin < 1
    assert code in {finding.code.name for finding in parsed.findings}
    assert len(parsed.findings) <= 200


@pytest.mark.parametrize(
    "name",
    [
        "a million brackets",
        "a list of half a million",
        "many documents of many values",
        "many aliases",
        "many tag directives",
        "every second byte zero",
        "every second byte not UTF-8",
        "marks in the wrong order",
        "many ambiguous words",
        "many escaped controls",
    ],
)
def test_huge_input_needs_little_memory(name: str, tmp_path: Path) -> None:
    code, make = HUGE[name]
    policy = tmp_path / "policy.yaml"
    policy.write_bytes(make())
    command = [sys.executable, "-c", READ_IT, str(MEBIBYTES), str(policy)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak, *found = done.stdout.split()
    assert code in found
    assert int(peak) < MEBIBYTES
