"""What surrounds a pod: the objects it refers to, the node's files, names and images."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.kubelet.fields import Unsupported

Key = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True)
class Image:
    """A root file system, taken read-only, and what the image says about its environment.

    The root `/` is this machine's, of which only the programs and the configuration are shown:
    `/tmp`, home directories and work trees are empty, as in an image. `mounts` are paths in the
    container and what to show there, read-only. `path` is the image's PATH.
    """

    rootfs: str = "/"
    mounts: Mapping[str, str] = field(default_factory=dict)
    path: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)


def _machine(_: str) -> Image:
    return Image()


@dataclass
class World:
    """The cluster around a pod. What is not in here does not exist.

    `accounts` hold `token` and `ca.crt` of service accounts. `claims` and `host_root` are real
    directories. `hosts` are names and addresses: those of Services in full
    (`db.prod.svc.cluster.local`); the shorter forms follow from a pod's namespace.
    """

    secrets: dict[Key, dict[str, bytes]] = field(default_factory=dict)
    configmaps: dict[Key, dict[str, str]] = field(default_factory=dict)
    accounts: dict[Key, dict[str, bytes]] = field(default_factory=dict)
    claims: dict[Key, Path] = field(default_factory=dict)
    host_root: Path | None = None
    hosts: dict[str, str] = field(default_factory=dict)
    images: Callable[[str], Image] = _machine
    node: str = "node-1"
    api_server: tuple[str, int] = ("10.96.0.1", 443)

    def add(self, obj: Mapping[str, object]) -> None:
        """Take a Secret or a ConfigMap."""
        metadata = obj["metadata"]
        assert isinstance(metadata, Mapping)
        key = str(metadata.get("namespace", "default")), str(metadata["name"])
        data = obj.get("data") or {}
        plain = obj.get("stringData") or {}
        assert isinstance(data, Mapping)
        assert isinstance(plain, Mapping)
        match obj.get("kind"):
            case "Secret":
                decoded = {
                    name: base64.b64decode(text, validate=True) for name, text in data.items()
                }
                self.secrets[key] = decoded | {name: text.encode() for name, text in plain.items()}
            case "ConfigMap" if "binaryData" not in obj:
                self.configmaps[key] = dict(data)
            case kind:
                raise Unsupported("kind", f"`{kind}` is neither a Secret nor a plain ConfigMap")

    def data(self, kind: str, namespace: str, name: str) -> dict[str, bytes] | None:
        """Return the content of a Secret or a ConfigMap, if it exists."""
        if kind == "Secret":
            return self.secrets.get((namespace, name))
        texts = self.configmaps.get((namespace, name))
        return None if texts is None else {key: text.encode() for key, text in texts.items()}
