#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts libllama of a newer Debian suite, and everything it needs down to libc, into a folder of its own.
# The system's packages stay as they are, and no root rights are needed.
#
#   llama_private_root.sh TARGET       TARGET appears whole or not at all; one that is there is left alone
#
# OC_LLAMA_SUITE   the suite to take it from (default: forky)
# The packages come from the mirror that this system's own apt sources name, with its proxy and its keys.
set -euo pipefail
export LC_ALL=C

readonly suite=${OC_LLAMA_SUITE:-forky}
readonly wanted=0.7
readonly packages=(libllama-dev llama.cpp-tools)
staging=

say() { printf '%s\n' "$*" >&2; }
give_up() {
  say "cannot get libllama: $1"
  exit 3
}
clean_up() { [ -z "$staging" ] || rm -rf "$staging"; }

# The mirror of this system's own release, in whatever format its sources are written: apt itself reads them.
find_mirror() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  apt-get update --print-uris 2>/dev/null | tr -d "'" | awk -v codename="$codename" '
    { sub(" .*", "") }
    /\/dists\/[^\/]*\/(InRelease|Release)$/ {
      suite = $0; sub(".*/dists/", "", suite); sub("/.*", "", suite)
      root = $0; sub("/dists/.*", "", root)
      if (suite == codename || suite == "stable" || suite == "testing") { print root; exit }
    }'
}

find_keyring() {
  local file
  for file in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
    if [ -r "$file" ]; then
      printf '%s' "$file"
      return
    fi
  done
}

# An apt that sees an empty system (so that every dependency is fetched, libc too) and writes nowhere but here.
# Read after the system's settings: the proxy stays, and what would touch the system's cache or need root goes.
write_apt_settings() {
  local apt=$1 mirror=$2 keyring=$3
  mkdir -p "$apt"/{lists/partial,archives/partial,sources.d,preferences.d}
  : >"$apt/status"
  printf 'deb %s%s %s main\n' "${keyring:+[signed-by=$keyring] }" "$mirror" "$suite" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
#clear APT::Default-Release;
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/sources.d";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "$apt/preferences.d";
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
END
}

# A mirror that has not been synchronised for a while carries an index past its date; its signature still holds.
update_index() {
  local apt=$1
  apt-get -c "$apt/apt.conf" update -qq >"$apt/log" 2>&1 && return
  if grep -qE 'expired|not valid yet' "$apt/log"; then
    say "note: the mirror's index of '$suite' is past its date; using it, its signature is checked"
    apt-get -c "$apt/apt.conf" -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false \
      update -qq >"$apt/log" 2>&1 && return
  fi
  cat "$apt/log" >&2
  give_up "the package index of '$suite' could not be fetched"
}

check_version() {
  local apt=$1 version
  version=$(apt-cache -c "$apt/apt.conf" policy libllama-dev | awk '/Candidate:/ { print $2 }')
  case $version in
    *:$wanted.* | $wanted.*) ;;
    '' | '(none)') give_up "'$suite' has no package libllama-dev" ;;
    *) give_up "'$suite' has libllama $version, and $wanted is needed: name another suite in OC_LLAMA_SUITE" ;;
  esac
}

unpack() {
  local apt=$1 root=$2 package
  mkdir -p "$root"
  apt-get -c "$apt/apt.conf" install -y -qq --download-only "${packages[@]}" >"$apt/log" 2>&1 || {
    cat "$apt/log" >&2
    give_up "its packages could not be fetched"
  }
  for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
  # Settings and documents of the other packages: nobody reads them here.
  rm -rf "$root"/{etc,var,usr/share/{doc,locale,man,debconf,lintian,i18n}}
  ls "$root"/usr/lib/*/libllama.so >/dev/null 2>&1 || give_up "the packages hold no libllama.so"
}

main() {
  [ $# -eq 1 ] || {
    say "usage: llama_private_root.sh TARGET"
    exit 2
  }
  local target=$1 mirror keyring
  [ ! -e "$target" ] || return 0
  case $(dpkg --print-architecture 2>/dev/null) in
    amd64 | arm64) ;;
    *) give_up "this is no Debian on x86-64 or 64-bit ARM" ;;
  esac
  mirror=$(find_mirror)
  [ -n "$mirror" ] || give_up "the apt sources of this system name no Debian mirror"
  keyring=$(find_keyring)
  mkdir -p "$(dirname "$target")"
  # Beside the target, so that the last step is a rename: an interrupted run leaves nothing that looks finished.
  staging=$(mktemp -d "$(cd "$(dirname "$target")" && pwd)/.incomplete.XXXXXX")
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  write_apt_settings "$staging/apt" "$mirror" "$keyring"
  update_index "$staging/apt"
  check_version "$staging/apt"
  unpack "$staging/apt" "$staging/root"
  # Somebody else may have finished first: theirs is as good.
  mv -T "$staging/root" "$target" 2>/dev/null || [ -d "$target/usr" ] || give_up "'$target' cannot be written"
}

main "$@"
