"""Policies put aside between the two passes, so that a fleet of them needs no memory."""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterator

from bpc.diagnostics import Where
from bpc.model.policy import BackupPolicy
from bpc.plan.shared import Declared

_IN_MEMORY = 4 * 2**20
_LENGTH = 4


class PutAside:
    """Valid policies in the order in which they were read."""

    def __init__(self) -> None:
        self._spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives on
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Give back the temporary file."""
        self._spool.close()

    def add(self, data: dict[str, object], where: Where) -> None:
        """Put one policy aside; its data was valid."""
        record = marshal.dumps((where.path, where.document, data))
        self._spool.write(len(record).to_bytes(_LENGTH) + record)
        self._count += 1

    def __iter__(self) -> Iterator[Declared[BackupPolicy]]:
        """Yield the policies again; only one iteration may run at a time."""
        self._spool.seek(0)
        for _ in range(self._count):
            length = int.from_bytes(self._spool.read(_LENGTH))
            record = self._spool.read(length)
            path, document, data = marshal.loads(record)  # noqa: S302 - this process wrote it
            yield Declared(BackupPolicy.model_validate(data), Where(path, document))
