#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes DIR a prefix with the libraries that a Windows cross build (preset "mingw") needs:
#   scripts/mingw_libraries.sh [DIR]        DIR: build/mingw-prefix unless given
# fmt, nlohmann-json, CLI11, spdlog and xxhash are headers only, copied from the system's packages; yaml-cpp and googletest are
# built from the system's source packages, fetched from where the system's own apt gets its packages; so is SQLite.
# Needs apt, dpkg-dev, cmake, ninja, gcc, make, tclsh (which SQLite joins its sources with) and x86_64-w64-mingw32-g++-posix. A second call does nothing.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "${1:-$repository/build/mingw-prefix}"
prefix=$(cd "${1:-$repository/build/mingw-prefix}" && pwd)
work=$prefix/.work
toolchain=$repository/cmake/mingw.cmake
headers=/usr/include
stamp=$prefix/.complete

# What the prefix was made from: when one of these changes it is made again.
fingerprint() {
  sha256sum < "${BASH_SOURCE[0]}"
  sha256sum < "$toolchain"
  x86_64-w64-mingw32-g++-posix -dumpfullversion
  dpkg-query -W -f '${Package} ${Version}\n' libfmt-dev nlohmann-json3-dev libcli11-dev libspdlog-dev libxxhash-dev
}

require() {
  local missing=()
  for program in apt-get dpkg-source cmake ninja gcc make tclsh x86_64-w64-mingw32-g++-posix; do
    command -v "$program" > /dev/null || missing+=("$program")
  done
  for folder in fmt nlohmann CLI spdlog; do
    [ -d "$headers/$folder" ] || missing+=("$headers/$folder")
  done
  [ -f "$headers/xxhash.h" ] || missing+=("$headers/xxhash.h")
  [ ${#missing[@]} -eq 0 ] && return
  echo "missing: ${missing[*]}" >&2
  echo "install: apt-get install -y dpkg-dev cmake ninja-build gcc make tcl g++-mingw-w64-x86-64-posix libfmt-dev" \
       "nlohmann-json3-dev libcli11-dev libspdlog-dev libxxhash-dev" >&2
  exit 1
}

# A CMake package NAME of headers only, with the target TARGET and the given lines about it.
write_package() {
  local name=$1 target=$2 version=$3 lines=$4 folder=$prefix/lib/cmake/$1
  mkdir -p "$folder"
  cat > "$folder/${name}Config.cmake" <<END
get_filename_component(oc_prefix "\${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET $target)
  add_library($target INTERFACE IMPORTED)
  target_include_directories($target INTERFACE "\${oc_prefix}/include")
  $lines
endif()
END
  cat > "$folder/${name}ConfigVersion.cmake" <<END
set(PACKAGE_VERSION "$version")
if(NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
END
}

upstream_version() { dpkg-query -W -f '${Version}' "$1" | sed -E 's/^[0-9]+://; s/[-+].*//'; }

copy_headers() {
  mkdir -p "$prefix/include"
  cp -rL "$headers"/{fmt,nlohmann,CLI,spdlog,xxhash.h} "$prefix/include/"
  write_package fmt fmt::fmt-header-only "$(upstream_version libfmt-dev)" \
    'target_compile_definitions(fmt::fmt-header-only INTERFACE FMT_HEADER_ONLY=1)
  add_library(fmt::fmt ALIAS fmt::fmt-header-only)'
  write_package nlohmann_json nlohmann_json::nlohmann_json "$(upstream_version nlohmann-json3-dev)" ''
  write_package CLI11 CLI11::CLI11 "$(upstream_version libcli11-dev)" ''
  write_package spdlog spdlog::spdlog_header_only "$(upstream_version libspdlog-dev)" \
    'include(CMakeFindDependencyMacro)
  find_dependency(fmt)
  target_compile_definitions(spdlog::spdlog_header_only INTERFACE SPDLOG_FMT_EXTERNAL)
  target_link_libraries(spdlog::spdlog_header_only INTERFACE fmt::fmt-header-only)'
}

# "deb-src" lines for the suites of the system's own distribution (both styles of apt's lists).
source_entries() {
  local id
  id=$(. /etc/os-release && echo "$ID")
  cat /etc/apt/sources.list.d/*.sources 2> /dev/null | awk -v RS='' -v id="$id" '
    { uri = suites = components = key = ""
      n = split($0, line, "\n")
      for (i = 1; i <= n; ++i) {
        value = line[i]; sub(/^[^:]*: */, "", value)
        if (line[i] ~ /^URIs:/) { split(value, word, " "); uri = word[1] }
        if (line[i] ~ /^Suites:/) suites = value
        if (line[i] ~ /^Components:/) components = value
        if (line[i] ~ /^Signed-By:/ && value ~ /^\//) key = "[signed-by=" value "] "
      }
      if (uri !~ id || components == "") next
      n = split(suites, suite, " ")
      for (i = 1; i <= n; ++i) print "deb-src " key uri " " suite[i] " " components }' || true
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2> /dev/null |
    awk -v id="$id" '$1 == "deb" && $0 ~ id { $1 = "deb-src"; print }' || true
}

fetch_sources() {
  local apt=$work/apt
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,empty} "$work/download" "$work/source"
  source_entries | sort -u > "$apt/sources.list"
  [ -s "$apt/sources.list" ] || { echo "no package source of this distribution found in /etc/apt" >&2; exit 1; }
  : > "$apt/status"
  local options=(-qq -o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status"
    -o Dir::Cache="$apt/cache" -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/empty"
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$apt/empty" -o Acquire::Languages=none
    -o APT::Sandbox::User="$(id -un)")
  apt-get "${options[@]}" update
  (cd "$work/download" && apt-get "${options[@]}" source --download-only yaml-cpp googletest sqlite3)
  local name
  for name in yaml-cpp googletest sqlite3; do
    rm -rf "${work:?}/source/$name"
    # apt has checked the files against the signed list already.
    dpkg-source --no-check -x "$work/download/${name}_"*.dsc "$work/source/$name" > "$work/$name.log" 2>&1
  done
}

build() {
  local name=$1
  shift
  if ! { cmake -G Ninja -S "$work/source/$name" -B "$work/build/$name" -DCMAKE_TOOLCHAIN_FILE="$toolchain" \
           -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
           -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" -DBUILD_SHARED_LIBS=OFF \
           -DCMAKE_POLICY_VERSION_MINIMUM=3.5 "$@" &&
         cmake --build "$work/build/$name" && cmake --install "$work/build/$name"; } > "$work/$name.log" 2>&1; then
    tail -n 30 "$work/$name.log" >&2
    echo "$name could not be built for Windows" >&2
    exit 1
  fi
}

# The one big source file is made with the system's own compiler, then compiled for Windows as the native programs use it.
build_sqlite() {
  local source=$work/source/sqlite3
  if ! { (cd "$source" && ./configure --disable-tcl && make sqlite3.c sqlite3.h) &&
         x86_64-w64-mingw32-gcc-posix -O2 -DSQLITE_ENABLE_FTS5 -DSQLITE_THREADSAFE=1 -DSQLITE_OMIT_LOAD_EXTENSION \
           -c "$source/sqlite3.c" -o "$work/sqlite3.o" &&
         x86_64-w64-mingw32-ar rcs "$prefix/lib/libsqlite3.a" "$work/sqlite3.o" &&
         cp "$source/sqlite3.h" "$prefix/include/"; } > "$work/sqlite3.log" 2>&1; then
    tail -n 30 "$work/sqlite3.log" >&2
    echo "SQLite could not be built for Windows" >&2
    exit 1
  fi
}

require
wanted=$(fingerprint)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi
rm -rf "${prefix:?}/include" "${prefix:?}/lib" "$work" "$stamp"
copy_headers
fetch_sources
export OC_MINGW_PREFIX=$prefix
build yaml-cpp -DYAML_CPP_BUILD_TESTS=OFF -DYAML_CPP_BUILD_TOOLS=OFF -DYAML_CPP_BUILD_CONTRIB=OFF \
  -DYAML_BUILD_SHARED_LIBS=OFF -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG -include cstdint"
build_sqlite
build googletest -DBUILD_GMOCK=ON -Dgtest_disable_pthreads=OFF
rm -rf "$work"
printf '%s\n' "$wanted" > "$stamp"
