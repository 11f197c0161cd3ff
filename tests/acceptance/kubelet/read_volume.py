"""Reading the volumes of a pod."""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.acceptance.kubelet.fields import Fields, Unsupported
from tests.acceptance.kubelet.model import (
    Claim,
    EmptyDir,
    HostPath,
    Item,
    Keyed,
    KeyedKind,
    Source,
    Volume,
)

_HOST_TYPES = (
    "",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
    "CharDevice",
    "BlockDevice",
)


def read_volume(fields: Fields) -> Volume:
    """Read one volume, whose source is the one other key that it has."""
    with fields:
        name = fields.text("name")
        return Volume(name, _source(fields))


def _source(fields: Fields) -> Source:
    if fields.has("emptyDir"):
        with fields.nested("emptyDir") as source:
            limit = source.quantity("sizeLimit")
            medium = source.text_or_none("medium", one_of=("", "Memory"))
            return EmptyDir(None if limit is None else int(limit), memory=medium == "Memory")
    if fields.has("hostPath"):
        with fields.nested("hostPath") as source:
            path = source.text("path")
            if not path.startswith("/") or ".." in PurePosixPath(path).parts:
                raise Unsupported(source.at("path"), "must be absolute and without `..`")
            return HostPath(path, source.text_or_none("type", one_of=_HOST_TYPES) or "")
    if fields.has("persistentVolumeClaim"):
        with fields.nested("persistentVolumeClaim") as source:
            return Claim(source.text("claimName"), source.truth("readOnly") or False)
    if fields.has("secret"):
        return _keyed(fields.nested("secret"), "Secret", "secretName")
    if fields.has("configMap"):
        return _keyed(fields.nested("configMap"), "ConfigMap", "name")
    for kind in ("nfs", "projected", "csi", "ephemeral", "downwardAPI"):
        fields.refuse(kind, "this kind of volume is not implemented")
    raise Unsupported(fields.path, "has no source")


def _keyed(fields: Fields, kind: KeyedKind, name: str) -> Keyed:
    with fields:
        listed = fields.has("items")
        items = tuple(_item(item) for item in fields.objects("items"))
        mode = fields.integer("defaultMode", most=0o777)
        return Keyed(
            kind,
            fields.text(name),
            items if listed else None,
            0o644 if mode is None else mode,
            fields.truth("optional") or False,
        )


def _item(fields: Fields) -> Item:
    with fields:
        key = fields.text("key")
        path = fields.text("path")
        if path.startswith(("/", "..")) or ".." in PurePosixPath(path).parts:
            raise Unsupported(fields.at("path"), "must be relative and without `..`")
        return Item(key, path, fields.integer("mode", most=0o777))
