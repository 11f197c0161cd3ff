"""A connection that can be cut: a relay in front of any server."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

from tests.acceptance.servers.process import LOCALHOST

_PIECE = 65_536


class Relay:
    """Passes everything on to a port of this machine, until `limit` bytes have come from the client.

    Then every connection is cut, and no other is taken.
    """

    def __init__(self, target: int, limit: int) -> None:
        self._target = target
        self._left = limit
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server((LOCALHOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self.cut = False

    def __enter__(self) -> Self:
        """Begin to take connections."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Cut what is left."""
        self._cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection((LOCALHOST, self._target))
                with self._lock:
                    self._open |= {client, server}
                for source, sink, counted in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._pump, args=(source, sink, counted), daemon=True
                    ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                if counted:
                    self._left -= len(piece)
                    if self._left < 0:
                        self._cut()
                        return
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)

    def _cut(self) -> None:
        with self._lock:
            self.cut = True
            for each in (self._listener, *self._open):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._open.clear()
