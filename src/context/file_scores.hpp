// SPDX-License-Identifier: Apache-2.0
// Files by how much they have to do with a request: its words, and the links from what it names.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "context/index_rows.hpp"
#include "context/page_rank.hpp"
#include "context/piece_finder.hpp"
#include "context/text_search.hpp"
#include "storage/database.hpp"

namespace oc::context {

struct FileScore {
  FileId file = 0;
  double score = 0;    // the best file has at most 1
  std::string reason;  // "its words match", "linked with what the request names" …
};

// `seeds`: files that the request names, with how surely it does. The best first, ties by path; at most `most`, seeds
// among them. Cost: all rows of files, and all edges once.
base::Result<std::vector<FileScore>> score_files(storage::Database& database, const std::vector<Seed>& seeds,
                                                 const std::vector<SearchTerm>& terms, Evidence evidence,
                                                 std::size_t most);

}  // namespace oc::context
