"""A small API server for the real kubectl: discovery, lists in pages, objects, and permissions.

It is no Kubernetes: nothing is defaulted, converted or validated, and there are no controllers. What it does
is what an export and a restore depend on: a kind that it does not serve is unknown, a list of a namespace
that does not exist is empty, long lists come in pages whose continuation can expire, `create` refuses what
exists, an update needs the version of what it replaces, a definition makes its kind known, and an account may
do what its roles say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.acceptance.servers.http_service import HttpService, body

Object = dict[str, Any]
PAGE = 50
CRDS = "customresourcedefinitions.apiextensions.k8s.io"
_PATH = re.compile(
    r"/(?:api/v1|apis/(?P<group>[^/]+)/(?P<version>[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?"
)
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class Kind:
    """A kind that the server knows."""

    plural: str
    name: str
    api: str
    namespaced: bool

    @property
    def group(self) -> str:
        """The API group; empty for the core."""
        return self.api.rpartition("/")[0]

    @property
    def full(self) -> str:
        """The name by which policies call it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


KINDS = (
    Kind("namespaces", "Namespace", "v1", namespaced=False),
    Kind("configmaps", "ConfigMap", "v1", namespaced=True),
    Kind("secrets", "Secret", "v1", namespaced=True),
    Kind("services", "Service", "v1", namespaced=True),
    Kind("serviceaccounts", "ServiceAccount", "v1", namespaced=True),
    Kind("deployments", "Deployment", "apps/v1", namespaced=True),
    Kind("clusterroles", "ClusterRole", "rbac.authorization.k8s.io/v1", namespaced=False),
    Kind(
        "customresourcedefinitions",
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1",
        namespaced=False,
    ),
)


class StatusError(Exception):
    """An answer that is not the one that was asked for."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


@dataclass
class Cluster:
    """The objects of a cluster, by kind and by namespace and name."""

    kinds: dict[str, Kind] = field(default_factory=lambda: {kind.full: kind for kind in KINDS})
    objects: dict[str, dict[tuple[str, str], Object]] = field(default_factory=dict)
    version: int = 100

    def of(self, kind: str) -> dict[tuple[str, str], Object]:
        """Return the objects of a kind."""
        return self.objects.setdefault(kind, {})

    def put(self, kind: str, each: Object, **more: object) -> Object:
        """Store an object with what the server writes by itself."""
        self.version += 1
        made: Object = json.loads(json.dumps(each))
        meta = made["metadata"]
        key = (meta.get("namespace", ""), meta["name"])
        old = self.of(kind).get(key, {"metadata": {}})["metadata"]
        meta["uid"] = old.get("uid", f"uid-{self.version}")
        meta["creationTimestamp"] = "2026-11-24T00:00:00Z"
        meta["resourceVersion"] = str(self.version)
        meta["managedFields"] = [{"manager": "x", "operation": "Update"}]
        made |= more
        self.of(kind)[key] = made
        if kind == CRDS:
            made["status"] = {"conditions": [{"type": "Established", "status": "True"}]}
            spec = made["spec"]
            api = f"{spec['group']}/{spec['versions'][0]['name']}"
            names = spec["names"]
            new = Kind(
                names["plural"], names["kind"], api, namespaced=spec["scope"] == "Namespaced"
            )
            self.kinds[new.full] = new
        return made


class ApiServer(HttpService):
    """The server; `rules` say what its one account may do: namespace (or none), group, plural, verbs."""

    name = "kubernetes"
    token = "token-of-the-job"  # noqa: S105 - of a server that lives for one test

    def __init__(self) -> None:
        super().__init__(tls=True)
        self.cluster = Cluster()
        self.rules: list[tuple[str | None, str, str, frozenset[str]]] = []
        self.broken: str | None = None
        self.expired = False
        self.asked: list[str] = []

    def allow(self, role: Mapping[str, Any]) -> None:
        """Give the account what a Role or a ClusterRole says."""
        namespace = role["metadata"].get("namespace")
        for rule in role["rules"]:
            for group in rule["apiGroups"]:
                for plural in rule["resources"]:
                    self.rules.append((namespace, group, plural, frozenset(rule["verbs"])))

    def authenticate(self, sent: str | None) -> None:
        """Take the one token that there is; raises StatusError for any other."""
        if sent != f"Bearer {self.token}":
            raise StatusError(401, "Unauthorized", "Unauthorized")

    def answer(self, method: str, address: str, content: bytes) -> object:
        """Return what is answered to a request; raises StatusError."""
        parts = urlsplit(address)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        known = self._discovery(parts.path)
        if known is not None:
            return known
        found = _PATH.fullmatch(parts.path)
        kind = self._kind(found) if found else None
        if found is None or kind is None:
            raise StatusError(404, "NotFound", "the server could not find the requested resource")
        namespace, name = found["namespace"] or "", found["name"] or ""
        verb = _VERBS.get(method) or ("get" if name else "watch" if "watch" in query else "list")
        # For a namespace itself, it is the namespace of the request.
        self._authorize(verb, kind, namespace or (name if kind.plural == "namespaces" else ""))
        self.asked.append(f"{verb} {kind.full} {namespace}/{name}")
        if self.broken == f"{verb} {kind.full}":
            raise StatusError(500, "InternalError", "the server is on fire")
        if method == "GET":
            return self._read(kind, namespace, name, query)
        return self._write(method, kind, namespace, json.loads(content))

    def _kind(self, found: re.Match[str]) -> Kind | None:
        group = found["group"]
        return self.cluster.kinds.get(f"{found['plural']}.{group}" if group else found["plural"])

    def _authorize(self, verb: str, kind: Kind, namespace: str) -> None:
        for where, group, plural, verbs in self.rules:
            named = (group, plural) == (kind.group, kind.plural) and verb in verbs
            if named and where in (None, namespace):
                return
        raise StatusError(
            403, "Forbidden", f'{kind.full} is forbidden: User "job" cannot {verb} in "{namespace}"'
        )

    def _read(self, kind: Kind, namespace: str, name: str, query: Mapping[str, str]) -> object:
        objects = self.cluster.of(kind.full)
        if name:
            if (namespace, name) not in objects:
                raise StatusError(404, "NotFound", f'{kind.full} "{name}" not found')
            return objects[namespace, name]
        selected = query.get("fieldSelector", "").removeprefix("metadata.name=")
        items = [
            each
            for (inside, called), each in sorted(objects.items())
            if namespace in ("", inside) and selected in ("", called)
        ]
        start = int(query.get("continue", "0"))
        if start and self.expired:
            raise StatusError(410, "Expired", "The provided continue parameter is too old")
        limit = min(int(query.get("limit", PAGE)), PAGE)
        more = {"continue": str(start + limit)} if start + limit < len(items) else {}
        builtin = kind in KINDS
        page = [
            # Items of built-in kinds do not say what they are: the list does.
            {
                key: value
                for key, value in each.items()
                if not builtin or key not in ("apiVersion", "kind")
            }
            for each in items[start : start + limit]
        ]
        meta = {"resourceVersion": str(self.cluster.version), **more}
        return {"apiVersion": kind.api, "kind": f"{kind.name}List", "metadata": meta, "items": page}

    def _write(self, method: str, kind: Kind, namespace: str, sent: Object) -> object:
        if kind.namespaced and namespace not in {name for _, name in self.cluster.of("namespaces")}:
            raise StatusError(404, "NotFound", f'namespaces "{namespace}" not found')
        meta = sent["metadata"]
        there = self.cluster.of(kind.full).get((namespace, meta["name"]))
        if method == "POST":
            if there is not None:
                raise StatusError(
                    409, "AlreadyExists", f'{kind.full} "{meta["name"]}" already exists'
                )
            if "resourceVersion" in meta:
                raise StatusError(
                    400, "BadRequest", "resourceVersion should not be set on objects to be created"
                )
        elif there is None:
            raise StatusError(404, "NotFound", f'{kind.full} "{meta["name"]}" not found')
        elif meta.get("resourceVersion") != there["metadata"]["resourceVersion"]:
            raise StatusError(409, "Conflict", "the object has been modified")
        status = {"status": there["status"]} if there and "status" in there else {}
        return self.cluster.put(kind.full, sent, **status)

    def _discovery(self, path: str) -> object:
        groups: dict[str, list[Kind]] = {}
        for kind in self.cluster.kinds.values():
            groups.setdefault(kind.api, []).append(kind)
        if path == "/version":
            return {"major": "1", "minor": "31", "gitVersion": "v1.31.0-small"}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": _groups(groups)}
        if path == "/openapi/v3":
            return {
                "paths": {
                    _root(api): {"serverRelativeURL": f"/openapi/v3/{_root(api)}"} for api in groups
                }
            }
        if path.startswith("/openapi/v3/"):
            return _openapi(path.removeprefix("/openapi/v3/"), groups)
        api = path.removeprefix("/apis/").removeprefix("/api/")
        return _resources(api, groups[api]) if api in groups else None

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers one request."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def reply(self) -> None:
                content = body(self)
                try:
                    server.authenticate(self.headers.get("Authorization"))
                    code, answer = 200, server.answer(self.command, self.path, content)
                except StatusError as error:
                    code = error.code
                    answer = {
                        "kind": "Status",
                        "apiVersion": "v1",
                        "status": "Failure",
                        "message": str(error),
                        "reason": error.reason,
                        "code": code,
                    }
                text = json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = reply  # noqa: N815 - the library's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        return Handler


def _root(api: str) -> str:
    return f"apis/{api}" if "/" in api else f"api/{api}"


def _groups(groups: Mapping[str, list[Kind]]) -> list[Object]:
    versions = [api for api in groups if "/" in api]
    return [
        {
            "name": api.split("/")[0],
            "versions": [{"groupVersion": api, "version": api.split("/")[1]}],
            "preferredVersion": {"groupVersion": api, "version": api.split("/")[1]},
        }
        for api in versions
    ]


def _resources(api: str, kinds: list[Kind]) -> Object:
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api,
        "resources": [
            {
                "name": kind.plural,
                "singularName": kind.name.lower(),
                "kind": kind.name,
                "namespaced": kind.namespaced,
                "verbs": verbs,
            }
            for kind in kinds
        ],
    }


def _openapi(root: str, groups: Mapping[str, list[Kind]]) -> Object:
    """Say just enough for kubectl to leave the validation of fields to the server."""
    paths = {}
    for api, kinds in groups.items():
        if _root(api) != root:
            continue
        for kind in kinds:
            gvk = {"group": kind.group, "version": api.rpartition("/")[2], "kind": kind.name}
            paths[f"/{root}/{kind.plural}/{{name}}"] = {
                "patch": {
                    "x-kubernetes-group-version-kind": gvk,
                    "parameters": [{"name": "fieldValidation", "in": "query"}],
                    "responses": {},
                }
            }
    return {"openapi": "3.0.0", "info": {"title": "small", "version": "1"}, "paths": paths}
