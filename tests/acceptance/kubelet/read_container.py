"""Reading a container of a pod."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING

from tests.acceptance.kubelet.fields import Fields, Unsupported
from tests.acceptance.kubelet.model import (
    Container,
    FieldRef,
    KeyRef,
    Mount,
    Resources,
    Security,
    Variable,
)

_FIELDS = ("metadata.name", "metadata.namespace", "spec.nodeName", "status.podIP")
_LABEL = re.compile(r"metadata\.labels\['([^']+)'\]")


def read_container(fields: Fields, pod: Security) -> Container:
    """Read one container; `pod` is the security context of its pod."""
    with fields:
        name = fields.text("name")
        image = fields.text("image")
        fields.text_or_none("imagePullPolicy", one_of=("Always", "IfNotPresent", "Never"))
        if not fields.has("command"):
            raise Unsupported(fields.at("command"), "is required, as no entry point is known")
        command = fields.texts("command")
        return Container(
            name=name,
            image=image,
            command=command,
            args=fields.texts("args"),
            directory=fields.text_or_none("workingDir"),
            env=tuple(_variable(item) for item in fields.objects("env")),
            mounts=_mounts(fields),
            resources=_resources(fields.nested("resources")),
            security=_security(fields.nested("securityContext"), pod),
        )


def _variable(fields: Fields) -> Variable:
    with fields:
        name = fields.text("name")
        if not name or "=" in name:
            raise Unsupported(fields.at("name"), f"`{name}` is not a name of a variable")
        if fields.has("value") and fields.has("valueFrom"):
            raise Unsupported(fields.at("valueFrom"), "may not be given together with `value`")
        if not fields.has("valueFrom"):
            return Variable(name, fields.text_or_none("value") or "")
        with fields.nested("valueFrom") as source:
            return Variable(name, _source(source))


def _source(fields: Fields) -> FieldRef | KeyRef:
    if fields.has("fieldRef"):
        with fields.nested("fieldRef") as ref:
            ref.text_or_none("apiVersion", one_of=("v1",))
            path = ref.text("fieldPath")
            label = _LABEL.fullmatch(path)
            if label is None and path not in _FIELDS:
                raise Unsupported(ref.at("fieldPath"), f"`{path}` is not implemented")
            return FieldRef(path, label and label[1])
    fields.refuse("resourceFieldRef", "not implemented")
    secret = fields.has("secretKeyRef")
    with fields.nested("secretKeyRef" if secret else "configMapKeyRef") as ref:
        return KeyRef(
            "Secret" if secret else "ConfigMap",
            ref.text("name"),
            ref.text("key"),
            ref.truth("optional") or False,
        )


def _mounts(fields: Fields) -> tuple[Mount, ...]:
    mounts: dict[str, Mount] = {}
    for item in fields.objects("volumeMounts"):
        with item:
            mount = Mount(
                item.text("name"), item.text("mountPath"), item.truth("readOnly") or False
            )
            if not mount.path.startswith("/"):
                raise Unsupported(item.at("mountPath"), "must be an absolute path")
            if mount.path in mounts:
                raise Unsupported(item.at("mountPath"), "must be unique")
            mounts[mount.path] = mount
    return tuple(mounts.values())


def _resources(fields: Fields) -> Resources:
    with fields:
        with fields.nested("requests") as requests:
            requests.quantity("memory")
            requests.quantity("ephemeral-storage")
            share = requests.quantity("cpu")
        with fields.nested("limits") as limits:
            memory = limits.quantity("memory")
            cpu = limits.quantity("cpu")
            limits.quantity("ephemeral-storage")
    # Without a request Kubernetes requests as much as the limit.
    asked = cpu if share is None else share
    return Resources(
        memory=None if memory is None else int(memory),
        cpu=None if cpu is None else int((cpu * 1000).to_integral_value(ROUND_CEILING)),
        shares=None if asked is None else max(2, int(asked * 1024)),
    )


def read_seccomp(fields: Fields) -> bool | None:
    """Tell whether the profile of the runtime applies, if anything is said about it."""
    if not fields.has("seccompProfile"):
        return None
    with fields.nested("seccompProfile") as profile:
        return profile.text("type", one_of=("RuntimeDefault", "Unconfined")) == "RuntimeDefault"


def _security(fields: Fields, pod: Security) -> Security:
    with fields:
        if fields.truth("privileged"):
            raise Unsupported(fields.at("privileged"), "privileged containers are not implemented")
        user = fields.integer("runAsUser")
        group = fields.integer("runAsGroup")
        non_root = fields.truth("runAsNonRoot")
        seccomp = read_seccomp(fields)
        escalation = fields.truth("allowPrivilegeEscalation")
        with fields.nested("capabilities") as capabilities:
            drop = capabilities.texts("drop")
            adding = capabilities.at("add")
            add = capabilities.texts("add")
        user = pod.user if user is None else user
        if add and user:
            # Kubernetes gives no ambient capabilities, podman does.
            raise Unsupported(adding, "would have no effect on a user other than root")
        return Security(
            user=user,
            group=pod.group if group is None else group,
            non_root=pod.non_root if non_root is None else non_root,
            seccomp=pod.seccomp if seccomp is None else seccomp,
            escalation=escalation is not False,
            read_only_root=fields.truth("readOnlyRootFilesystem") or False,
            drop=drop,
            add=add,
        )
