# What both kinds of snapshot job share. It is read by another script, which sets KIND, the objects that
# are snapshots, BOUND, the field that names what stands for them on the storage, CONTENTS, the kind of
# that, REFERENCE, its field that leads back, and HANDLE, its field with the storage's own name.

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"
}

# Runs one of the functions in a shell of its own, which ends at the first command that fails. Inside
# `if`, a function would go on.
try() {
  /bin/sh "$0" "$@"
}

# Waits for the snapshot $1 as long as the whole run has time.
ready() {
  left=$((DEADLINE - $(date -u +%s)))
  test "$left" -ge 1 || left=1
  if kubectl --namespace "$NAMESPACE" wait "$KIND/$1" \
    --for 'jsonpath={.status.readyToUse}=true' --timeout "$left"s; then
    say "snapshot $1 is ready$(try whereabouts "$1" || true)"
  else
    problem=$(kubectl --namespace "$NAMESPACE" get "$KIND/$1" \
      --output 'jsonpath={.status.error.message}' || true)
    say "snapshot $1 is not ready; nothing older is removed; the storage says: $problem"
    return 1
  fi
}

# Where logs are collected, this line is what remains of the snapshot $1 when the cluster is lost.
whereabouts() {
  test "$RETAIN" = true || return 0
  content=$(kubectl --namespace "$NAMESPACE" get "$KIND/$1" --output "jsonpath={.status.$BOUND}")
  kubectl get "$CONTENTS" "$content" --output "jsonpath=; its handle is {.status.$HANDLE}"
}

# The storage keeps a snapshot whose object is deleted, unless its content $2 of the kind $1 says
# otherwise. It is told only if it belongs to $4, by its field $3: what is not ours stays as it is.
unlock() {
  test "$RETAIN" = true && test -n "$2" || return 0
  owner=$(kubectl get "$1" "$2" --ignore-not-found \
    --output "jsonpath={.spec.$3.namespace}/{.spec.$3.name}")
  test -n "$owner" || return 0
  if test "$owner" != "$NAMESPACE/$4"; then
    say "content $2 belongs to $owner and not to $4; both are left alone"
    return 1
  fi
  kubectl patch "$1" "$2" --type merge --patch '{"spec":{"deletionPolicy":"Delete"}}'
}

# Removes the snapshot $1 with its content $2.
remove() {
  unlock "$CONTENTS" "$2" "$REFERENCE" "$1"
  kubectl --namespace "$NAMESPACE" delete "$KIND" "$1" --wait=false
}

# Goes over the snapshots in the file $1 from the newest to the oldest. Each line is
# `seconds|name|ready|content`. The newest one that is ready is passed over, whatever its age.
prune() {
  sort -rn "$1" >"$SCRATCH/sorted"
  now=$(date -u +%s)
  kept=0
  stuck=0
  while IFS='|' read -r taken name ready content <&3; do
    case $taken in
    '' | 0* | *[!0-9]*)
      say "$name does not say when it was taken and is left alone"
      continue
      ;;
    esac
    age=$((now - taken))
    if test "$kept" -gt 0 || test "$ready" != true; then
      if test "$age" -gt "$KEEP_SECONDS" || test "$kept" -ge "$KEEP_AT_MOST"; then
        say "removing $name, $age seconds old"
        try remove "$name" "$content" || stuck=$((stuck + 1))
        continue
      fi
    fi
    test "$ready" != true || kept=$((kept + 1))
  done 3<"$SCRATCH/sorted"
  say "$kept kept, $stuck could not be removed"
  test "$stuck" -eq 0
}
