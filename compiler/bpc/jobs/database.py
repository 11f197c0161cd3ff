"""How a job reaches a database server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpc.jobs.workload import File
from bpc.model.datasets.base import Connection, Database, SecretReference

FOLDER = "database"


@dataclass(frozen=True, slots=True)
class Reached:
    """Variables, files and ports of a connection.

    The variables are HOST, PORT, TLS (`disable`, `require` or `verify`) and CA_FILE, which is empty when the
    certificate authorities of the image are to be trusted. The account is in the files `username` and
    `password` below `/credentials/database`.
    """

    environment: Mapping[str, str]
    files: tuple[File, ...]
    restore_files: tuple[File, ...]
    ports: tuple[int, ...]


def connection(spec: Database, usual_port: int) -> Reached:
    """Return how a job reaches the server of a dataset, which must have a connection."""
    reached = spec.connection or Connection(host=spec.name)
    port = reached.port or usual_port
    authority = reached.tls.ca_secret
    files = _account(reached.credentials)
    if authority is not None:
        files = (*files, File(authority, "ca.crt", "authority", "ca.crt"))
    others = tuple(file for file in files if file.folder != FOLDER)
    writing = reached.restore_credentials or reached.credentials
    return Reached(
        environment={
            "HOST": reached.host,
            "PORT": str(port),
            "TLS": reached.tls.mode,
            "CA_FILE": "/credentials/authority/ca.crt" if authority is not None else "",
        },
        files=files,
        restore_files=(*_account(writing), *others),
        ports=(port,),
    )


def _account(reference: SecretReference | None) -> tuple[File, ...]:
    if reference is None:
        return ()
    return tuple(File(reference.secret, key, FOLDER, key) for key in ("username", "password"))
