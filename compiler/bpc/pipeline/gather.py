"""The first pass: every file read and checked, shared documents kept, policies put aside."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bpc.diagnostics import Finding, Severity, Where
from bpc.model.documents import AnyDocument
from bpc.model.policy import BackupPolicy
from bpc.model.reading import read_document
from bpc.output.lock import Input
from bpc.pipeline.policies import PutAside
from bpc.plan.resolve import Surroundings
from bpc.plan.shared import Declared, Shared, collect
from bpc.plan.survey import Survey
from bpc.source import Document, parse
from bpc.source.secrets import find_secrets


@dataclass(slots=True)
class Gathered:
    """What all files hold together.

    `digests` has the SHA-256 of each file by its path. `findings` are those of the files and of the
    documents that policies share; each policy's own come when it is compiled. `incomplete` says that a
    document was lost, so that a reference to it proves nothing. `everywhere` are files that every cluster
    depends on.
    """

    shared: Shared
    policies: PutAside
    digests: dict[str, str]
    findings: list[Finding] = field(default_factory=list)
    incomplete: bool = False
    everywhere: tuple[str, ...] = ()

    def depend_on(self, path: str, content: bytes) -> None:
        """Take note of a file that the output of every cluster depends on."""
        self.digests[path] = hashlib.sha256(content).hexdigest()
        self.everywhere = (*self.everywhere, path)

    def survey(self) -> Surroundings:
        """Go over all policies once and return what compiling one of them has to know of the rest."""
        survey = Survey(self.shared)
        for policy in self.policies:
            survey.add(policy)
        self.findings += survey.findings
        return Surroundings(self.shared, survey.cluster_plans(), survey.slots(), survey.files())

    def inputs(
        self, files: Mapping[str, Iterable[str]], homes: Mapping[str, str]
    ) -> dict[str, list[Input]]:
        """Return for each cluster the files that its output comes from.

        `homes` has for each cluster the file that defines it.
        """
        defined: dict[str, list[str]] = defaultdict(list)
        for cluster, path in sorted(homes.items()):
            defined[path].append(cluster)
        return {
            cluster: [
                Input(path, self.digests[path], tuple(defined.get(path, ())))
                for path in sorted({*paths, *self.everywhere})
            ]
            for cluster, paths in files.items()
        }


def gather(
    paths: Iterable[str], read: Callable[[str], bytes | Finding], policies: PutAside
) -> Gathered:
    """Read every file; what is wrong with one does not keep the others from being read.

    Valid policies are put aside in `policies`.
    """
    findings: list[Finding] = []
    documents: list[Declared[AnyDocument]] = []
    digests: dict[str, str] = {}
    for path in paths:
        content = read(path)
        if isinstance(content, Finding):
            findings.append(content)
            continue
        digests[path] = hashlib.sha256(content).hexdigest()
        parsed = parse(content, path)
        findings += parsed.findings
        for document in parsed.documents:
            findings += find_secrets(document)
            _sort_in(document, documents, policies, findings)
    lost = any(finding.code.severity is Severity.ERROR for finding in findings)
    shared, wrong = collect(documents)
    return Gathered(shared, policies, digests, findings + wrong, incomplete=lost)


def _sort_in(
    document: Document,
    documents: list[Declared[AnyDocument]],
    policies: PutAside,
    findings: list[Finding],
) -> None:
    model, wrong = read_document(document)
    findings += wrong
    if isinstance(model, BackupPolicy):
        policies.add(document.data, Where(document.path, document.index))
    elif model is not None:
        documents.append(Declared(model, Where(document.path, document.index)))
