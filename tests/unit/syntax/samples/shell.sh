#!/bin/sh
. ./lib/common.sh
source "$HOME/other.sh"
limit=10
export PATH_TO_BOX=/box readonly_too=1

# Puts a thing in.
put_in() {
  local item=$1 count
  count=$(wc -l <"$item")
  LANG=C sort "$item" | log_line "$count" "$limit"
  for each in "$@"; do take "$each"; done
}

function take {
  put_in "$1" || exit 1
}

put_in "$PATH_TO_BOX" && printf '%s\n' "${limit:-3}"
