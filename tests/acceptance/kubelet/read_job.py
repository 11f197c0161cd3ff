"""Reading a CronJob or a Job into what this kubelet runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.acceptance.kubelet.fields import Fields, Unsupported
from tests.acceptance.kubelet.model import Container, Job, Mount, PodSpec, Security, Token, Volume
from tests.acceptance.kubelet.read_container import read_container, read_seccomp
from tests.acceptance.kubelet.read_volume import read_volume

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 -- a path
_SCHEDULING = ("nodeSelector", "affinity")
_CRON_NAME = 52
_JOB_NAME = 63


def read_job(manifest: Mapping[str, object]) -> Job:
    """Return the Job, or the one that the CronJob would create.

    Raises `Unsupported` with the path of the first field that is not implemented.
    """
    with Fields(manifest, "") as top:
        top.text("apiVersion", one_of=("batch/v1",))
        cron = top.text("kind", one_of=("CronJob", "Job")) == "CronJob"
        with top.nested("metadata") as metadata:
            name = metadata.text("name")
            if len(name) > (_CRON_NAME if cron else _JOB_NAME):
                raise Unsupported(metadata.at("name"), "is too long")
            namespace = metadata.text_or_none("namespace") or "default"
            metadata.strings("labels")
            metadata.strings("annotations")
        with top.nested("spec") as spec:
            if not cron:
                return _job(spec, name, namespace, cron=False)
            _schedule(spec)
            with spec.nested("jobTemplate") as template:
                _described(template)
                with template.nested("spec") as job:
                    return _job(job, name, namespace, cron=True)


def _schedule(spec: Fields) -> None:
    spec.text("schedule")
    spec.text_or_none("timeZone")
    spec.text_or_none("concurrencyPolicy", one_of=("Allow", "Forbid", "Replace"))
    spec.integer("startingDeadlineSeconds")
    spec.integer("successfulJobsHistoryLimit")
    spec.integer("failedJobsHistoryLimit")
    if spec.truth("suspend"):
        raise Unsupported(spec.at("suspend"), "a suspended CronJob does not run")


def _described(fields: Fields) -> dict[str, str]:
    with fields.nested("metadata") as metadata:
        metadata.strings("annotations")
        return metadata.strings("labels")


def _job(spec: Fields, name: str, namespace: str, *, cron: bool) -> Job:
    backoff = spec.integer("backoffLimit")
    deadline = spec.integer("activeDeadlineSeconds", least=1)
    spec.integer("ttlSecondsAfterFinished")
    with spec.nested("template") as template:
        labels = _described(template)
        with template.nested("spec") as pod:
            return Job(
                name=name,
                namespace=namespace,
                cron=cron,
                backoff_limit=6 if backoff is None else backoff,
                deadline=deadline,
                labels=labels,
                pod=_pod(pod),
            )


def _pod(spec: Fields) -> PodSpec:
    spec.text("restartPolicy", one_of=("Never",))
    account = spec.text_or_none("serviceAccountName") or "default"
    token = spec.truth("automountServiceAccountToken") is not False
    spec.truth("enableServiceLinks")
    host_network = spec.truth("hostNetwork") or False
    policies = ("ClusterFirst", "ClusterFirstWithHostNet", "Default")
    dns = spec.text_or_none("dnsPolicy", one_of=policies) or "ClusterFirst"
    scheduling: dict[str, object] = {key: spec.raw(key) for key in _SCHEDULING if spec.has(key)}
    scheduling["tolerations"] = [item for _, item in spec.items("tolerations")]
    grace = spec.integer("terminationGracePeriodSeconds")
    with spec.nested("securityContext") as context:
        security = Security(
            user=context.integer("runAsUser"),
            group=context.integer("runAsGroup"),
            non_root=context.truth("runAsNonRoot") or False,
            seccomp=read_seccomp(context) or False,
        )
        fs_group = context.integer("fsGroup")
        change = context.text_or_none("fsGroupChangePolicy", one_of=("Always", "OnRootMismatch"))
        groups = _groups(context)
    volumes = [read_volume(item) for item in spec.objects("volumes")]
    _unique(spec.at("volumes"), [volume.name for volume in volumes])
    init = _containers(spec, "initContainers", security, volumes)
    containers = _containers(spec, "containers", security, volumes)
    if not containers:
        raise Unsupported(spec.at("containers"), "is required")
    _unique(spec.at("containers"), [container.name for container in init + containers])
    if token:
        volumes.append(Volume("kube-api-access", Token(account)))
    return PodSpec(
        account=account,
        host_network=host_network,
        # A pod on the network of its node asks the node's resolver, which knows no Service.
        cluster_names=dns == "ClusterFirstWithHostNet"
        or (dns == "ClusterFirst" and not host_network),
        grace=30 if grace is None else grace,
        fs_group=fs_group,
        fs_group_on_mismatch=change == "OnRootMismatch",
        groups=groups,
        volumes=tuple(volumes),
        init=tuple(_with_token(container) if token else container for container in init),
        containers=tuple(
            _with_token(container) if token else container for container in containers
        ),
        scheduling=scheduling,
    )


def _groups(context: Fields) -> tuple[int, ...]:
    found: list[int] = []
    for path, item in context.items("supplementalGroups"):
        if isinstance(item, bool) or not isinstance(item, int):
            raise Unsupported(path, f"must be a number, not `{item!r}`")
        found.append(item)
    return tuple(found)


def _containers(
    spec: Fields, key: str, security: Security, volumes: list[Volume]
) -> tuple[Container, ...]:
    names = {volume.name for volume in volumes}
    found = []
    for item in spec.objects(key):
        container = read_container(item, security)
        for index, mount in enumerate(container.mounts):
            if mount.volume not in names:
                path = item.at(f"volumeMounts[{index}].name")
                raise Unsupported(path, f"there is no volume `{mount.volume}`")
        found.append(container)
    return tuple(found)


def _unique(path: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise Unsupported(path, "names must be unique")


def _with_token(container: Container) -> Container:
    if any(mount.path == TOKEN_PATH for mount in container.mounts):
        return container
    mount = Mount("kube-api-access", TOKEN_PATH, read_only=True)
    return replace(container, mounts=(*container.mounts, mount))
