#!/bin/sh
# The state of a control plane, as the containers before this one left it: the file SNAPSHOT, and in TRIAL
# what came of restoring it.
set -eu

# shellcheck source=templates/etcd/scripts/trailer.sh
. "$SCRIPTS/trailer.sh"

fail() {
  echo "$*" >&2
  exit 1
}

check() {
  whole_snapshot "$SNAPSHOT" || fail "the snapshot cannot be stored"
  test -s "$TRIAL/member/snap/db" || fail "nobody has tried whether the snapshot can be restored"
  # There has to be room for what comes back from the store.
  rm -rf "$TRIAL"
  echo "etcd $RELEASE"
  echo "trial restore passed"
}

parts() {
  echo snapshot
}

capture() {
  exec cat "$SNAPSHOT"
}

verify() {
  cat >"$SNAPSHOT.returned"
  whole_snapshot "$SNAPSHOT.returned"
  rm -f "$SNAPSHOT.returned"
}

case $1 in
  check | parts | capture | verify) "$@" ;;
  *) fail "a person brings etcd back, with fetch.sh and the runbook" ;;
esac
