"""What one kind of object must look like on one cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bpc.model.release import Release
from bpc.validate.fault import Fault, Manifest
from bpc.validate.shapes import TEXT, TEXT_MAP, Path, Schema, Shape, closed, everywhere, one_of

Rule: TypeAlias = Callable[[Manifest], Iterable[Fault]]

_METADATA: Mapping[str, Shape] = {
    "name!": TEXT,
    "labels": TEXT_MAP,
    "annotations": TEXT_MAP,
    "finalizers": [TEXT],
}


@dataclass(frozen=True, slots=True)
class Target:
    """The releases on one cluster; None where something is not installed there."""

    kubernetes: str
    velero: str | None = None
    snapshotter: str | None = None
    flux: str | None = None
    argocd: str | None = None
    cnpg: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A closed model of a kind, and the rules that no schema holds.

    `fields` are those beside apiVersion, kind and metadata. `serves` tells which of them the
    release at hand has. `namespaced` is None for a file that is no object of a cluster and has no
    metadata.
    """

    fields: Mapping[str, Shape]
    serves: Callable[[Path], bool] = everywhere
    rules: tuple[Rule, ...] = ()
    namespaced: bool | None = True
    longest_name: int = 253

    def schema(self, api_version: str, kind: str) -> Schema:
        """Return the JSON Schema of an object of this kind."""
        shape: dict[str, Shape] = {"apiVersion!": one_of(api_version), "kind!": one_of(kind)}
        if self.namespaced is not None:
            shape["metadata!"] = {**_METADATA, "namespace!": TEXT} if self.namespaced else _METADATA
        return closed({**shape, **self.fields}, self.serves)


def installed(release: str | None, what: str) -> Release:
    """Return a release as numbers; ValueError where the cluster names none of `what`."""
    if release is None:
        raise ValueError(f"the cluster names no release of {what}")
    return Release.parse(release)


@dataclass(frozen=True, slots=True)
class Served:
    """The spec of a kind, the first release that serves it, and the first that no longer does.

    `late` holds the fields that came after the kind itself, with the release of each.
    """

    spec: Shape
    first: str
    gone: str = ""
    late: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    def at(self, release: Release) -> Resource | None:
        """Return the model at a release, or None where that does not serve the kind."""
        if release < Release.parse(self.first):
            return None
        if self.gone and release >= Release.parse(self.gone):
            return None
        missing = {
            tuple(path.split("."))
            for path, first in self.late.items()
            if release < Release.parse(first)
        }
        return Resource({"spec!": self.spec}, lambda path: path not in missing, self.rules)
