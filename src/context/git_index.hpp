// SPDX-License-Identifier: Apache-2.0
// Which paths git tracks, read from the file .git/index. Knows nothing of what the files hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace oc::context {

class GitIndex {
 public:
  // Entries [first, last), all below the same folder; empty if nothing below it is tracked.
  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
    bool is_empty() const { return first == last; }
  };
  enum class Tracked { no, file, submodule };

  GitIndex() = default;  // nothing is tracked
  Range all() const { return {0, ends_.size()}; }
  // Entries below `folder` ("a/b/", from the top of the repository), which are sought in `within`.
  Range below(std::string_view folder, Range within) const;
  Tracked find(std::string_view path, Range within) const;
  std::string_view path(std::size_t entry) const;

 private:
  friend base::Result<GitIndex> parse_git_index(std::string_view bytes, std::size_t hash_size);
  template <class Before>
  std::size_t first_not(Range within, Before before) const;

  std::string paths_;                // one after the other, sorted
  std::vector<std::uint32_t> ends_;  // in paths_; the highest bit marks a submodule
};

// Versions 2, 3 and 4; `hash_size` as in GitSettings. Any bytes are taken. Kind `usage`: it is damaged, of a newer
// version or a split index, whose other half is not here.
base::Result<GitIndex> parse_git_index(std::string_view bytes, std::size_t hash_size);

}  // namespace oc::context
