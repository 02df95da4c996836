// SPDX-License-Identifier: Apache-2.0
// What the index keeps of one file, computed from its bytes. Pure: reading and storing are others' matter.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "context/discovery.hpp"
#include "syntax/outline.hpp"

namespace oc::context {

struct FileAnalysis {
  std::optional<SkipReason> skipped;  // binary or generated: the rest is empty then, but for hash
  std::string hash;                   // of the bytes, 32 hexadecimal digits
  std::string language;               // syntax::Language::id, "" if unknown
  std::int64_t lines = 0;
  std::vector<syntax::Symbol> symbols;  // at most k_most_symbols
  std::vector<syntax::Import> imports;
  std::string references;  // packed, see reference_list.hpp
  // Search terms, separated by blanks; a term that occurs often stands there up to four times.
  std::string path_terms, symbol_terms, body_terms;
  std::int64_t term_count = 0;  // in body_terms
};

inline constexpr std::size_t k_most_symbols = 5000;

// `path` as in FoundFile. Linear in the bytes; at most about the reader's time limit.
FileAnalysis analyse_file(std::string_view path, std::string_view bytes, syntax::OutlineReader& reader,
                          const base::CancelToken& cancel);

// The hash of FileAnalysis alone.
std::string hash_of_contents(std::string_view bytes);

}  // namespace oc::context
