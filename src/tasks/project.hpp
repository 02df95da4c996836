// SPDX-License-Identifier: Apache-2.0
// The workspace as the use cases see it: an index that is up to date, and pieces of it for a request. For one thread.
// Without it every use case still works, with what the user named alone.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "context/project_index.hpp"
#include "context/selection.hpp"
#include "tasks/events.hpp"

namespace oc::tasks {

struct ProjectOptions {
  base::Path workspace;
  base::Path cache_folder;  // of the user, for workspaces without a folder of their own
  base::ByteCount file_limit;
  base::TokenCount budget;                              // for the pieces of one request
  base::TokenCount map_budget;                          // for the map that all requests share
  std::optional<std::chrono::milliseconds> time_limit;  // for bringing the index up to date
  std::function<void(const std::string&)> tell;         // what a person should know of the index; may be empty
};

// Do the pieces stand in the prompt with the numbers of their lines, for answers that cite them?
enum class LineNumbers { hidden, shown };

class Project {
 public:
  // Opens the index and brings it up to date, telling about it through `progress`. Kinds: io, cancelled.
  static base::Result<Project> open(const ProjectOptions& options, const base::CancelToken& cancel,
                                    std::function<void(const context::RefreshProgress&)> progress);

  const ProjectOptions& options() const { return options_; }
  void set_budget(base::TokenCount budget) { options_.budget = budget; }
  const context::RefreshOutcome& refreshed() const { return refreshed_; }
  const context::IndexPlace& place() const { return place_; }
  context::ProjectIndex& index() { return index_; }

  // The path as the index has it; nullopt for a file outside the workspace.
  std::optional<std::string> path_in_index(const base::Path& file) const;

  // The map, and the pieces for a request, counted as they stand in a prompt, each within its budget and both within
  // `most`. What did not fit is named.
  struct Context {
    std::string map;  // "" when there is none
    std::vector<context::Piece> pieces;
    context::Selection ledger;  // of both
  };
  base::Result<Context> choose(const context::PieceRequest& request, base::TokenCount most,
                               const context::CountTokens& count_tokens, const std::string& tokenizer,
                               LineNumbers line_numbers = LineNumbers::hidden);
  // The pieces alone, counted as their text.
  base::Result<Context> choose_pieces(const context::PieceRequest& request, base::TokenCount most,
                                      const context::CountTokens& count_tokens, const std::string& tokenizer);

 private:
  Project(ProjectOptions options, context::IndexPlace place, context::ProjectIndex index)
      : options_(std::move(options)), place_(std::move(place)), index_(std::move(index)) {}

  base::Result<Context> choose_framed(const context::PieceRequest& request, base::TokenCount budget,
                                      const context::CountTokens& count,
                                      const std::function<std::string(const context::Piece&)>& framing,
                                      LineNumbers line_numbers);

  ProjectOptions options_;
  context::IndexPlace place_;
  context::ProjectIndex index_;
  context::RefreshOutcome refreshed_;
};

}  // namespace oc::tasks
