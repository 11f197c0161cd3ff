"""Skeletons of documents and datasets that editors insert, with holes to step through.

A hole in quotes is text that YAML would otherwise read as a number or a comment.
"""

from __future__ import annotations

from collections.abc import Mapping

Body = Mapping[str, object]

_SERVER = {"host": "${3:host}", "credentials": {"secret": "${4:secret}"}}


def _site(first: int) -> Body:
    words = {
        "provider": "aws",
        "region": "eu-central-1",
        "account": "account",
        "realm": "realm",
    }
    return {key: f"${{{first + i}:{word}}}" for i, (key, word) in enumerate(words.items())}


DOCUMENTS: Mapping[str, Body] = {
    "Cluster": {"kubernetes": '"${2:1.33}"', "site": _site(3)},
    "Location": {
        "type": "${2|s3,oss,gcs|}",
        "bucket": "${3:bucket}",
        "site": _site(4),
        "medium": "${8:object-store}",
    },
    "Tier": {
        "objectives": {"default": {"rpo": "${2:6h}", "rto": "${3:8h}"}},
        "copies": {"to": ["${4:location}"]},
        "retention": {"daily": "${5:14}"},
    },
    "BackupPolicy": {
        "clusters": ["${2:cluster}"],
        "tier": "${3:tier}",
        "owner": {"team": "${4:team}", "contact": '"${5:#oncall}"'},
        "datasets": [
            {"name": "${6:name}", "type": "namespaces", "include": ["${7:namespace}"]},
        ],
    },
    "Scenario": {
        "kind": "${2|physical,logical,hostile|}",
        "destroys": ["${3:region/eu-central-1}"],
        "description": "${4:what happens}",
    },
    "Waiver": {
        "rule": "${2:rpo-not-met}",
        "object": "${3:policy/dataset}",
        "reason": "${4:why this is acceptable}",
        "owner": "${5:who accepted it}",
        "expires": '"${6:2027-03-31}"',
    },
    "DrillRecord": {
        "drill": "${2|restore,full,cross-region|}",
        "cluster": "${3:cluster}",
        "date": '"${4:2027-03-31}"',
        "result": "${5|passed,failed|}",
        "duration": "${6:2h}",
    },
}
"""The `spec` of each kind of document; the first hole is the name."""

DATASETS: Mapping[str, Body] = {
    "etcd": {},
    "namespaces": {"include": ["${2:namespace}"], "volumes": "${3|move,snapshot,filesystem,none|}"},
    "volumes": {"claims": {"namespace": "${2:namespace}", "names": ["${3:claim}"]}},
    "resources": {
        "namespace": "${2:namespace}",
        "namespaces": ["${3:namespace}"],
        "kinds": ["${4:deployments.apps}"],
    },
    "git": {"repositories": ["${2:https://git.example/platform}"], "namespace": "${3:namespace}"},
}
"""What each type of dataset that is no database needs beside its name, which is the first hole."""

DATABASE: Body = {"namespace": "${2:namespace}", "connection": _SERVER}
"""What every database needs beside its name."""
