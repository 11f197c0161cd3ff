#!/bin/sh
# The files of a control-plane node: the DIRECTORIES of the node, which lie below NODE. What cannot be read,
# or changes while it is read, fails the job.
set -eu

fail() {
  echo "$*" >&2
  exit 1
}

newline='
'

# Prints the path of the encryption configuration that the API server of this node was given, if any.
encryption_configuration() {
  sed -n 's/^.*--encryption-provider-config=\([^"'\'' ]*\).*$/\1/p' \
    "$NODE/etc/kubernetes/manifests/kube-apiserver.yaml"
}

check() {
  for file in pki/ca.crt pki/sa.key pki/sa.pub manifests/kube-apiserver.yaml; do
    test -s "$NODE/etc/kubernetes/$file" || fail "there is no /etc/kubernetes/$file on this node"
  done
  for file in pki/ca.key pki/front-proxy-ca.key pki/etcd/ca.key; do
    test -s "$NODE/etc/kubernetes/$file" ||
      echo "there is no /etc/kubernetes/$file here: whoever holds that authority has to keep its key" >&2
  done
  configuration=$(encryption_configuration)
  if test -n "$configuration"; then
    test -s "$NODE$configuration" ||
      fail "the keys of the Secrets are in $configuration: name its directory under bundle.directories"
    echo "encryption configuration included"
  fi
  found=$(cd "$NODE" && find . -name "*$newline*")
  test -z "$found" || fail "a file of this node has a line break in its name"
}

parts() {
  printf '%s\n' digests bundle
}

# The directories are words of letters and digits.
capture() {
  cd "$NODE"
  if test "$1" = digests; then
    # shellcheck disable=SC2086 # several directories
    find $DIRECTORIES -type f -exec sha256sum {} + >"$SCRATCH/DIGESTS"
    exec cat "$SCRATCH/DIGESTS"
  fi
  # shellcheck disable=SC2086 # several directories
  exec tar -c -f - $DIRECTORIES
}

# Compares every file of the archive with its digest, which was taken before the archive was made.
verify() {
  if test "$1" = digests; then
    cat >"$SCRATCH/returned-digests"
    grep -q ' etc/kubernetes/pki/sa.key$' "$SCRATCH/returned-digests" || fail "the keys are missing"
    return 0
  fi
  rm -rf "$SCRATCH/returned"
  mkdir -m 0700 "$SCRATCH/returned"
  tar -x -o -f - -C "$SCRATCH/returned"
  (cd "$SCRATCH/returned" && sha256sum -c "$SCRATCH/returned-digests") >"$SCRATCH/compared" ||
    fail "$(grep -v ': OK$' "$SCRATCH/compared")"
  rm -rf "$SCRATCH/returned"
}

case $1 in
  check | parts | capture | verify) "$@" ;;
  *) fail "a person brings these files back, with fetch.sh and the runbook" ;;
esac
