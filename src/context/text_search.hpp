// SPDX-License-Identifier: Apache-2.0
// Files by the words of a request: BM25 over names, symbols and text (Robertson, Zaragoza: "The Probabilistic Relevance
// Framework", 2009). The counts come from the full-text index, the score is computed here, so that what files left
// behind when they changed does not count.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "context/index_rows.hpp"
#include "storage/database.hpp"

namespace oc::context {

struct SearchHit {
  FileId file = 0;
  double score = 0;  // > 0
};

// What a request looks for: its terms with their weights (1 for a term that stands there once), fillers left out.
struct SearchTerm {
  std::string term;
  double weight = 1;
};
std::vector<SearchTerm> search_terms_of(std::string_view request);

// The best first, ties by path; at most `most`. `files` are all files of the index. Cost grows with the number of files
// that have the terms; a term that most files have is not looked at.
base::Result<std::vector<SearchHit>> search_files(storage::Database& database, const std::vector<FileRow>& files,
                                                  const std::vector<SearchTerm>& terms, std::size_t most);

}  // namespace oc::context
