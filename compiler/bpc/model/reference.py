"""The reference of the language, made from the models: pages in Markdown."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc

from pydantic import BaseModel

from bpc.model.base import Metadata
from bpc.model.datasets import Dataset
from bpc.model.datasets.base import Database
from bpc.model.documents import KINDS
from bpc.model.format import Format
from bpc.model.phrases import default_of, phrase
from bpc.model.policy import BackupPolicySpec
from bpc.model.project import Project
from bpc.model.shape import Key, Listing, Record, Scalar, Shape, Table, Variants, keys

_INDEX = "README.md"
_DATASETS = "datasets.md"
_KINDS: Mapping[str, type[BaseModel]] = {**KINDS, "Project": Project}
_NOT_IN_ANCHORS = re.compile(r"[^a-z0-9 _-]")


@dataclass(slots=True)
class _Section:
    """The part of a page that describes one model."""

    page: str
    title: str
    model: type[BaseModel]
    base: type[BaseModel] | None = None

    @property
    def keys(self) -> list[Key]:
        """The keys of the model that its base does not have."""
        inherited = keys(self.base) if self.base else {}
        return [key for key in keys(self.model).values() if key.name not in inherited]

    @property
    def anchor(self) -> str:
        """The fragment that GitHub gives to the heading."""
        return _NOT_IN_ANCHORS.sub("", self.title.lower()).replace(" ", "-")


@dataclass(slots=True)
class _Book:
    """All sections; each model is described once, where it is first met."""

    sections: dict[type[BaseModel], _Section] = field(default_factory=dict)

    def link(self, page: str, record: Record, word: str) -> str:
        section = self.sections[record.model]
        target = f"{'' if section.page == page else section.page}#{section.anchor}"
        return f"[`{word}`]({target})" if word else f"a [mapping]({target})"

    def of(self, page: str) -> Iterator[_Section]:
        return (section for section in self.sections.values() if section.page == page)

    def add(self, section: _Section, prefix: str) -> None:
        """Add the section of a model, then those of the models that it consists of, nearest first."""
        waiting = deque([(section, prefix)])
        while waiting:
            each, above = waiting.popleft()
            if each.model in self.sections:
                continue
            self.sections[each.model] = each
            for key in each.keys:
                path = f"{above}{key.name}"
                for suffix, model in _records(key.shape):
                    title = f"`{path}`{suffix}"
                    if self._taken(each.page, title, model):
                        title = f"{title} with {each.title}"
                    waiting.append((_Section(each.page, title, model), f"{path}."))

    def _taken(self, page: str, title: str, model: type[BaseModel]) -> bool:
        return any(each.title == title and each.model is not model for each in self.of(page))


def pages() -> dict[str, str]:
    """Return the pages below `docs/reference/` by file name."""
    book = _book()
    names = dict.fromkeys(section.page for section in book.sections.values())
    found = {name: "".join(_page(book, name)) for name in names if name != _INDEX}
    return {_INDEX: "".join(_index(book)), **found}


def _book() -> _Book:
    book = _Book()
    book.add(_Section(_INDEX, "`metadata`", Metadata), "metadata.")
    # What several kinds share is described with the tier, and where things are with the location.
    for kind in ("Tier", "Location", "Cluster"):
        book.add(_Section(_file(kind), kind, _KINDS[kind]), "")
    _add_datasets(book)
    for kind, model in _KINDS.items():
        book.add(_Section(_file(kind), kind, model), "")
    return book


def _add_datasets(book: _Book) -> None:
    book.add(_Section(_DATASETS, "Every dataset", Dataset), "")
    book.add(_Section(_DATASETS, "Every database", Database, base=Dataset), "")
    for suffix, model in _records(keys(BackupPolicySpec)["datasets"].shape):
        base = Database if issubclass(model, Database) else Dataset
        book.add(_Section(_DATASETS, suffix.removeprefix(" with "), model, base), "")


def _records(shape: Shape) -> Iterator[tuple[str, type[BaseModel]]]:
    match shape:
        case Record(model=model):
            yield "", model
        case Listing(item=inner) | Table(value=inner):
            yield from _records(inner)
        case Variants(by=by, branches=branches):
            words: dict[type[BaseModel], list[str]] = {}
            for word, branch in branches.items():
                for _, model in _records(branch):
                    words.setdefault(model, []).append(f"`{by}: {word}`")
            for model, each in words.items():
                yield (f" with {' or '.join(each)}" if by else ""), model
        case _:
            return


def _index(book: _Book) -> Iterator[str]:
    yield "# The language\n\n"
    yield "Generated from the models; `make docs` rewrites these pages. `bpc explain Cluster.spec` prints\n"
    yield "the same, field by field.\n\n| Kind | What it says |\n|---|---|\n"
    for kind, model in _KINDS.items():
        yield f"| [{kind}]({_file(kind)}) | {_first(model)} |\n"
    yield f"\nA BackupPolicy consists of [datasets]({_DATASETS}).\n\n"
    for section in book.of(_INDEX):
        yield from _described(book, section)
    yield "## How values are written\n\n| Value | How it is written |\n|---|---|\n"
    for form in _formats(book):
        yield f"| {form.name} | {form.use} |\n"


def _formats(book: _Book) -> list[Format]:
    found = {
        form
        for section in book.sections.values()
        for key in keys(section.model).values()
        for form in _formats_of(key.shape)
    }
    return sorted(found, key=lambda form: (form.name.partition(" ")[2], form.use))


def _formats_of(shape: Shape) -> Iterator[Format]:
    match shape:
        case Scalar(format=form) if form is not None:
            yield form
        case Listing(item=inner):
            yield from _formats_of(inner)
        case Table(key=key, value=value):
            yield from _formats_of(key)
            yield from _formats_of(value)
        case _:
            return


def _page(book: _Book, name: str) -> Iterator[str]:
    if name == _DATASETS:
        yield "# Datasets\n\nWhat a [BackupPolicy](policy.md) lists under `datasets`.\n\n"
    parts = ["".join(_described(book, section)) for section in book.of(name)]
    yield "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _described(book: _Book, section: _Section) -> Iterator[str]:
    top = section.title in _KINDS
    yield f"{'#' if top else '##'} {section.title}\n\n{cleandoc(section.model.__doc__ or '')}\n\n"
    if section.base is not None:
        base = book.sections[section.base]
        yield f"All keys of [{base.title.lower()}](#{base.anchor}), and:\n\n"
    yield "| Key | Value | Default | Meaning |\n|---|---|---|---|\n"
    for key in section.keys:
        yield _row(book, section, key)
    yield "\n"


def _row(book: _Book, section: _Section, key: Key) -> str:
    kind = _value(book, section.page, key)
    default = "required" if key.required else default_of(key)
    cells = (f"`{key.name}`", kind, default, _flat(key.description))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _value(book: _Book, page: str, key: Key) -> str:
    if key.name == "datasets":
        return f"a list of [datasets]({_DATASETS})"
    return phrase(key.shape, lambda record, word: book.link(page, record, word))


def _flat(text: str) -> str:
    """Return a description for one cell of a table; GitHub breaks lines there only at `<br>`."""
    lines = re.sub(r"\n+- ", "<br>", text)
    return " ".join(lines.split())


def _first(model: type[BaseModel]) -> str:
    return _flat(cleandoc(model.__doc__ or "").partition("\n\n")[0])


def _file(kind: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()
    return f"{words.removeprefix('backup-')}.md"
