# Names as hexadecimal digits and back, so that any name can be part of a path. Sourced.
# shellcheck shell=sh

# Prints the bytes of $1 as digits.
hex() {
  printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}

# Prints the bytes that the digits $1 stand for. A shell that takes them in by `$(...)` loses line breaks at
# the end of a name; such a name is then not found, which fails.
unhex() {
  for byte in $(printf '%s' "$1" | sed 's/../0x& /g'); do
    # shellcheck disable=SC2059 # the format is one octal escape, made from a number
    printf "\\$(printf '%03o' "$byte")"
  done
}
