"""Mirrors of the repositories that a recovery needs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import DnsLabel, ObjectName, Spec
from bpc.model.datasets.base import Dataset, SecretReference
from bpc.model.format import Format

RepositoryUrl = Annotated[
    str,
    Field(
        pattern=r"^(https://[A-Za-z0-9.-]+(:[0-9]+)?/|ssh://([a-z0-9_-]+@)?[A-Za-z0-9.-]+(:[0-9]+)?/)[A-Za-z0-9._~/-]+$"
    ),
    Format(
        "the address of a repository", "`https://` or `ssh://`, a host and a path, and no password"
    ),
]


class SshKey(Spec):
    """A Secret in the dataset's namespace."""

    secret: ObjectName
    """The name of the Secret, with the keys `ssh-privatekey` and `known_hosts`."""


class Git(Dataset):
    """A mirror of Git repositories."""

    type: Literal["git"]
    """Marks the dataset as repositories."""
    repositories: tuple[RepositoryUrl, ...] = Field(min_length=1)
    """The addresses of the repositories."""
    namespace: DnsLabel
    """The namespace in which the job runs."""
    credentials: SecretReference | None = None
    """The account for `https://` addresses; it only has to read. Public repositories need none."""
    restore_credentials: SecretReference | None = None
    """The account that the restore job uses, which may write; that of the backup job unless set."""
    ssh_key: SshKey | None = None
    """The key for `ssh://` addresses; it only has to read."""
    restore_ssh_key: SshKey | None = None
    """The key that the restore job uses, which may write; that of the backup job unless set."""
    ca_secret: ObjectName | None = None
    """The Secret whose key `ca.crt` holds the authority of the servers, in place of the public ones."""
    lfs: Literal["refuse", "pointers"] = "refuse"
    """What happens to a repository that keeps files outside of itself, with Git LFS.

    - `refuse`: the backup fails, since those files would be missing.
    - `pointers`: only the pointers to the files are saved; something else protects the files.
    """

    def purposes(self) -> tuple[str, ...]:
        """Return the image with Git."""
        return ("git",)
