"""Rules for the spec of a pod that the packaged schemas do not hold.

Those schemas know no enum, no range and no relation between two fields, and the API server checks many
of these only when a controller creates the pod: long after the change was merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bpc.diagnostics import Pointer
from bpc.validate.fault import Fault, Manifest, shorten
from bpc.validate.names import is_dns_label
from bpc.validate.quantities import amount
from bpc.validate.substitution import kubelet_faults

_IMAGE = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")
_ENV_NAME = re.compile(r"[-._A-Za-z][-._A-Za-z0-9]*")
_PULL_POLICIES = (None, "Always", "IfNotPresent", "Never")
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_LARGEST_MODE = 0o777


def pod_faults(
    spec: Manifest, at: Pointer, restart: Sequence[str] = _RESTART_POLICIES
) -> Iterator[Fault]:
    """Yield what is wrong with the spec of a pod at `at`; `restart` are the policies it may have."""
    policy = spec.get("restartPolicy") or "Always"
    if policy not in restart:
        either = " or ".join(f"`{name}`" for name in restart)
        yield Fault((*at, "restartPolicy"), f"is `{policy}` and must be {either}")
    groups = [(name, spec.get(name) or ()) for name in ("initContainers", "containers")]
    if not groups[1][1]:
        yield Fault((*at, "containers"), "a pod needs a container")
    for name, containers in groups:
        for index, container in enumerate(containers):
            yield from _container(container, (*at, name, index))
    everyone = [container for _, containers in groups for container in containers]
    yield from _names([container["name"] for container in everyone], (*at, "containers"))
    yield from _volumes(spec.get("volumes") or (), everyone, at)


def _container(container: Manifest, at: Pointer) -> Iterator[Fault]:
    image = container.get("image") or ""
    if not _IMAGE.fullmatch(image):
        yield Fault((*at, "image"), f"`{shorten(image)}` is not pinned by `@sha256:` and 64 digits")
    if container.get("imagePullPolicy") not in _PULL_POLICIES:
        yield Fault((*at, "imagePullPolicy"), f"`{container['imagePullPolicy']}` is no pull policy")
    yield from _environment(container.get("env") or (), (*at, "env"))
    yield from _resources(container.get("resources") or {}, (*at, "resources"))
    yield from _mount_paths(container.get("volumeMounts") or (), (*at, "volumeMounts"))
    yield from kubelet_faults(container, at)


def _environment(variables: Sequence[Manifest], at: Pointer) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, variable in enumerate(variables):
        name = variable["name"]
        if not _ENV_NAME.fullmatch(name):
            yield Fault((*at, index, "name"), f"`{shorten(name)}` cannot name a variable")
        if name in seen:
            yield Fault((*at, index, "name"), f"`{shorten(name)}` is set twice")
        seen.add(name)


def _resources(resources: Manifest, at: Pointer) -> Iterator[Fault]:
    for side in ("requests", "limits"):
        quantities = resources.get(side) or {}
        if "memory" not in quantities:
            yield Fault((*at, side), "missing field `memory`")
        yield from quantity_faults(quantities, (*at, side))
    limits = resources.get("limits") or {}
    for name, requested in (resources.get("requests") or {}).items():
        if name in limits and _exceeds(requested, limits[name]):
            yield Fault(
                (*at, "requests", name), f"`{requested}` is above the limit `{limits[name]}`"
            )


def quantity_faults(quantities: Mapping[str, str | int | float], at: Pointer) -> Iterator[Fault]:
    """Yield the amounts that Kubernetes cannot read or that are negative."""
    for name, quantity in quantities.items():
        try:
            if amount(quantity) < 0:
                yield Fault((*at, name), f"`{quantity}` is negative")
        except ValueError as error:
            yield Fault((*at, name), str(error))


def _exceeds(requested: str | int | float, limit: str | int | float) -> bool:
    try:
        return amount(requested) > amount(limit)
    except ValueError:
        return False


def _mount_paths(mounts: Sequence[Manifest], at: Pointer) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, mount in enumerate(mounts):
        path = mount["mountPath"]
        if not path.startswith("/") or ":" in path:
            yield Fault((*at, index, "mountPath"), f"`{shorten(path)}` is no absolute path")
        if path in seen:
            yield Fault((*at, index, "mountPath"), f"`{shorten(path)}` is mounted twice")
        seen.add(path)


def _names(names: Sequence[str], at: Pointer) -> Iterator[Fault]:
    if len(set(names)) < len(names):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Fault(at, f"the name `{shorten(name)}` is used twice")
    for name in names:
        if not is_dns_label(name):
            yield Fault(at, f"`{shorten(name)}` is no DNS label of at most 63 characters")


def _volumes(
    volumes: Sequence[Manifest], containers: Sequence[Manifest], at: Pointer
) -> Iterator[Fault]:
    declared = [volume["name"] for volume in volumes]
    yield from _names(declared, (*at, "volumes"))
    used = {
        item["name"]
        for container in containers
        for kind in ("volumeMounts", "volumeDevices")
        for item in container.get(kind) or ()
    }
    for name in sorted(used - set(declared)):
        yield Fault((*at, "volumes"), f"no volume `{shorten(name)}` for what a container mounts")
    for name in sorted(set(declared) - used):
        yield Fault((*at, "volumes"), f"no container mounts the volume `{shorten(name)}`")
    for index, volume in enumerate(volumes):
        yield from _volume(volume, (*at, "volumes", index))


def _volume(volume: Manifest, at: Pointer) -> Iterator[Fault]:
    if len(volume) != 2:  # noqa: PLR2004 its name and its source
        yield Fault(at, "a volume needs exactly one source")
    for kind, source in volume.items():
        if kind == "name" or not source:
            continue
        yield from _modes(source, (*at, kind))
        for index, projected in enumerate(source.get("sources") or ()):
            for name, part in projected.items():
                yield from _modes(part or {}, (*at, kind, "sources", index, name))
        if source.get("sizeLimit") is not None:
            yield from quantity_faults({"sizeLimit": source["sizeLimit"]}, (*at, kind))


def _modes(source: Manifest, at: Pointer) -> Iterator[Fault]:
    default = source.get("defaultMode")
    if default is not None and not 0 <= default <= _LARGEST_MODE:
        yield Fault((*at, "defaultMode"), f"`{default}` is no file mode from 0 to 511")
    for index, item in enumerate(source.get("items") or ()):
        mode = item.get("mode")
        if mode is not None and not 0 <= mode <= _LARGEST_MODE:
            yield Fault((*at, "items", index, "mode"), f"`{mode}` is no file mode from 0 to 511")
