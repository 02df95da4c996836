// SPDX-License-Identifier: Apache-2.0
// Which files of a workspace there are: walks the tree by git's ignore rules, reads no file's contents but those of the
// ignore files and git's index. What a found file holds is left to the index.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/folder_entries.hpp"
#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::context {

struct FoundFile {
  std::string path;  // relative to the workspace, '/' between parts, the bytes as on disk (may not be UTF-8)
  base::FileStamp stamp;
  bool operator==(const FoundFile&) const = default;
};

// Why a path that git would list is not indexed.
enum class SkipReason {
  secret,             // named like something that holds keys: never read, never shown to a model
  too_large,          // over the limit
  special,            // FIFO, socket, device
  symlink,            // its target is found under its own name, or lies outside
  other_device,       // another file system is mounted there
  nested_repository,  // a repository inside this one, or a submodule
  unreadable,         // the system said no
  binary,             // by its contents
  generated,          // by its contents: minified, or marked as generated
};
// "secret", "too large" …
std::string_view to_string(SkipReason reason);

struct SkippedPath {
  std::string path;  // as FoundFile::path; a folder ends with '/'
  SkipReason reason = SkipReason::special;
  bool operator==(const SkippedPath&) const = default;
};

struct Discovery {
  std::vector<FoundFile> files;      // by path, bytewise
  std::vector<SkippedPath> skipped;  // by path, bytewise; ignored paths are not among them
  std::vector<std::string> notes;    // what a person should know: an ignore file that cannot be read …
};

struct DiscoveryOptions {
  base::Path workspace;
  base::ByteCount file_limit;  // larger files are skipped; 0: none are
  int threads = 0;             // 0: as many as help
  base::CancelToken cancel;
  std::function<void(std::size_t files)>
      progress;  // called from one thread at a time, a few times a second; may be empty
};

// files + skipped is what `git ls-files -co --exclude-standard` lists, less what .offlinecoderignore names (same
// syntax, in any folder, stronger than git's rules, and it may bring back nothing that is a secret). The rules of git
// apply as if the workspace were a repository even where it is none, and when it lies inside a repository the rules
// above it count too. Outside of any repository, repositories inside are walked by their own rules; inside one they are
// skipped. Tracked files count even if a rule ignores them. .git and .offline-coder are never entered. Kinds: io (the
// workspace itself cannot be read), cancelled.
base::Result<Discovery> discover_files(const DiscoveryOptions& options);

// What the contents say about a file that was found: binary (a NUL in the first 8 KiB, or UTF-16), generated (a marker
// such as "@generated" or "DO NOT EDIT" in the first lines, or minified: lines far longer than people write, in the
// languages where that means something), or named as a lock file or minifier's output. nullopt: worth indexing. Looks
// at the beginning and a sample.
std::optional<SkipReason> classify_contents(std::string_view path, std::string_view bytes);

}  // namespace oc::context
