# SPDX-License-Identifier: Apache-2.0
# Sourced by ./dev. What the build needs, and how to get it: setup NEED… brings what is missing and nothing else.
# NEED is build, lint, format, mingw or bench. Says what it will install before it starts; costs a blink when nothing is missing.

readonly llama_version=0.7
readonly private_root=build/llama/root
readonly grammars=build/grammars

apt_packages() {
  case $1 in
    build)
      printf '%s\n' g++ cmake ninja-build ccache python3 git ca-certificates libcli11-dev libyaml-cpp-dev libfmt-dev \
        libspdlog-dev nlohmann-json3-dev libssl-dev libsqlite3-dev libxxhash-dev libgtest-dev libgmock-dev \
        python3-pylsp
      ;;
    lint) printf '%s\n' clang-19 clang-tidy-19 clang-format-19 ;;
    format) printf '%s\n' clang-format-19 ;;
    mingw) printf '%s\n' g++-mingw-w64-x86-64-posix dpkg-dev make tcl ;;
    bench) printf '%s\n' python3 ;;
  esac
}

run_as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

can_become_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; }
}

# Names of the given packages that dpkg does not have.
missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

install_with_apt() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "setup: installing with apt: ${missing[*]}"
  can_become_root || give_up 3 "these packages are missing, and this user may not install them. As root:" \
    "  apt-get install ${missing[*]}"
  # A third party's source that does not answer is no reason to stop: the install says what cannot be had.
  run_as_root apt-get update -qq || say "setup: not every package source answered; going on"
  run_as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing[@]}" >build/setup.log 2>&1 || {
    tail -n 20 build/setup.log >&2
    give_up 3 "apt could not install: ${missing[*]} (all of its output: build/setup.log)"
  }
}

explain_other_system() {
  give_up 3 "this is no Debian or Ubuntu, so install these yourself, then run the same command again:" \
    "  Fedora:   dnf install gcc-c++ cmake ninja-build ccache python3 git npm cli11-devel yaml-cpp-devel fmt-devel spdlog-devel sqlite-devel xxhash-devel" \
    "            json-devel openssl-devel gtest-devel gmock-devel llama-cpp-devel   (lint: clang clang-tools-extra, 19)" \
    "  Arch:     pacman -S gcc cmake ninja ccache python git npm cli11 yaml-cpp fmt spdlog sqlite xxhash nlohmann-json openssl gtest llama.cpp" \
    "  macOS:    brew install cmake ninja ccache node cli11 yaml-cpp fmt spdlog sqlite xxhash nlohmann-json openssl@3 googletest llama.cpp" \
    "  Windows:  vcpkg install --x-feature=tests   (vcpkg.json names: fmt nlohmann-json cli11 yaml-cpp spdlog sqlite3 xxhash gtest llama-cpp)" \
    "What is missing here: $*"
}

# On other systems the libraries are looked up, not installed.
check_other_system() {
  local missing=() tool library
  for tool in cmake ninja python3 git pkg-config; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  has_grammars || command -v npm >/dev/null || missing+=("npm")
  command -v g++ >/dev/null || command -v clang++ >/dev/null || missing+=("a C++ compiler")
  if command -v pkg-config >/dev/null; then
    for library in fmt nlohmann_json CLI11 yaml-cpp spdlog libcrypto sqlite3 libxxhash gtest gmock llama; do
      pkg-config --exists "$library" || missing+=("$library")
    done
  fi
  [ ${#missing[@]} -eq 0 ] || explain_other_system "${missing[@]}"
}

# The version of the libllama that the system has; nothing when it has none.
system_llama_version() {
  if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f '${db:Status-Status} ${Version}\n' libllama-dev 2>/dev/null | sed -nE 's/^installed ([0-9]+:)?//p'
  elif command -v pkg-config >/dev/null; then
    pkg-config --modversion llama 2>/dev/null
  fi
}

is_wanted_llama() { [[ $1 == "$llama_version" || $1 == "$llama_version".* || $1 == "$llama_version"-* ]]; }

# libllama: the system's where it is the right one, else a private copy; OC_LLAMA_ROOT tells CMake which.
setup_llama() {
  if [ -n "${OC_LLAMA_ROOT:-}" ] || is_wanted_llama "$(system_llama_version || true)"; then return; fi
  if [ ! -d "$private_root" ]; then
    if is_wanted_llama "$(apt_candidate libllama-dev)"; then
      install_with_apt libllama-dev
      return
    fi
    [ "$(. /etc/os-release && printf '%s' "${ID:-}")" = debian ] || give_up 3 \
      "libllama $llama_version is missing: this release has no libllama-dev $llama_version (Ubuntu 26.04 and Debian forky do)." \
      "Install it from where you trust, or name its folder in OC_LLAMA_ROOT (it holds usr/include and usr/lib)."
    say "setup: taking libllama $llama_version from Debian ${OC_LLAMA_SUITE:-forky} into $private_root (about 20 MB to fetch, 70 MB on disk; nothing of the system changes)"
    scripts/llama_private_root.sh "$private_root" || exit
  fi
  export OC_LLAMA_ROOT=$PWD/$private_root
}

# Are the packages there that third_party/grammars names now?
has_grammars() { cmp -s third_party/grammars/package-lock.json "$grammars/complete"; }

# The C sources of tree-sitter and its grammars. Only those are kept: what the packages bring for Node.js is ten times as much.
setup_grammars() {
  local fresh
  ! has_grammars || return 0
  say "setup: fetching tree-sitter and its grammars with npm into $grammars (about 30 MB to fetch, 170 MB on disk)"
  fresh=$(mktemp -d "$grammars.XXXXXX")
  cp third_party/grammars/package.json third_party/grammars/package-lock.json "$fresh"
  (cd "$fresh" && npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund) >build/setup.log 2>&1 || {
    tail -n 20 build/setup.log >&2
    rm -rf "$fresh"
    give_up 3 "npm could not fetch the grammars (all of its output: build/setup.log)"
  }
  find "$fresh/node_modules" -mindepth 2 -type d \( -name prebuilds -o -name node_modules \) -prune -exec rm -rf {} +
  find "$fresh/node_modules" -type f \( -name '*.wasm' -o -name grammar.json -o -name node-types.json \) -delete
  cp third_party/grammars/package-lock.json "$fresh/complete"
  rm -rf "$grammars"
  mv "$fresh" "$grammars"
}

apt_candidate() {
  apt-cache policy "$1" 2>/dev/null | sed -nE 's/^ *Candidate: ([0-9]+:)?//p'
}

check_versions() {
  local gcc
  gcc=$(g++ -dumpversion 2>/dev/null) || return 0
  [ "${gcc%%.*}" -ge 12 ] || give_up 3 "g++ $gcc is too old: C++23 needs g++ 12 (Debian 12, Ubuntu 24.04 or newer)"
}

setup() {
  local need packages=()
  mkdir -p build
  if command -v apt-get >/dev/null; then
    for need in build "$@"; do mapfile -t -O ${#packages[@]} packages < <(apt_packages "$need"); done
    has_grammars || command -v npm >/dev/null || packages+=(nodejs npm)
    install_with_apt "${packages[@]}"
    check_versions
    setup_llama
  else
    check_other_system
  fi
  setup_grammars
}
