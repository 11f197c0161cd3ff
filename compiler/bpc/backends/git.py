"""Git repositories, each as a bundle of all that it holds."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from bpc.jobs import File, JobBackend, Workload
from bpc.model.datasets.base import SecretReference
from bpc.model.datasets.git import Git, SshKey
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.images import image

_PORTS = {"https": 443, "ssh": 22}
_GIB = 2**30
_DEFAULT_SIZE = 3 * _GIB
_DIGITS = 16
_SHORT = 8
_NOBODY = 65_534
"""ssh does not start for a user that the image does not know, and every image knows this one."""


def _workload(plan: PolicyPlan, dataset: DatasetPlan) -> Workload | None:
    spec = dataset.spec
    if not isinstance(spec, Git):
        return None
    parts = [urlsplit(url) for url in spec.repositories]
    files = _files(spec, spec.credentials, spec.ssh_key)
    writing = _files(
        spec, spec.restore_credentials or spec.credentials, spec.restore_ssh_key or spec.ssh_key
    )
    return Workload(
        component="git",
        method="mirror",
        script="git/scripts/mirror.sh",
        namespace=spec.namespace,
        image=image(plan.cluster.spec, "git"),
        environment={
            "REPOSITORIES": "\n".join(_lines(spec.repositories)),
            "LFS": spec.lfs,
            "CA_FILE": "/credentials/authority/ca.crt" if spec.ca_secret is not None else "",
        },
        files=files,
        restore_files=writing,
        ports=tuple(sorted({part.port or _PORTS[part.scheme] for part in parts})),
        user=_NOBODY,
        group=_NOBODY,
        # A repository, its bundle, and the cache of the engine lie side by side.
        scratch=f"{1 + -(-3 * (spec.size or _DEFAULT_SIZE) // _GIB)}Gi",
        target="the address of an empty repository"
        + (
            "" if len({*spec.repositories}) == 1 else "'s parent, below which each has its own name"
        ),
    )


def _lines(repositories: Iterable[str]) -> Iterable[str]:
    """Yield for each repository its part, its address, and its name beside the others, once."""
    once = sorted({*repositories})
    named = Counter(_name(url) for url in once)
    for url in once:
        digits = hashlib.sha256(url.encode()).hexdigest()[:_DIGITS]
        name = _name(url)
        unique = name if named[name] == 1 else f"{name}-{digits[:_SHORT]}"
        yield f"repository-{digits} {url} {unique}.git"


def _name(url: str) -> str:
    path = urlsplit(url).path.rstrip("/")
    return path.rpartition("/")[2].removesuffix(".git") or "repository"


def _files(spec: Git, account: SecretReference | None, key: SshKey | None) -> tuple[File, ...]:
    files: list[File] = []
    if account is not None:
        files += [File(account.secret, name, "git", name) for name in ("username", "password")]
    if key is not None:
        files += [File(key.secret, name, "ssh", name) for name in ("ssh-privatekey", "known_hosts")]
    if spec.ca_secret is not None:
        files.append(File(spec.ca_secret, "ca.crt", "authority", "ca.crt"))
    return tuple(files)


BACKEND = JobBackend("git", ("git",), _workload)
