"""Requests to an S3 server, signed by the rules of AWS Signature Version 4."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import http.client
import ssl
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass

# Servers of one region take any name, and this is what clients default to.
REGION = "us-east-1"


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Tell whether the request was carried out."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """Return the name of the error, if there is one, such as `AccessDenied`."""
        return self.texts("Code")[0] if not self.ok and self.body else ""

    def texts(self, tag: str) -> list[str]:
        """Return the texts of all elements of a name, whatever their namespace."""
        # the document comes from our own server on loopback
        document = ET.fromstring(self.body)  # noqa: S314
        return [each.text or "" for each in document.iter() if each.tag.rsplit("}")[-1] == tag]


@dataclass(frozen=True)
class S3Client:
    """One identity on one server, with paths of the form `/bucket/key`."""

    endpoint: str
    access: str
    secret: str
    ca: str | None = None

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request."""
        where = urllib.parse.urlsplit(self.endpoint)
        quoted = urllib.parse.quote(path)
        asked = urllib.parse.urlencode(sorted((query or {}).items()), quote_via=urllib.parse.quote)
        # needed for the deletion of many objects and for object lock, and harmless elsewhere
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        sent = {"host": where.netloc, "content-md5": digest}
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        sent |= self.signed(method, quoted, asked, body, sent)
        connection: http.client.HTTPConnection
        if where.scheme == "https":
            trust = ssl.create_default_context(cafile=self.ca)
            connection = http.client.HTTPSConnection(where.netloc, timeout=60, context=trust)
        else:
            connection = http.client.HTTPConnection(where.netloc, timeout=60)
        try:
            connection.request(method, f"{quoted}?{asked}" if asked else quoted, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def signed(
        self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the headers that date and sign a request."""
        moment = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
        payload = hashlib.sha256(body).hexdigest()
        added = {"x-amz-content-sha256": payload, "x-amz-date": moment}
        lines = sorted({**headers, **added}.items())
        names = ";".join(name for name, _ in lines)
        canonical = "".join(f"{name}:{value.strip()}\n" for name, value in lines)
        request = "\n".join([method, path, query, canonical, names, payload])
        scope = f"{moment[:8]}/{REGION}/s3/aws4_request"
        summary = hashlib.sha256(request.encode()).hexdigest()
        key = f"AWS4{self.secret}".encode()
        for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{summary}"):
            key = hmac.digest(key, part.encode(), "sha256")
        credential = f"Credential={self.access}/{scope}"
        added["authorization"] = (
            f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={key.hex()}"
        )
        return added

    def get(self, bucket: str, key: str, version: str = "") -> bytes:
        """Return an object; an error is an `OSError`."""
        return self.must("GET", f"/{bucket}/{key}", query=versioned(version)).body

    def put(self, bucket: str, key: str, body: bytes) -> str:
        """Store an object, and return its version, if versions are kept."""
        return self.must("PUT", f"/{bucket}/{key}", body).headers.get("x-amz-version-id", "")

    def delete(self, bucket: str, key: str, version: str = "") -> Answer:
        """Delete an object, or one version of it, and return what the server said."""
        return self.request("DELETE", f"/{bucket}/{key}", query=versioned(version))

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Return the first thousand names of objects."""
        query = {"list-type": "2", "prefix": prefix}
        return self.must("GET", f"/{bucket}", query=query).texts("Key")

    def must(
        self, method: str, path: str, body: bytes = b"", query: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request that has to succeed."""
        answer = self.request(method, path, body, query)
        if not answer.ok:
            raise OSError(
                f"{method} {path}: {answer.status} {answer.body.decode(errors='replace')}"
            )
        return answer


def versioned(version: str) -> dict[str, str]:
    """Return the query that names a version."""
    return {"versionId": version} if version else {}
