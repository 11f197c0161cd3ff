"""Rules for the kinds that hold data and for those that ask for storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bpc.validate.fault import Fault, Manifest, shorten
from bpc.validate.names import is_data_key
from bpc.validate.pods import quantity_faults

_LARGEST = 1024 * 1024  # bytes of all keys and values of one ConfigMap


def _config_map(manifest: Manifest) -> Iterator[Fault]:
    size = 0
    for field in ("data", "binaryData"):
        for key, value in (manifest.get(field) or {}).items():
            size += len(key) + len((value or "").encode())
            if not is_data_key(key):
                yield Fault((field, key), f"`{shorten(key)}` cannot be a key of a ConfigMap")
    if size > _LARGEST:
        yield Fault(("data",), f"{size} bytes are more than the 1 MiB that a ConfigMap holds")


def _secret(manifest: Manifest) -> Iterator[Fault]:
    for field in ("data", "stringData"):
        if manifest.get(field):
            yield Fault((field,), "values of secrets do not belong into Git")


def _claim(manifest: Manifest) -> Iterator[Fault]:
    resources = (manifest.get("spec") or {}).get("resources") or {}
    requests = resources.get("requests") or {}
    if "storage" not in requests:
        yield Fault(("spec", "resources", "requests"), "missing field `storage`")
    yield from quantity_faults(requests, ("spec", "resources", "requests"))


DATA_RULES: Mapping[str, Callable[[Manifest], Iterator[Fault]]] = {
    "ConfigMap": _config_map,
    "Secret": _secret,
    "PersistentVolumeClaim": _claim,
}
