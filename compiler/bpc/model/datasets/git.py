"""Mirrors of the repositories that a recovery needs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import DnsLabel
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


class Git(Dataset):
    """A mirror of Git repositories."""

    type: Literal["git"]
    """Marks the dataset as repositories."""
    repositories: tuple[RepositoryUrl, ...] = Field(min_length=1)
    """The addresses of the repositories."""
    namespace: DnsLabel
    """The namespace in which the job runs."""
    credentials: SecretReference | None = None
    """The account that the job uses."""
