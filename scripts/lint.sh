# SPDX-License-Identifier: Apache-2.0
# Sourced by ./dev lint: everything that judges the code without running it. All parts run, then the verdict falls.

lint_layers() {
  python3 scripts/check_layers.py --self-test
  python3 scripts/check_layers.py
  python3 scripts/check_words.py
}

lint_format() { cxx_files | xargs -r clang-format-19 --dry-run -Werror; }

# The preset is only configured: its commands are what the checks run. Always anew: nothing is built there, and so nothing
# else notices that there are other files.
lint_clang() {
  rm -f build/lint/.told
  configure lint
  python3 scripts/clang_checks.py build/lint
}

# What Windows users get has to compile and link; its tests run where there is a Windows.
lint_mingw() {
  setup mingw
  scripts/mingw_libraries.sh
  lock_folder mingw
  configure mingw
  cmake --build --preset mingw --target offline-coder -- -k 0
  unlock_folder
}

# lint [PART…]: layers, format, clang, mingw.
lint() {
  local part failed=() log code begin
  [ $# -gt 0 ] || set -- layers format clang mingw
  for part in "$@"; do
    declare -F "lint_$part" >/dev/null || give_up 2 "'$part' is no part of lint: layers, format, clang, mingw"
    log=build/lint-$part.log begin=$SECONDS
    # A process of its own: each part stops at its own first failure, and the others still run.
    set +e
    (set -e; "lint_$part") >"$log" 2>&1
    code=$?
    set -e
    if [ "$code" -eq 0 ]; then
      say "lint: $part is fine ($((SECONDS - begin)) s)"
    else
      cat "$log" >&2
      failed+=("$part")
    fi
  done
  [ ${#failed[@]} -eq 0 ] || give_up 1 "lint: not fine: ${failed[*]}"
}
