#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev demo: the bundled model explains, writes and completes code, through the programs just built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly program=build/release/bin/offline-coder
readonly model=models/starter.gguf
readonly file=docs/demo/basket.py

# An engine of its own, which ends with the demo: yours, if one is running, keeps its model.
OFFLINE_CODER_HOME=$(mktemp -d)
export OFFLINE_CODER_HOME
clean_up() {
  "$program" engine stop --quiet >/dev/null 2>&1 || true
  rm -rf "$OFFLINE_CODER_HOME"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

show() {
  local word line=
  for word in "$@"; do
    case $word in *[!A-Za-z0-9_./:=,-]*) line+=" \"$word\"" ;; *) line+=" $word" ;; esac
  done
  printf '\n$ offline-coder%s\n' "$line"
  # 1: the model had nothing to offer, which may happen.
  "$program" "$@" || [ $? -eq 1 ]
  printf '\n'
}

cat <<END
The bundled model has 7 million parameters: it shows that everything works, not how good answers can be.
'offline-coder model import FILE' brings a real one.
END
show explain --model "$model" --file "$file"
show gen --model "$model" --language python "Write a function that returns the length of a list"
show complete --model "$model" --file "$file" --line 21 --single-line
show engine stop
