"""Documents: the good ones are read, and every mistake in a bad one is found where it was made."""

from __future__ import annotations

import copy
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.estates import BASE, documents

from bpc.diagnostics import Finding, Pointer
from bpc.model import codes
from bpc.model.codes import PAGES
from bpc.model.documents import KINDS
from bpc.model.reading import read_document, read_project
from bpc.model.scalars import DURATION
from bpc.source import Document, parse

CORPUS = Path(__file__).parents[2] / "corpus"
GOOD = sorted((CORPUS / "good").glob("*.yaml"))
BAD = sorted((CORPUS / "bad").glob("*.yaml"))


def read(text: bytes) -> Iterator[tuple[Document, object, list[Finding]]]:
    parsed = parse(text, "p.yaml")
    assert parsed.findings == ()
    for document in parsed.documents:
        model, findings = read_document(document)
        yield document, model, findings


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_a_good_document_is_read(path: Path) -> None:
    for _, model, findings in read(path.read_bytes()):
        assert findings == []
        assert model is not None


def test_the_good_corpus_has_every_kind_and_every_type_of_dataset() -> None:
    kinds, types = set(), set()
    for path in GOOD:
        for document, _, _ in read(path.read_bytes()):
            kinds.add(document.data["kind"])
            for dataset in document.data["spec"].get("datasets", ()):  # type: ignore[attr-defined]
                types.add(dataset["type"])
    assert kinds == set(KINDS)
    assert len(types) == 12


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_a_bad_document_is_refused_where_it_is_wrong(path: Path) -> None:
    found = []
    for document, model, findings in read(path.read_bytes()):
        assert model is None
        for finding in findings:
            span = document.span(finding.where.pointer, key=finding.where.key)
            found.append((span.line, span.column, str(finding.code)))
            assert finding.help
    expected = path.with_suffix(".expect").read_text(encoding="utf-8")
    assert "".join(f"{line}:{column} {code}\n" for line, column, code in sorted(found)) == expected


def test_there_are_enough_bad_documents() -> None:
    assert len(BAD) >= 40


@pytest.mark.parametrize("code", PAGES, ids=lambda code: code.name)
def test_the_pages_tell_the_truth(code: object) -> None:
    page = PAGES[code]  # type: ignore[index]
    bad = [f.code for _, _, findings in read(page.bad.encode()) for f in findings]
    good = [f.code for _, _, findings in read(page.good.encode()) for f in findings]
    assert code in bad
    assert good == []


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("retention: {daily: 14}", "retnetion: {daily: 14}", "did you mean `retention`?"),
        ("type: namespaces", "type: namespace", "did you mean `namespaces`?"),
        ("include: [shop]}", "include: [shop], schedule: autoo}", "did you mean `auto`?"),
        ("include: [shop]}", "include: [shop], time_zone: UTC}", "did you mean `timeZone`?"),
        ('kubernetes: "1.31"', "kubernetes: 1.31", "write it in quotes"),
        ("clusters: [prod]", "clusters: prod", "write `[prod]`"),
        ("clusters: [prod]", "clusters: {matchlabels: {a: b}}", "did you mean `matchLabels`?"),
        ("rpo: 6h", "rpo: 6 hours", f"write `6h`: {DURATION.use}"),
        ("to: [s3]", "to: [{locaton: s3}]", "did you mean `location`?"),
        ("  tier: gold\n", "  teir: gold\n", "did you mean `tier`?"),
        ("  tier: gold\n", "", "add `tier`: the service level"),
        ("kind: Tier", "kind: Teir", "did you mean `Tier`?"),
    ],
)
def test_what_was_meant_is_suggested_once(old: str, new: str, advice: str) -> None:
    assert old in BASE
    found = [f for _, _, findings in read(BASE.replace(old, new).encode()) for f in findings]
    assert [finding.help for finding in found] == [advice]


def test_a_suggestion_can_be_made_by_the_tool() -> None:
    text = BASE.replace("retention: {daily: 14}", "retnetion: {daily: 14}")
    (finding,) = [f for _, _, findings in read(text.encode()) for f in findings]
    assert finding.edit is not None
    assert finding.edit.rename == "retention"


def test_a_value_under_a_telling_key_is_not_repeated() -> None:
    text = BASE.replace("realm: prod-admins", "realm: prod-admins, password: hunter2")
    found = [f for _, _, findings in read(text.encode()) for f in findings]
    assert found
    assert not any("hunter2" in finding.message + finding.help for finding in found)


def found_in(text: str) -> list[Finding]:
    return [f for _, _, findings in read(text.encode()) for f in findings]


def test_the_project_and_policies_are_kept_apart() -> None:
    (tier,) = parse(b"apiVersion: bpc/v1\nkind: Tier\n", "bpc.yaml").documents
    model, (finding,) = read_project(tier)
    assert model is None
    assert finding.help == "put it into a file below `policies/`"
    (finding,) = found_in("apiVersion: bpc/v1\nkind: Project\n")
    assert finding.help == "put it into `bpc.yaml` at the root of the repository"


def test_a_slip_in_the_project_file_is_found() -> None:
    (document,) = parse(b"apiVersion: v1\nkind: Projct\noutptu: out\n", "bpc.yaml").documents
    model, findings = read_project(document)
    assert model is None
    assert [finding.help for finding in findings] == [
        "write `apiVersion: bpc/v1`",
        "did you mean `Project`?",
        "did you mean `output`?",
    ]


def test_another_version_is_not_rewritten_to_this_one() -> None:
    (finding,) = found_in("apiVersion: bpc/v2\nkind: Tier\nmetadata: {name: a}\nspec: {x: 1}\n")
    assert finding.code == codes.UNSUPPORTED_VERSION
    assert finding.edit is None


@pytest.mark.parametrize("value", ["", "null", "[]", "{}", "5", "true"])
def test_a_kind_that_is_no_text_is_refused(value: str) -> None:
    assert found_in(f"apiVersion: bpc/v1\nkind: {value}\nmetadata: {{name: a}}\nspec: {{}}\n")
    assert found_in(f"apiVersion: {value}\nkind: Tier\nmetadata: {{name: a}}\nspec: {{}}\n")


def test_reading_a_good_document_costs_next_to_nothing_beyond_its_model() -> None:
    (document,) = [
        each for each, _, _ in read(BASE.encode()) if each.data["kind"] == "BackupPolicy"
    ]
    model = KINDS["BackupPolicy"]

    def seconds(call: Callable[[], object]) -> float:
        return min(timeit.repeat(call, number=200, repeat=7))

    assert seconds(lambda: read_document(document)) < 1.7 * seconds(
        lambda: model.model_validate(document.data)
    )


def test_the_project_file_is_read_apart() -> None:
    (document,) = parse(b"apiVersion: bpc/v1\nkind: Project\noutput: out\n", "bpc.yaml").documents
    project, findings = read_project(document)
    assert findings == []
    assert project is not None
    assert (project.output, project.policies) == ("out", ("policies",))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab-1", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "type", "spec", "to", "rpo", "cron", "datasets"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def _places(value: object) -> list[tuple[object, object]]:
    if isinstance(value, dict):
        pairs = [(value, key) for key in value]
        return pairs + [p for each in value.values() for p in _places(each)]
    if isinstance(value, list):
        pairs = [(value, index) for index in range(len(value))]
        return pairs + [p for each in value for p in _places(each)]
    return []


@given(data=st.data(), which=st.integers(0, 3), junk=JSON)
@settings(max_examples=400)
def test_no_document_whatever_makes_the_reader_raise(
    data: st.DataObject, which: int, junk: object
) -> None:
    document = documents(BASE)[which]
    holder, key = data.draw(st.sampled_from(_places(document)))
    holder[key] = junk  # type: ignore[index]
    before = copy.deepcopy(document)
    model, findings = read_document(Document("p.yaml", 0, document, None))  # type: ignore[arg-type]
    assert document == before
    assert (model is None) == bool(findings)
    for finding in findings:
        assert finding.help
        assert finding.message
        assert exists(document, finding.where.pointer)


def exists(data: object, pointer: Pointer) -> bool:
    for step in pointer:
        if not isinstance(data, dict | list) or (isinstance(data, dict) and step not in data):
            return False
        data = data[step]  # type: ignore[index,call-overload]
    return True
