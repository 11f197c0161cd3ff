"""What a back end hands over: a file of the tree, with what is needed to judge and to explain it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from bpc.diagnostics import Where


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a cluster's tree.

    `path` is relative to the cluster's directory. `content` is text, or, where all policies of a cluster
    have a part in it, a stream of UTF-8 that is only open until the next file is asked for. `data` is the
    Kubernetes object that the file holds, or None for a file that is not one (values, runbooks). `applied`
    says whether a kustomization lists it. `template` and `where` name the template and the policy line
    behind it. `owner` is the policy that the file belongs to, or `cluster`. `privileges` are the controls of
    the Pod Security Standards that the pods of the object break, and have to.
    """

    path: str
    content: str | IO[bytes]
    template: str
    where: Where
    owner: str
    data: Mapping[str, object] | None = None
    applied: bool = True
    privileges: frozenset[str] = frozenset()
