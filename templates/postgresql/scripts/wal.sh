# The archive of the write-ahead log: the folder `wal` of a store, sealed like the parts of object copies. A
# file is below the system that wrote it: a restored or new server never mixes with another one. Sourced.
# shellcheck shell=sh

# Makes `archive:` the archive in the store at hand.
open_archive() {
  RCLONE_CONFIG_ARCHIVE_TYPE=crypt
  RCLONE_CONFIG_ARCHIVE_REMOTE=$STORE/wal
  RCLONE_CONFIG_ARCHIVE_FILENAME_ENCRYPTION=off
  RCLONE_CONFIG_ARCHIVE_DIRECTORY_NAME_ENCRYPTION=false
  RCLONE_CONFIG_ARCHIVE_PASSWORD=$(rclone obscure - <"$ENCRYPTION_FILE") || return 1
  export RCLONE_CONFIG_ARCHIVE_TYPE RCLONE_CONFIG_ARCHIVE_REMOTE RCLONE_CONFIG_ARCHIVE_PASSWORD
  export RCLONE_CONFIG_ARCHIVE_FILENAME_ENCRYPTION RCLONE_CONFIG_ARCHIVE_DIRECTORY_NAME_ENCRYPTION
}

# Writes what is archived of system $1, without folders and oldest first, to the file `archived`: segments
# (24 digits), the newest one as `….partial`, and histories (`<timeline>-<moment>.history`).
list_archive() {
  code=0
  rclone lsf --recursive --files-only "archive:$1" >"$SCRATCH/listing" 2>"$SCRATCH/said" || code=$?
  if test "$code" -ne 0 && test "$code" -ne 3; then
    cat "$SCRATCH/said" >&2
    return 1
  fi
  sed -n 's,^.*/,,; s/\.gz$//p' "$SCRATCH/listing" | LC_ALL=C sort >"$SCRATCH/archived"
}

# Prints where the file $1 is below the folder of its system.
place_of() {
  case $1 in
    *.history) printf 'history/%s.gz' "$1" ;;
    *) printf '%.16s/%s.gz' "$1" "$1" ;;
  esac
}

# Writes the archived file $2 of system $1 to $3, whole or not at all.
fetch_archived() {
  rm -f "$SCRATCH/packed"
  rclone cat "archive:$1/$(place_of "$2")" >"$SCRATCH/packed" || return 1
  gzip -dc <"$SCRATCH/packed" >"$3.part" || return 1
  mv "$3.part" "$3"
}

# Prints the name of the segment $2 places behind the segment $1 on the same timeline, of $3 bytes each;
# $2 may be negative.
segment_behind() {
  each=$((4294967296 / $3))
  number=$((0x$(printf '%s' "$1" | cut -c 9-16) * each + 0x$(printf '%s' "$1" | cut -c 17-24) + $2))
  printf '%.8s%08X%08X' "$1" "$((number / each))" "$((number % each))"
}

# Prints the name of the segment on the timeline $1 (8 digits) that holds the position $2; it has $3 bytes.
segment_at() {
  printf '%s%08X%08X' "$1" "0x$(printf '%s' "$2" | cut -d / -f 1)" \
    "$((0x$(printf '%s' "$2" | cut -d / -f 2) / $3))"
}

# Prints the position at which the segment $1 of $2 bytes ends.
end_of_segment() {
  next=$(segment_behind "$1" 1 "$2")
  printf '%X/%X' "0x$(printf '%s' "$next" | cut -c 9-16)" \
    "$((0x$(printf '%s' "$next" | cut -c 17-24) * $2))"
}

# Follows the log from segment $1, of $2 bytes each, to the timeline $3 (a number), whose history is the file
# `history`, empty for a timeline that began anew. Writes the files that are there, in a row, to the file `row`;
# prints the name of the first one that is missing, if later ones are there.
follow() {
  : >"$SCRATCH/row"
  LC_ALL=C awk -v begin="$1" -v size="$2" -v last="$3" -v row="$SCRATCH/row" '
    function number(text, value, at) {
      value = 0
      for (at = 1; at <= length(text); at++) {
        value = value * 16 + index("0123456789ABCDEF", substr(text, at, 1)) - 1
      }
      return value
    }
    function add(timeline) { lines++; line[lines] = timeline + 0; from[lines] = start }
    function timeline_at(place, n) {
      n = lines
      while (n > 1 && from[n] > place) n--
      return line[n]
    }
    function segment(name) { return number(substr(name, 9, 8)) * each + number(substr(name, 17, 8)) }
    function named(place) {
      return sprintf("%08X%08X%08X", timeline_at(place), int(place / each), place % each)
    }
    BEGIN { each = 4294967296 / size; lines = 0; start = 0 }
    FILENAME ~ /\/history$/ {
      if ($1 + 0 < number(substr(begin, 1, 8)) || $2 !~ /^[0-9A-F]+\/[0-9A-F]+$/) next
      add($1)
      split($2, half, "/")
      start = int((number(half[1]) * 4294967296 + number(half[2])) / size)
      next
    }
    { there[$1] = 1 }
    END {
      add(last)
      top = -1
      for (name in there) {
        if (name !~ /^[0-9A-F]+(\.partial)?$/ || length(substr(name, 1, 24)) != 24) continue
        if (number(substr(name, 1, 8)) == timeline_at(segment(name)) && segment(name) > top) {
          top = segment(name)
        }
      }
      for (place = segment(begin); named(place) in there; place++) print named(place) > row
      ends = place
      if ((named(place) ".partial") in there) {
        print named(place) ".partial" > row
        ends++
      }
      if (ends <= top) print named(place)
    }
  ' "$SCRATCH/history" "$SCRATCH/archived"
}
