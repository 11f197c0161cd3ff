"""The scripts with which a person fetches a point when there is no cluster to run a job on."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from bpc.backends.etcd.control import restorer
from bpc.jobs.pod import engine
from bpc.jobs.stores import environment, folder, remote
from bpc.model.control_plane import Kubeadm, KubeadmExternalEtcd
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan
from bpc.render import Renderer, header

SCRIPTS = {
    "fetch.sh": "etcd/scripts/fetch.sh",
    "method.sh": "etcd/scripts/returned.sh",
    "trailer.sh": "etcd/scripts/trailer.sh",
    "engine.sh": f"{names.SHARED}/scripts/engine.sh",
    "restore.sh": f"{names.SHARED}/scripts/restore.sh",
}
"""What lies in the restore directory, and where each comes from."""
_NEWEST = "etcdutl"


def scripts(dataset: DatasetPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the scripts of the restore directory."""
    for name, path in SCRIPTS.items():
        yield _file(dataset, dataset, name, render.script(path), path)


def settings(
    plan: PolicyPlan, dataset: DatasetPlan, stored: DatasetPlan, what: str
) -> Iterator[Artifact]:
    """Yield for each copy of `stored` the values that the scripts need."""
    for copy in stored.copies:
        if copy.location.spec.encryption is not None:
            lines = [f"{name}={value}" for name, value in _values(plan, stored, copy).items()]
            text = header(dataset.where.path) + "\n".join(lines) + "\n"
            yield _file(dataset, stored, f"{what}--{copy.location.name}.env", text, "etcd")


def keys(stored: DatasetPlan) -> tuple[str, ...]:
    """Return the files below KEYS that are needed to read the first copy."""
    spec = stored.copies[0].location.spec
    found = [f"{each.secret}/{each.key}" for each in (spec.encryption, spec.credentials) if each]
    return tuple(found)


def _values(plan: PolicyPlan, stored: DatasetPlan, copy: CopyPlan) -> Mapping[str, str]:
    """Return shell words: a value in quotes, or one that begins with a variable which a person has set."""
    location = copy.location
    spec = location.spec
    cloud = _key(spec.credentials.secret, spec.credentials.key) if spec.credentials else "''"
    place = folder(location, stored)
    store = shlex.quote(f"store:{place}")
    if remote(location).claim is not None:
        # Only a person knows where they have mounted the volume.
        store = 'store:"$VOLUME"' + shlex.quote(place.removeprefix(remote(location).root))
    own = remote(location).credentials
    found = {
        name: shlex.quote(value) for name, value in environment(location, "STORE", "cloud").items()
    }
    if spec.credentials is not None and own is not None:
        found[f"RCLONE_CONFIG_STORE_{own}"] = cloud
    password = _key(spec.encryption.secret, spec.encryption.key) if spec.encryption else "''"
    return {
        "RCLONE_CONFIG": "/dev/null",
        "RCLONE_CONTIMEOUT": "15s",
        "CLUSTER": shlex.quote(plan.cluster.name),
        "POLICY": shlex.quote(plan.name),
        "DATASET": shlex.quote(stored.name),
        "LOCATION": shlex.quote(location.name),
        "ENGINE": shlex.quote(_engine(stored, copy)),
        "STORE": store,
        **found,
        "ENCRYPTION_FILE": password,
        "AZURE_CREDENTIALS_FILE": cloud if spec.credentials is not None and own is None else "''",
        "RESTORER": _restorer(plan),
    }


def _engine(stored: DatasetPlan, copy: CopyPlan) -> str:
    """Return the engine that wrote a copy: that of the copy which it was made from."""
    source = next((each for each in stored.copies if each.location.name == copy.source), copy)
    return engine(source)


def _restorer(plan: PolicyPlan) -> str:
    control = plan.cluster.spec.control_plane
    if isinstance(control, Kubeadm | KubeadmExternalEtcd):
        return restorer(control.etcd)
    return _NEWEST


def _key(secret: str, key: str) -> str:
    return f'"$KEYS"/{shlex.quote(secret)}/{shlex.quote(key)}'


def _file(
    dataset: DatasetPlan, owner: DatasetPlan, name: str, text: str, template: str
) -> Artifact:
    return Artifact(
        path=f"{names.restore_directory(dataset.policy, dataset.name)}/{name}",
        content=text,
        template=template,
        where=owner.where,
        owner=dataset.policy,
        applied=False,
    )
