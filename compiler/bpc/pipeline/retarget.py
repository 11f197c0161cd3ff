"""Whether a storage location of the committed output would come to mean another place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpc.diagnostics import Finding
from bpc.pipeline import codes
from bpc.plan.artifact import Artifact
from bpc.source import parse

LOCATION = "BackupStorageLocation"


def retargeted(
    artifact: Artifact, data: Mapping[str, object], committed: bytes | None
) -> Iterator[Finding]:
    """Yield a finding if the committed file of the same path names another bucket or folder."""
    if committed is None:
        return
    documents = parse(committed, artifact.path).documents
    old = _place(documents[0].data) if documents else None
    new = _place(data)
    if old != new:
        yield Finding(
            codes.RETARGETED,
            f"`{artifact.path}` would move from {_words(old)} to {_words(new)}, and Velero forgets every "
            "backup that it does not find in the new place",
            artifact.where,
            help="declare a second Location for the new place, or build with `--allow-retarget`",
            subject=artifact.owner,
        )


def _place(data: object) -> tuple[str, str] | None:
    spec = data.get("spec") if isinstance(data, dict) else None
    storage = spec.get("objectStorage") if isinstance(spec, dict) else None
    if not isinstance(storage, dict):
        return None
    return str(storage.get("bucket", "")), str(storage.get("prefix", ""))


def _words(place: tuple[str, str] | None) -> str:
    return (
        "a place that cannot be read"
        if place is None
        else f"`{'/'.join(part for part in place if part)}`"
    )
