# SPDX-License-Identifier: Apache-2.0
# Sourced by ./dev lint: everything that judges the code without running it. All parts run, then the verdict falls.

lint_layers() {
  python3 scripts/check_layers.py --self-test
  python3 scripts/check_layers.py
  python3 scripts/check_words.py
}

lint_format() { cxx_files | xargs -r clang-format-19 --dry-run -Werror; }

# clang 19 is the second compiler, and clang-tidy runs beside it on each file that changed since the last time.
lint_clang() {
  local folder=build/lint code=0
  configure lint "-DCMAKE_CXX_CLANG_TIDY=clang-tidy-19;--quiet"
  [ ! -f "$folder/.linted" ] || [ ! .clang-tidy -nt "$folder/.linted" ] || cmake --build --preset lint --target clean
  cmake --build --preset lint -- -k 0 || code=$?
  [ "$code" -ne 0 ] || touch "$folder/.linted"
  return "$code"
}

lint_mingw() {
  [ -x scripts/mingw_libraries.sh ] || return 0
  setup mingw
  scripts/mingw_libraries.sh
  configure mingw
  cmake --build --preset mingw -- -k 0
}

# lint [PART…]: layers, format, clang, mingw.
lint() {
  local part failed=() log code SECONDS
  [ $# -gt 0 ] || set -- layers format clang mingw
  for part in "$@"; do
    declare -F "lint_$part" >/dev/null || give_up 2 "'$part' is no part of lint: layers, format, clang, mingw"
    log=build/lint-$part.log SECONDS=0
    # A process of its own: each part stops at its own first failure, and the others still run.
    set +e
    (set -e; "lint_$part") >"$log" 2>&1
    code=$?
    set -e
    if [ "$code" -eq 0 ]; then
      say "lint: $part is fine ($SECONDS s)"
    else
      cat "$log" >&2
      failed+=("$part")
    fi
  done
  [ ${#failed[@]} -eq 0 ] || give_up 1 "lint: not fine: ${failed[*]}"
}
