"""Every container image whose name does not depend on Velero's release, by digest.

A digest is what several public files pin to the same release, and agree on; `docs/images.md` says how to
check and renew them. A new kind of database adds its images here.
"""

from __future__ import annotations

CATALOGUE: dict[str, str | None] = {
    "kubectl": "docker.io/alpine/k8s:1.34.1"
    "@sha256:ec714df3813b5405292860f8a1c55c5727bf8c33c88992f1e981efad8065547f",
    "restic": "docker.io/restic/restic:0.19.1"
    "@sha256:136600b6ff6843d61d355f7f71f460a166429f35de6fd11b568fece3c9a4d510",
    "rclone": "docker.io/rclone/rclone:1.75.1"
    "@sha256:45401ad7410db1d67ffdb58e19059ad20b0d8e0285a60e38bbec55cc1019c7a5",
    "curl": "docker.io/curlimages/curl:8.21.0"
    "@sha256:7c12af72ceb38b7432ab85e1a265cff6ae58e06f95539d539b654f2cfa64bb13",
    "git": "docker.io/alpine/git:v2.54.0"
    "@sha256:832b1cd1a271509f3d5272a1a62d4cb2ab1a53426ebde1f6c2cb7349f907dc6f",
}
"""Images by the name under which a cluster's `images` may replace them; None where no digest is known."""

RELEASES: dict[str, dict[str, str]] = {
    "etcd": {
        "3.4": "registry.k8s.io/etcd:3.4.13-0"
        "@sha256:4ad90a11b55313b182afc186b9876c8e891531b8db4c9bf1541953021618d0e2",
        "3.5": "registry.k8s.io/etcd:3.5.24-0"
        "@sha256:251e7e490f64859d329cd963bc879dc04acf3d7195bb52c4c50b4a07bedf37d6",
        "3.6": "registry.k8s.io/etcd:v3.6.13"
        "@sha256:24fc96ede8e787eb769e771d1245ddb2333301697a8b571e20415a0caccc375e",
    },
    "mariadb": {
        "10.6": "docker.io/library/mariadb:10.6.28-jammy"
        "@sha256:92e50059ea0a5965a33ef751970eab37d421b91ebbd01ac909039cffe159e574",
        "10.11": "docker.io/library/mariadb:10.11.18"
        "@sha256:de61fed4a40d3842f3ee09944ba52792156cfd9adf489b2cc670fc6ded28df8d",
        "11.4": "docker.io/library/mariadb:11.4.13"
        "@sha256:80494b9810694179889f7281ec44ca928241df577159c0356a1070e2e94616a1",
        "11.8": "docker.io/library/mariadb:11.8.9"
        "@sha256:2d2f4095530294735a857cfe22bb101e19b0849b416911c796ec4aa81b164a62",
    },
    "mongodb": {
        "6.0": "docker.io/library/mongo:6.0"
        "@sha256:8b6d8f5bbedb25cb73517b65cf99f13aeb75ad5b157a56c479287a840bbad3ac",
        "7.0": "docker.io/library/mongo:7.0.37"
        "@sha256:340c1c56fb10e95cf79ff547f8664b96bc6ead9909bc355238cbf865a9695a6f",
        "8.0": "docker.io/library/mongo:8.0"
        "@sha256:d0d926f94df099bff534b7ee5b5986458131a22489dfff8664509af0c1e2ca9c",
    },
    "mysql": {
        "8.0": "docker.io/library/mysql:8.0.46"
        "@sha256:7dcddc01f13bab2f15cde676d44d01f61fc9f99fe7785e86196dfc07d358ae2b",
        "8.4": "docker.io/library/mysql:8.4.11"
        "@sha256:85b9bf2e29cf836ecb8c2a15a935d4ba0c606631dff1dd79531a11983c638f2a",
        "9": "docker.io/library/mysql:9.7.2"
        "@sha256:29abb0a179982e4a8928138bfc7f918af9eda64e7eeb1b1d084c1720a20159e6",
    },
    "postgresql": {
        "14": "docker.io/library/postgres:14.24-bookworm"
        "@sha256:dcc2ca942d8518144f387a0c2630188427835f984caaed0418b986928e761809",
        "15": "docker.io/library/postgres:15.19-bookworm"
        "@sha256:539ceaaae49b3a7c8a04467cf00cc6788d8e3f1675df41860d86eebc4c40524f",
        "16": "docker.io/library/postgres:16.15-bookworm"
        "@sha256:efedf3595f1d6f415c08568ba171029bf54052e754cc9f030e3f2412b21f3d67",
        "17": "docker.io/library/postgres:17.11-bookworm"
        "@sha256:639ab7ceb90e13123085b741fb31ef493fba25463002f6da665352e7b534b652",
        "18": "docker.io/library/postgres:18.6-bookworm"
        "@sha256:3725f4e2499eef5134592b3b4ab79a543ed7f8e533b05b5b637af926630f6650",
    },
    "redis": {
        "7.2": "docker.io/library/redis:7.2.14"
        "@sha256:f0707c78ea880b293ccdeb410c9c0a8ccae93fe7128799b751333a698b0a39a7",
        "7.4": "docker.io/library/redis:7.4.10"
        "@sha256:e9b2e45ecd47fbb69b877cf8d045d5cccaaaed52524b6e098b4abe8212994f73",
        "8": "docker.io/library/redis:8.10.1"
        "@sha256:298e5b3bc566bade82f46ad5511777a4a07a294097ce16ada2f6a42be5239df5",
    },
    "talosctl": {},
    "xtrabackup": {},
}
"""Images whose release has to fit that of a server: by purpose, then by how the release begins;
oldest first."""
