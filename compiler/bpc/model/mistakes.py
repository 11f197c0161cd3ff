"""All mistakes of one document, also those that hide behind others."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from bpc.diagnostics import Code, Finding, Pointer, Where
from bpc.model.advice import misspelt, say
from bpc.model.codes import INVALID
from bpc.model.locating import Mistake, locate
from bpc.model.shape import Shape, Variants, keys, records
from bpc.model.suggest import closest

_ROUNDS = 8
_MOST = 100


@dataclass
class Draft:
    """A document on the way to what was meant; `names` are the keys as they were written."""

    data: dict[str, object]
    names: dict[Pointer, str] = field(default_factory=dict)

    def written(self, pointer: Pointer) -> Pointer:
        """Return the path to the same place in what was written."""
        return tuple(
            self.names.get(pointer[: index + 1], step) for index, step in enumerate(pointer)
        )

    def rename(self, pointer: Pointer, name: str) -> None:
        """Give the key that `pointer` leads to another name."""
        holder = self._holder(pointer)
        if isinstance(holder, dict):
            renamed = {name if key == pointer[-1] else key: value for key, value in holder.items()}
            holder.clear()
            holder.update(renamed)
            self.names[(*pointer[:-1], name)] = str(pointer[-1])

    def put(self, pointer: Pointer, value: str) -> None:
        """Replace the value that `pointer` leads to."""
        holder = self._holder(pointer)
        if isinstance(holder, dict):
            holder[pointer[-1]] = value

    def _holder(self, pointer: Pointer) -> object:
        found: object = self.data
        for step in pointer[:-1]:
            found = found[step]  # type: ignore[index]  # the path was walked before
        return found


def explain(
    model: type[BaseModel], draft: Draft, error: ValidationError, where: Where
) -> list[Finding]:
    """Return a finding for each mistake, at the place in the document where it was made.

    What is clearly misspelt is corrected in a copy and read again, since Pydantic looks neither below an
    unknown key nor into a mapping of unknown type. A key that is missing is not told beside a misspelt
    one that was meant for it.
    """
    found: dict[tuple[Where, Code], Finding] = {}
    draft = Draft(copy.deepcopy(draft.data), draft.names)
    for _ in range(_ROUNDS):
        details = error.errors(include_url=False)
        mistakes = [locate(model, draft.data, each) for each in details[:_MOST]]
        slips = list(_slips(draft.data, mistakes))
        for finding in _findings(model, draft, mistakes, slips, where):
            found.setdefault((finding.where, finding.code), finding)
        if len(details) > _MOST:
            return [*found.values(), _cut(where)]
        if not slips:
            break
        for slip in slips:
            slip.correct(draft)
        try:
            model.model_validate(draft.data)
        except ValidationError as following:
            error = following
        else:
            break
    return list(found.values())


def _cut(where: Where) -> Finding:
    return Finding(
        INVALID, f"only the first {_MOST} mistakes are shown", where, help="mend those first"
    )


@dataclass(frozen=True)
class _Slip:
    """A misspelt key, or the misspelt value of the key that chooses among mappings."""

    pointer: Pointer
    meant: str
    is_key: bool

    @property
    def target(self) -> Pointer:
        """The path that the key should have had."""
        return (*self.pointer[:-1], self.meant)

    def correct(self, draft: Draft) -> None:
        if self.is_key:
            draft.rename(self.pointer, self.meant)
        else:
            draft.put(self.pointer, self.meant)


def _slips(data: object, mistakes: Sequence[Mistake]) -> Iterator[_Slip]:
    taken: set[Pointer] = set()
    for mistake in mistakes:
        slip = _slip(data, mistake, taken)
        if slip is not None and slip.target not in taken:
            taken.add(slip.target)
            yield slip


def _slip(data: object, mistake: Mistake, taken: set[Pointer]) -> _Slip | None:
    match mistake.kind, mistake.shape:
        case "extra_forbidden", _:
            return _misspelt_key(data, mistake, taken)
        case "union_tag_invalid", Variants(by=by, branches=branches):
            near = closest(str(mistake.context.get("tag")), branches)
            return _Slip((*mistake.pointer, by), near, is_key=False) if near else None
        case "union_tag_not_found", Variants(by=by) as shape if isinstance(mistake.value, dict):
            unknown = set(mistake.value) - _all_keys(shape)
            key = next((key for key in sorted(unknown) if closest(key, [by])), None)
            return _Slip((*mistake.pointer, key), by, is_key=True) if key else None
    return None


def _misspelt_key(data: object, mistake: Mistake, taken: set[Pointer]) -> _Slip | None:
    *above, key = mistake.pointer
    for step in above:
        data = data[step]  # type: ignore[index]  # Pydantic went the same way
    free = [
        known
        for known in keys(mistake.owner).values()
        if known.name not in data and (*above, known.name) not in taken  # type: ignore[operator]
    ]
    near = closest(str(key), [known.name for known in free if known.required]) or closest(
        str(key), [known.name for known in free]
    )
    return _Slip(mistake.pointer, near, is_key=True) if near else None


def _all_keys(shape: Shape) -> set[str]:
    return {name for _, model in records(shape) for name in keys(model)}


def _findings(
    model: type[BaseModel],
    draft: Draft,
    mistakes: Sequence[Mistake],
    slips: Iterable[_Slip],
    where: Where,
) -> Iterator[Finding]:
    meant = {slip.pointer: slip.meant for slip in slips if slip.is_key}
    targets = {slip.target for slip in slips if slip.is_key}
    for pointer, name in meant.items():
        yield misspelt(where.at(*draft.written(pointer)), name)
    for mistake in mistakes:
        by = (mistake.shape.by,) if isinstance(mistake.shape, Variants) else ()
        place = (*mistake.pointer, *by) if mistake.kind == "union_tag_invalid" else mistake.pointer
        known = {mistake.pointer, (*mistake.pointer, *by)} & {*targets, *meant}
        if not known and not _only_follows(mistake, mistakes):
            yield say(model, mistake, where.at(*draft.written(place)))


def _only_follows(mistake: Mistake, others: Sequence[Mistake]) -> bool:
    """Whether a list is too short only because entries of it are wrong."""
    place = mistake.pointer
    return mistake.kind == "too_short" and any(
        len(other.pointer) > len(place) and other.pointer[: len(place)] == place for other in others
    )
