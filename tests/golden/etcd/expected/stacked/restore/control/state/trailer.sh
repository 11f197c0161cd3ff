# What a snapshot of etcd tells about itself. Sourced.
# shellcheck shell=sh

# Succeeds if the file $1 is whole: etcd ends a snapshot in 32 bytes, the SHA-256 of all before them.
whole_snapshot() {
  size=$(wc -c <"$1") || return 1
  if test "$((size % 512))" -ne 32; then
    echo "the snapshot has $size bytes, and does not end in a checksum" >&2
    return 1
  fi
  given=$(tail -c 32 "$1" | od -An -v -tx1 | tr -d ' \n')
  found=$(head -c "$((size - 32))" "$1" | sha256sum | cut -d ' ' -f 1)
  if test "$found" != "$given"; then
    echo "the snapshot is damaged: its checksum is $given, and that of its content $found" >&2
    return 1
  fi
}
