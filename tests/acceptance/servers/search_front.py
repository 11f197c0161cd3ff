"""What stands before an OpenSearch node in the tests: TLS, an account, and the parts that are not to be had.

The Snapshot Management plug-in is in no registry that the tests may use: its policies are kept here, as its
API XX"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.acceptance.servers.http_service import HttpService, body
from tests.acceptance.servers.opensearch import OpenSearch

_POLICY = re.compile(r"/_plugins/_sm/policies/([^/?]+)(/_explain|/_stop)?")
_REPOSITORY = re.compile(r"/_snapshot/([^/?]+)(\?verify=false)?")


class SearchFront(HttpService):
    """One front before one node; `account` is user name and password."""

    name = "search-front"

    def __init__(
        self,
        node: OpenSearch,
        account: tuple[str, str],
        hosts: tuple[str, ...],
        store: Mapping[str, object] | None = None,
    ) -> None:
        self.node = node
        self.store = store
        self.account = account
        self.policies: dict[str, dict[str, Any]] = {}
        self.repositories: dict[str, Any] = {}
        super().__init__(tls=True, hosts=hosts)

    def snapshot(self, policy: str, name: str) -> dict[str, Any]:
        """Make a snapshot as the plug-in would, and wait for it."""
        config = dict(self.policies[policy]["snapshot_config"])
        path = f"/_snapshot/{config.pop('repository')}/{name}?wait_for_completion=true"
        config["metadata"] = {**config["metadata"], "sm_policy": policy}
        status, said = self.node.request("PUT", path, config)
        assert status == 200, said
        found: Any = said["snapshot"]
        return dict(found)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers one request."""
        front = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                data = body(self)
                known = base64.b64encode(":".join(front.account).encode()).decode()
                if self.headers.get("Authorization") != f"Basic {known}":
                    status, said = 401, {"error": {"reason": "no such account"}}
                else:
                    sent = json.loads(data) if data else None
                    status, said = front.answer(self.command, self.path, sent)
                text = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_DELETE = _do  # noqa: N815 - the names of the library

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def answer(self, verb: str, path: str, sent: Any) -> tuple[int, Any]:
        """Answer one request."""
        if match := _POLICY.match(path):
            return self._policy(verb, match[1], match[2], sent)
        if (match := _REPOSITORY.fullmatch(path)) and verb == "PUT":
            answer = self.node.request(verb, path, self._opened(sent))
            if answer[0] == 200:
                self.repositories[match[1]] = sent
            return answer
        answer = self.node.request(verb, path, sent)
        if match and verb == "GET" and answer[0] == 200:
            return 200, {match[1]: self.repositories[match[1]]}
        return answer

    def _opened(self, sent: Any) -> dict[str, Any]:
        settings = sent["settings"]
        if self.store is not None:
            return {"type": sent["type"], "settings": {**settings, **self.store}}
        # Other than an empty folder of a bucket, a directory that is not there cannot be read.
        (self.node.repositories / settings["base_path"]).mkdir(parents=True, exist_ok=True)
        place = {"location": settings["base_path"], "readonly": settings["readonly"]}
        return {"type": "fs", "settings": place}

    def _policy(self, verb: str, name: str, action: str | None, sent: Any) -> tuple[int, Any]:
        if verb == "POST" and action is None:
            self.policies[name] = {**sent, "last_updated_time": int(time.time() * 1000)}
        if name not in self.policies:
            return 404, {"error": {"reason": "Snapshot management policy not found"}}
        if verb == "PUT":
            self.policies[name] = {**sent, "last_updated_time": int(time.time() * 1000)}
        if action == "/_stop":
            self.policies[name]["enabled"] = False
        if action == "/_explain":
            return 200, {"policies": [{"name": name, "creation": {}}]}
        return 200, {"_seq_no": 0, "_primary_term": 1, "sm_policy": self.policies[name]}
