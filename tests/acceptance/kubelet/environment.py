"""The environment, command and names that a container is given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.acceptance.kubelet.model import Container, FieldRef, KeyRef, Variable
from tests.acceptance.kubelet.outcome import ConfigError
from tests.acceptance.kubelet.world import World

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")
_SERVICE = re.compile(r"([^.]+)\.([^.]+)\.svc\.cluster\.local")


@dataclass(frozen=True)
class Identity:
    """A pod as its containers may ask about it."""

    name: str
    namespace: str
    labels: Mapping[str, str]


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$(NAME)` as Kubernetes does: `$$` is a dollar, an unknown name stays as it is."""

    def value(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        return variables.get(match[1], match[0])

    return _REFERENCE.sub(value, text)


def service_variables(world: World) -> dict[str, str]:
    """Return what every container gets about the API server, also without service links."""
    host, port = world.api_server
    url = f"tcp://{host}:{port}"
    return {
        "KUBERNETES_SERVICE_HOST": host,
        "KUBERNETES_SERVICE_PORT": str(port),
        "KUBERNETES_SERVICE_PORT_HTTPS": str(port),
        "KUBERNETES_PORT": url,
        f"KUBERNETES_PORT_{port}_TCP": url,
        f"KUBERNETES_PORT_{port}_TCP_PROTO": "tcp",
        f"KUBERNETES_PORT_{port}_TCP_PORT": str(port),
        f"KUBERNETES_PORT_{port}_TCP_ADDR": host,
    }


def variables(container: Container, pod: Identity, world: World) -> dict[str, str]:
    """Return the environment of the manifest: a variable sees those before it.

    Raises `ConfigError` for a reference to nothing.
    """
    services = service_variables(world)
    found: dict[str, str] = {}
    for variable in container.env:
        value = _value(variable, pod, world)
        if isinstance(variable.value, str):
            value = expand(variable.value, {**services, **found})
        if value is not None:
            found[variable.name] = value
    return {**services, **found}


def _value(variable: Variable, pod: Identity, world: World) -> str | None:
    match variable.value:
        case str(value):
            return value
        case FieldRef(label=str(label)):
            return pod.labels.get(label, "")
        case FieldRef(path=path):
            return {
                "metadata.name": pod.name,
                "metadata.namespace": pod.namespace,
                "spec.nodeName": world.node,
                "status.podIP": "127.0.0.1",
            }[path]
        case KeyRef(kind, name, key, optional):
            data = world.data(kind, pod.namespace, name)
            if data is not None and key in data:
                return _text(data[key], f"{kind} {pod.namespace}/{name}, key {key}")
            if optional:
                return None
            if data is None:
                raise ConfigError(f'{kind.lower()} "{name}" not found')
            raise ConfigError(f"couldn't find key {key} in {kind} {pod.namespace}/{name}")


def _text(value: bytes, origin: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{origin}: no variable can hold this value") from error


def command(container: Container, known: Mapping[str, str]) -> Sequence[str]:
    """Return what is executed."""
    return [expand(word, known) for word in container.command + container.args]


def hosts_file(world: World, namespace: str, pod: str, *, cluster: bool) -> str:
    """Return /etc/hosts, which stands for DNS as well.

    The shorter forms of a Service's name are what the search domains of a pod add up to.
    """
    lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost", f"127.0.0.1\t{pod}"]
    for name, address in world.hosts.items():
        service = _SERVICE.fullmatch(name)
        if service is None:
            lines.append(f"{address}\t{name}")
        elif cluster:
            short, home = service.groups()
            names = [name, f"{short}.{home}.svc", f"{short}.{home}"]
            lines.append("\t".join([address, *names, *([short] if home == namespace else [])]))
    return "\n".join(lines) + "\n"
