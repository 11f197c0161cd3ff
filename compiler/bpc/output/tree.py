"""The output tree: one directory per cluster, built together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bpc.output.cluster import Changes, ClusterWriter
from bpc.output.compare import Drift
from bpc.output.errors import HandEditedError, OutputError
from bpc.output.files import Files
from bpc.output.folders import Folders
from bpc.output.lock import Input, Lock, LockHeader
from bpc.output.paths import LOCK_NAME, cluster_fault
from bpc.output.root import locked_root
from bpc.output.staging import STAGING_PREFIX
from bpc.output.syscalls import Syscalls


class OutputTree:
    """The output root, open and locked for one build or one check."""

    def __init__(self, files: Files, *, readonly: bool) -> None:
        self._files = files
        self._readonly = readonly
        self._writers: dict[str, ClusterWriter] = {}

    def cluster(self, name: str, header: LockHeader, inputs: Sequence[Input]) -> ClusterWriter:
        """Begin a cluster directory; `inputs` are the policy files that it depends on."""
        return self._begin(name, header, inputs)

    def remove_cluster(self, name: str) -> None:
        """Let a commit remove a cluster's own, unmodified files; foreign files stay."""
        self._begin(name, None, ())

    def stale_clusters(self, known: Collection[str]) -> list[str]:
        """Return the clusters that bpc has written and that are not among `known`."""
        names = set()
        for name, is_folder in self._files.entries(""):
            cluster = name.removeprefix(STAGING_PREFIX)
            if not is_folder or cluster in known or cluster_fault(cluster):
                continue
            if cluster != name or Lock(self._files, f"{name}/{LOCK_NAME}").exists:
                names.add(cluster)
        return sorted(names)

    def drift(self) -> Iterator[Drift]:
        """Yield how every cluster on disk differs from what was added to it."""
        self._files.folders.forget()
        for _, writer in sorted(self._writers.items()):
            yield from writer.drift()

    def commit(self, *, force: bool = False, allow_empty: bool = False) -> list[Changes]:
        """Put every cluster in place; where one must be refused, none is touched.

        Raises HandEditedError with the files of all clusters unless forced. After any other failure the
        old tree is whole, or the next build repairs it.
        """
        if self._readonly:
            raise OutputError("the output tree was opened for a check, which writes nothing")
        # Whoever replaced a directory by a link since it was opened must be noticed now.
        self._files.folders.forget()
        steps, refused = [], []
        for _, writer in sorted(self._writers.items()):
            try:
                steps.append(writer.prepare(force=force, allow_empty=allow_empty))
            except HandEditedError as error:
                refused.append(error)
        if refused:
            raise HandEditedError.of(
                (path for error in refused for path in error.edited),
                (path for error in refused for path in error.foreign),
            )
        return [step() for step in steps]

    def close(self) -> None:
        """Remove what waited and was not committed; the next build removes what is left here."""
        for writer in () if self._readonly else self._writers.values():
            with suppress(OutputError):
                writer.abandon()
        with suppress(OutputError):
            self._files.folders.forget()

    def _begin(
        self, name: str, header: LockHeader | None, inputs: Sequence[Input]
    ) -> ClusterWriter:
        fault = cluster_fault(name) or ("it is open already" if name in self._writers else "")
        if fault:
            raise OutputError(
                f"`{name}` cannot be a cluster directory: {fault}", "rename it", (name,)
            )
        writer = ClusterWriter(self._files, name, header, inputs, readonly=self._readonly)
        self._writers[name] = writer
        return writer


@contextmanager
def open_tree(
    root: Path,
    *,
    forbidden: Iterable[Path] = (),
    readonly: bool = False,
    durable: bool = True,
    calls: Syscalls | None = None,
) -> Iterator[OutputTree]:
    """Open the output root, created where it is missing, and lock it against every other bpc.

    The root may not be a symbolic link, nor be or hold `/` or one of `forbidden`. With `readonly`
    nothing is ever written: `drift` is the answer. Raises OutputError.
    """
    system = calls or Syscalls()
    with locked_root(root, forbidden, system, readonly=readonly) as fd:
        tree = OutputTree(Files(Folders(fd, str(root), system, durable=durable)), readonly=readonly)
        try:
            yield tree
        finally:
            tree.close()
