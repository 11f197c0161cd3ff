#!/bin/sh
# Git repositories: each is mirrored, examined, and written as one bundle of all its refs. REPOSITORIES holds
# a line for each: its part, its address, and the name that it has beside the others.
set -eu
umask 077

ACCOUNT=/credentials/git
KEY=/credentials/ssh
# Refs that the servers of GitHub, Gitea, Bitbucket, GitLab and Gerrit write themselves and take from nobody.
RESERVED='pull pull-requests merge-requests keep-around environments pipelines changes'

fail() {
  echo "$*" >&2
  exit 1
}

# Makes $2 the value of git's setting $1, for this process and its children.
setting() {
  export "GIT_CONFIG_KEY_$GIT_CONFIG_COUNT=$1" "GIT_CONFIG_VALUE_$GIT_CONFIG_COUNT=$2"
  GIT_CONFIG_COUNT=$((GIT_CONFIG_COUNT + 1))
}

set_up() {
  LC_ALL=C
  GIT_CONFIG_NOSYSTEM=1
  GIT_CONFIG_GLOBAL=/dev/null
  GIT_CONFIG_COUNT=0
  GIT_TERMINAL_PROMPT=0
  GIT_ALLOW_PROTOCOL=https:ssh
  # A replaced object would go into the bundle in place of the real one.
  GIT_NO_REPLACE_OBJECTS=1
  GIT_ASKPASS=$SCRATCH/askpass
  setting safe.directory '*'
  setting core.hooksPath /dev/null
  setting gc.auto 0
  setting maintenance.auto false
  setting init.defaultBranch main
  setting pack.threads 2
  setting pack.windowMemory 128m
  setting http.lowSpeedLimit 1000
  setting http.lowSpeedTime 60
  test -z "$CA_FILE" || setting http.sslCAInfo "$CA_FILE"
  export LC_ALL GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL GIT_CONFIG_COUNT GIT_TERMINAL_PROMPT
  export GIT_ALLOW_PROTOCOL GIT_NO_REPLACE_OBJECTS GIT_ASKPASS ACCOUNT
  cat >"$GIT_ASKPASS" <<'ASK'
#!/bin/sh
# Gives the account to the host that is asked, and to none that it redirects to.
case $1 in
  "Username for 'https://$ACCOUNT_HOST': ") exec cat "$ACCOUNT/username" ;;
  "Password for 'https://"*"@$ACCOUNT_HOST': ") exec cat "$ACCOUNT/password" ;;
esac
echo "the account is not for this host: $1" >&2
exit 1
ASK
  chmod 700 "$GIT_ASKPASS"
  test -e "$KEY/ssh-privatekey" || return 0
  # ssh wants a key that only its user can read, and that ends with the line.
  { cat "$KEY/ssh-privatekey" && echo; } >"$SCRATCH/key"
  GIT_SSH_VARIANT=ssh
  GIT_SSH_COMMAND="ssh -F /dev/null -i $SCRATCH/key -o IdentitiesOnly=yes -o BatchMode=yes"
  GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$KEY/known_hosts"
  GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o GlobalKnownHostsFile=/dev/null -o UpdateHostKeys=no"
  GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o ConnectTimeout=15 -o ServerAliveInterval=15"
  export GIT_SSH_VARIANT GIT_SSH_COMMAND
}

# Sets URL and NAME to those of part $1.
choose() {
  printf '%s\n' "$REPOSITORIES" >"$SCRATCH/repositories"
  while read -r each URL NAME; do
    test "$each" = "$1" || continue
    address "$URL"
    return 0
  done <"$SCRATCH/repositories"
  fail "$1 is a repository that the policy does not name; restore it with the directory of that time"
}

# Makes the host of the address $1 the one that may have the account.
address() {
  ACCOUNT_HOST=$(printf '%s' "$1" | sed 's|^[a-z]*://||; s|/.*$||')
  export ACCOUNT_HOST
}

# Sets URL to where part $1 goes to: below TARGET, or the repository itself.
aim() {
  choose "$1"
  test -n "$TARGET" || return 0
  case $TARGET in
    https://*@* | *[!A-Za-z0-9._~/:@-]*) fail "TARGET is no address without an account and blanks" ;;
    https://?* | ssh://?*) ;;
    *) fail "TARGET is neither an https:// nor an ssh:// address" ;;
  esac
  URL=$(printf '%s' "$TARGET" | sed 's|/*$||')
  test "$(wc -l <"$SCRATCH/wanted")" -eq 1 || URL=$URL/$NAME
  address "$URL"
}

# Writes the refs of the repository $1, without the reserved ones, to the file $2.
own_refs() {
  git -C "$1" for-each-ref --format '%(objectname) %(refname)' >"$SCRATCH/refs"
  keep_own "$2"
}

# Writes the refs of the server at URL, without the reserved ones, to the file $1.
remote_refs() {
  git ls-remote --quiet --refs -- "$URL" >"$SCRATCH/said" || fail "$URL cannot be read"
  tr '\t' ' ' <"$SCRATCH/said" >"$SCRATCH/refs"
  keep_own "$1"
}

keep_own() {
  pattern=$(printf '%s' "$RESERVED" | tr ' ' '|')
  sed -E "\\# refs/($pattern)/#d" "$SCRATCH/refs" | sort >"$1"
}

# Fails unless every object of the repository $1 is there and whole. Objects that old clients wrote against
# the rules of today are kept as they are: mending them would change every commit after them.
examine() {
  code=0
  git -C "$1" fsck --full --no-dangling --no-progress >"$SCRATCH/fsck" 2>&1 || code=$?
  test "$code" -ne 0 || return 0
  sed -E '/^(error|warning) in (commit|tag|tree|blob) [0-9a-f]+: /d; /^(notice|Checking) /d' \
    "$SCRATCH/fsck" >"$SCRATCH/left"
  # An object of an odd form in a pack counts as a fault of the object, of the pack, or of both: 1, 4 or 5.
  if test "$code" -gt 5 || test -s "$SCRATCH/left" || test ! -s "$SCRATCH/fsck"; then
    head -n 20 "$SCRATCH/left" >&2
    fail "$URL is damaged: git fsck says $code"
  fi
  echo "$URL has $(wc -l <"$SCRATCH/fsck") objects in a form that git would not write today" >&2
}

# Fails if a branch keeps files with Git LFS: a bundle has only pointers to them.
look_for_lfs() {
  test "$LFS" = refuse || return 0
  git -C "$1" for-each-ref --format '%(refname)' refs/heads >"$SCRATCH/heads"
  while read -r head <&3; do
    code=0
    git -C "$1" grep --quiet -e 'filter=lfs' "$head" -- ':(glob)**/.gitattributes' || code=$?
    case $code in
      0) fail "$URL keeps files with Git LFS, which a bundle does not hold; see lfs in the policy" ;;
      1) ;;
      *) fail "$URL: the tree of $head cannot be read" ;;
    esac
  done 3<"$SCRATCH/heads"
}

check() {
  git --version | sed 's/ version//'
  printf '%s\n' "$REPOSITORIES" >"$SCRATCH/repositories"
  while read -r _ URL _ <&3; do
    address "$URL"
    git ls-remote --quiet -- "$URL" HEAD >"$SCRATCH/said" || fail "$URL cannot be read"
  done 3<"$SCRATCH/repositories"
}

parts() {
  printf '%s\n' "$REPOSITORIES" | sed 's/ .*$//'
}

capture() {
  choose "$1"
  rm -rf "$SCRATCH/mirror"
  git clone --quiet --mirror --reject-shallow --template= -- "$URL" "$SCRATCH/mirror" >&2 ||
    fail "$URL cannot be mirrored"
  git -C "$SCRATCH/mirror" for-each-ref --format '%(objectname) %(refname)' | sort >"$SCRATCH/refs-$1"
  test -s "$SCRATCH/refs-$1" || fail "$URL is empty"
  examine "$SCRATCH/mirror"
  look_for_lfs "$SCRATCH/mirror"
  git -C "$SCRATCH/mirror" bundle create --quiet - --all || fail "$URL could not be bundled"
  rm -rf "$SCRATCH/mirror"
}

# Reads a bundle from standard input into the new repository `copy`, which decodes all of it.
unpack() {
  cat >"$SCRATCH/bundle"
  rm -rf "$SCRATCH/copy"
  # Objects are named by another digest where the bundle says so.
  format=$(head -n 3 "$SCRATCH/bundle" | sed -n 's/^@object-format=\(sha[0-9]*\)$/\1/p')
  test -n "$format" || format=sha1
  git init --quiet --bare --template= --object-format="$format" "$SCRATCH/copy"
  git -C "$SCRATCH/copy" bundle verify --quiet "$SCRATCH/bundle" >&2 || fail "$1 is no whole bundle"
  HEAD_WAS=$(git -C "$SCRATCH/copy" bundle list-heads "$SCRATCH/bundle" HEAD | sed 's/ .*$//')
  GIT_ALLOW_PROTOCOL='file' git -C "$SCRATCH/copy" fetch --quiet --no-tags --no-write-fetch-head \
    "$SCRATCH/bundle" '+refs/*:refs/*' >&2 || fail "$1 cannot be unpacked"
  rm -f "$SCRATCH/bundle"
  examine "$SCRATCH/copy"
}

verify() {
  URL=$1
  unpack "$1"
  # Only the job that has just made the bundle knows what was to be in it.
  if test -e "$SCRATCH/refs-$1"; then
    git -C "$SCRATCH/copy" for-each-ref --format '%(objectname) %(refname)' | sort >"$SCRATCH/refs"
    same "$SCRATCH/refs" "$SCRATCH/refs-$1" || fail "$1 does not hold all refs of the repository"
  fi
  rm -rf "$SCRATCH/copy"
}

same() {
  test "$(sha256sum <"$1")" = "$(sha256sum <"$2")"
}

guard() {
  occupied=0
  while read -r part _ <&3; do
    aim "$part"
    remote_refs "$SCRATCH/there"
    test -s "$SCRATCH/there" || continue
    echo "$URL has $(wc -l <"$SCRATCH/there") refs" >&2
    occupied=3
  done 3<"$SCRATCH/wanted"
  exit "$occupied"
}

# Nothing has to go: what the bundle does not know is removed by the push.
clear() {
  :
}

restore() {
  aim "$1"
  unpack "$1"
  own_refs "$SCRATCH/copy" "$SCRATCH/pushed-$1"
  set -- "$1" '+refs/*:refs/*'
  for each in $RESERVED; do
    set -- "$@" "^refs/$each/*"
  done
  part=$1
  shift
  git -C "$SCRATCH/copy" push --quiet --prune --no-verify -- "$URL" "$@" >&2 ||
    fail "$part could not be pushed to $URL"
  if test -n "$HEAD_WAS"; then
    echo "$URL: the default branch was one of" \
      "$(git -C "$SCRATCH/copy" for-each-ref --points-at "$HEAD_WAS" --format '%(refname:short)' refs/heads)" >&2
  fi
  rm -rf "$SCRATCH/copy"
}

finish() {
  while read -r part _ <&3; do
    aim "$part"
    remote_refs "$SCRATCH/there"
    same "$SCRATCH/there" "$SCRATCH/pushed-$part" || fail "$URL does not have the refs of $part"
    echo "$URL: $(wc -l <"$SCRATCH/there") refs" >&2
  done 3<"$SCRATCH/wanted"
}

set_up
"$@"
