"""Writes archives as mongodump does, from its source: `common/archive` of mongo-tools."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

_MAGIC = b"\x6d\xe2\x99\x81"
_END = b"\xff\xff\xff\xff"
_POLYNOMIAL = 0xC96C5795D7870F42
_ALL = 2**64 - 1
Value = str | bool | int | bytes


def bson(fields: Mapping[str, Value]) -> bytes:
    """Return a document; bytes are a whole number of 64 bits, as they are."""
    body = b""
    for name, value in fields.items():
        key = name.encode() + b"\0"
        if isinstance(value, bool):
            body += b"\x08" + key + bytes([value])
        elif isinstance(value, int):
            body += b"\x10" + key + struct.pack("<i", value)
        elif isinstance(value, bytes):
            body += b"\x12" + key + value
        else:
            text = value.encode() + b"\0"
            body += b"\x02" + key + struct.pack("<i", len(text)) + text
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def checksum(data: bytes) -> bytes:
    """Return the CRC-64 of ECMA-182."""
    state = _ALL
    for each in data:
        state ^= each
        for _ in range(8):
            state = state >> 1 ^ (_POLYNOMIAL if state & 1 else 0)
    return struct.pack("<Q", state ^ _ALL)


def block(database: str, collection: str, documents: Sequence[bytes]) -> bytes:
    """Return some documents of a collection."""
    header = bson({"db": database, "collection": collection, "EOF": False, "CRC": b"\0" * 8})
    return header + b"".join(documents) + _END


def end(database: str, collection: str, documents: Sequence[bytes]) -> bytes:
    """Return the mark that a collection ends, with the checksum of these documents."""
    crc = checksum(b"".join(documents))
    return bson({"db": database, "collection": collection, "EOF": True, "CRC": crc}) + _END


def about(database: str, name: str, metadata: str, kind: str) -> bytes:
    """Return what the list at the beginning says of a collection."""
    place = {"db": database, "collection": name}
    return bson({**place, "metadata": metadata, "size": 0, "type": kind})


def archive(
    collections: Mapping[tuple[str, str], Sequence[bytes]], *, views: Sequence[str] = ()
) -> bytes:
    """Return a whole archive; the documents of all collections take turns."""
    start: dict[str, Value] = {
        "concurrent_collections": 4,
        "version": "0.1",
        "server_version": "7.0.1",
    }
    result = _MAGIC + bson({**start, "tool_version": "100.9.4"})
    indexes = '{"indexes":[{"v":2,"name":"_id_"},{"v":2,"name":"by_n"}]}'
    for database, name in collections:
        kind = "collection" if database else ""
        result += about(database, name, indexes, kind)
    for name in views:
        result += about("shop", name, "{}", "view")
    result += _END
    for turn in range(2):
        for place, documents in collections.items():
            result += block(*place, documents[turn::2])
    for place, documents in collections.items():
        result += end(*place, [*documents[0::2], *documents[1::2]])
    return result
