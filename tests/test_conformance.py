"""What a back end, a rule and a kind of dataset must consist of; each failure names what is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from bpc.backends import BACKENDS, SUPPORTED
from bpc.model.datasets import AnyDataset
from bpc.model.datasets.base import Database
from bpc.model.documents import KINDS
from bpc.model.shape import keys
from bpc.pipeline.catalogue import catalogue
from bpc.plan.steps import Step
from tests.conftest import ROOT

NAMES = [backend.NAME for backend in BACKENDS]
TYPES = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in get_args(get_args(AnyDataset)[0])
}
WITHOUT_TEMPLATES = {"velero_values", "maintenance"}


def exists(path: Path) -> None:
    assert path.exists(), f"missing: {path.relative_to(ROOT)}"


@pytest.mark.parametrize("backend", BACKENDS, ids=NAMES)
def test_a_back_end_has_its_pieces(backend: object) -> None:
    name: str = backend.NAME  # type: ignore[attr-defined] # the protocol says so
    for function in ("cluster", "policy", "cluster_steps", "dataset_steps"):
        assert callable(getattr(backend, function, None)), f"{name} lacks {function}()"
    module = ROOT / "compiler" / "bpc" / "backends"
    assert (module / f"{name}.py").exists() or (module / name / "__init__.py").exists()
    if name not in WITHOUT_TEMPLATES:
        exists(ROOT / "templates" / name)
    pages = {path.stem for path in (ROOT / "docs").rglob("*.md")}
    assert name in pages, f"missing: docs/backends/{name}.md"
    assert [*(ROOT / "tests" / "unit" / "backends").glob(f"test_{name}*.py")], (
        f"no tests for {name}"
    )


@pytest.mark.parametrize("kind", sorted(SUPPORTED))
def test_a_supported_kind_of_dataset_has_a_golden_case(kind: str) -> None:
    exists(ROOT / "tests" / "golden" / kind / "policy.yaml")
    exists(ROOT / "tests" / "golden" / kind / "expected")


def test_every_kind_of_dataset_is_supported() -> None:
    assert set(TYPES) == SUPPORTED


def test_every_template_belongs_to_a_back_end() -> None:
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders - {"_shared", "runbook"} <= set(NAMES)


def test_every_code_is_well_formed_and_used_once() -> None:
    codes = list(catalogue())
    assert len({code.number for code in codes}) == len(codes)
    assert len({code.name for code in codes}) == len(codes)
    for code, page in catalogue().items():
        assert code.number.startswith("BPC")
        assert page.what
        assert page.why
        assert page.what[-1] == "."


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_document_and_its_fields_are_described(name: str) -> None:
    model = KINDS[name]
    assert model.__doc__
    for key in keys(model).values():
        assert key.description, f"{name}.{key.name} has no description"


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_field_of_a_dataset_is_described(kind: str) -> None:
    for key in keys(TYPES[kind]).values():
        assert key.description, f"{kind}.{key.name} has no description"


def test_a_step_says_everything_that_a_tired_person_needs() -> None:
    fields = set(Step.__dataclass_fields__)
    assert {"purpose", "place", "command", "expected", "otherwise", "minutes", "undo"} <= fields


DATABASES = sorted(kind for kind, model in TYPES.items() if issubclass(model, Database))
OWN = ("model/datasets/", "backends/", "rules/", "validate/")
REGISTERS = {"plan/catalogue.py", "plan/images.py", "model/datasets/__init__.py"}


@pytest.mark.parametrize("kind", DATABASES)
def test_a_database_is_known_only_in_its_own_places(kind: str) -> None:
    package = ROOT / "compiler" / "bpc"
    word = re.compile(rf"\b{kind}\b", re.IGNORECASE)
    places = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if word.search(path.read_text(encoding="utf-8"))
    }
    elsewhere = {place for place in places - REGISTERS if not place.startswith(OWN)}
    assert elsewhere == set(), f"{kind} is a special case outside of its own modules"
