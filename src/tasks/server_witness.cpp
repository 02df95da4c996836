// SPDX-License-Identifier: Apache-2.0
#include "tasks/server_witness.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/import_paths.hpp"
#include "language_server/edit_places.hpp"
#include "language_server/file_uri.hpp"
#include "language_server/server_commands.hpp"
#include "language_server/server_session.hpp"
#include "syntax/language.hpp"

namespace oc::tasks {
namespace {

using base::ErrorKind;
using base::Result;
using context::RenameFile;
using context::RenameSpot;
using context::RenameTestimony;
using language_server::Document;
using language_server::NameRange;
using language_server::ServerSession;
using language_server::TextPositions;
using Testified = Result<std::optional<RenameTestimony>>;

// What a server gets to read at most; each open file costs it memory.
constexpr std::size_t k_most_files = 400;
constexpr std::size_t k_most_bytes = 32'000'000;
constexpr std::size_t k_most_declarations = 20;  // overloads, asked about one by one
constexpr std::size_t k_most_doubts = 300;
constexpr std::size_t k_most_refused = 200;

// As the protocol calls it.
std::string language_of(const RenameFile& file) {
  if (file.path.ends_with(".jsx")) return "javascriptreact";
  const std::string_view id = file.language->id;
  return id == "tsx" ? "typescriptreact" : std::string(id);
}

class Hearing {
 public:
  Hearing(const std::string& name, const context::RenameRequest& request, const edit::GuardOptions& guard,
          std::span<const RenameSpot> declarations, std::span<const RenameSpot> doubts)
      : request_(request), guard_(guard), declarations_(declarations), doubts_(doubts) {
    testimony_.witness = name_ = name;
    std::error_code ignored;
    real_workspace_ = std::filesystem::canonical(guard.workspace, ignored);
    for (const RenameFile& file : request.files) files_.emplace(file.path, &file);
  }

  Result<RenameTestimony> hear(const sandbox::RunRequest& run, const base::CancelToken& cancel) {
    OC_TRY(auto session, ServerSession::start(run, cancel));
    session_ = std::move(session);
    OC_CHECK(session_->open(choose_documents()));
    OC_CHECK(ask_for_symbol());
    OC_CHECK(ask_about_doubts());
    garbage_ = session_->garbage();
    session_.reset();
    testimony_.named.assign(named_.begin(), named_.end());
    return std::move(testimony_);
  }

  // For people, one sentence each.
  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    const std::string& name = name_;
    if (left_out_ > 0) notes.push_back(fmt::format("{} was not shown {} of the files", name, left_out_));
    if (garbage_ > 0) notes.push_back(fmt::format("{} printed {} bytes between its messages", name, garbage_));
    if (other_operations_ > 0)
      notes.push_back(fmt::format("{} would also make, rename or delete files: left out", name));
    if (unreadable_ > 0) notes.push_back(fmt::format("{} of {}'s edits cannot be read", unreadable_, name));
    return notes;
  }

 private:
  // The declarations, then what is in doubt, then the rest: so far as they are text that a server understands.
  std::vector<Document> choose_documents() {
    std::vector<const RenameFile*> order;
    const auto add = [&](const std::string& path) {
      const auto found = files_.find(path);
      if (found != files_.end() && std::ranges::find(order, found->second) == order.end())
        order.push_back(found->second);
    };
    for (const RenameSpot& spot : declarations_) add(spot.path);
    for (const RenameSpot& spot : doubts_) add(spot.path);
    const std::string_view family = context::family_of(files_.at(declarations_.front().path)->language->id);
    for (const RenameFile& file : request_.files)
      if (context::family_of(file.language->id) == family) add(file.path);
    std::vector<Document> documents;
    std::size_t bytes = 0;
    for (const RenameFile* file : order) {
      bytes += file->text.size();
      if (documents.size() == k_most_files || bytes > k_most_bytes || base::find_invalid_utf8(file->text)) {
        ++left_out_;
        continue;
      }
      numbers_.emplace(file->path, documents.size());
      documents.push_back(
          {language_server::uri_of_path(base::to_utf8(whole_path(file->path))), language_of(*file), file->text});
    }
    return documents;
  }

  base::Path whole_path(const std::string& path) const { return guard_.workspace / base::path_from_utf8(path); }

  const TextPositions& positions_of(const RenameFile& file) {
    return positions_.try_emplace(file.path, file.text, session_->abilities().unit).first->second;
  }

  // The path inside of the workspace; "" for all others.
  std::string inside(const std::string& uri) const {
    const auto path = language_server::path_of_uri(uri);
    if (!path) return "";
    const base::Path whole = base::path_from_utf8(*path).lexically_normal();
    for (const base::Path& top : {guard_.workspace, real_workspace_})
      if (!top.empty() && whole != top && base::is_inside(whole, top))
        return base::to_utf8(base::relative_to(whole, top));
    return "";
  }

  void refuse(std::string path, std::int64_t line, std::string_view reason) {
    if (testimony_.refused.size() >= k_most_refused) return;
    testimony_.refused.push_back({std::move(path), base::LineNumber(std::clamp<std::int64_t>(line, 0, INT32_MAX) + 1),
                                  fmt::format("{} names it, but {}", testimony_.witness, reason)});
  }

  // nullptr: what the server says of the file is refused.
  const RenameFile* find_file(const std::string& uri, std::int64_t line) {
    const std::string path = inside(uri);
    const auto escaped = [](const std::string& text) {
      const std::string quoted = base::in_quotes(text.substr(0, base::complete_utf8_prefix(text.substr(0, 300))));
      return quoted.substr(1, quoted.size() - 2);
    };
    if (path.empty()) {
      refuse(escaped(language_server::path_of_uri(uri).value_or(uri)), line, "it is outside of the project");
      return nullptr;
    }
    const auto found = files_.find(path);
    if (found == files_.end()) {
      refuse(escaped(path), line, "it is not among the files that are looked at");
      return nullptr;
    }
    if (const auto may = edit::check_may_change(whole_path(path), guard_); !may) {
      refuse(path, line, may.error().message);
      return nullptr;
    }
    return found->second;
  }

  void take(const language_server::WorkspaceEdit& edit) {
    other_operations_ += edit.other_operations;
    unreadable_ += edit.unreadable;
    const std::string old_name(context::last_part_of_name(request_.old_name));
    for (const language_server::FileEdits& one : edit.files) {
      if (one.edits.empty()) continue;
      const RenameFile* file = find_file(one.uri, one.edits.front().range.begin.line);
      if (file == nullptr) continue;
      for (const language_server::TextEdit& text : one.edits) {
        const auto places =
            language_server::places_of_edit(file->text, positions_of(*file), text, {old_name, request_.new_name});
        if (!places) {
          refuse(file->path, positions_of(*file).position_of(places.error().at).line, places.error().reason);
          continue;
        }
        for (const NameRange& range : *places) named_.insert({file->path, {range.begin, range.end}});
      }
    }
  }

  void take(const std::vector<language_server::Location>& locations) {
    for (const language_server::Location& one : locations) {
      const RenameFile* file = find_file(one.uri, one.range.begin.line);
      if (file == nullptr) continue;
      const auto place = language_server::place_of_range(file->text, positions_of(*file), one.range,
                                                         context::last_part_of_name(request_.old_name));
      if (place) named_.insert({file->path, {place->begin, place->end}});
      else refuse(file->path, one.range.begin.line, place.error().reason);
    }
  }

  // Asks at each declaration that no answer has named yet: overloads are several symbols to a server.
  Result<void> ask_for_symbol() {
    std::size_t asked = 0;
    base::Error error{ErrorKind::io, "it names no place of the symbol", ""};
    for (const RenameSpot& spot : declarations_) {
      const auto number = numbers_.find(spot.path);
      if (named_.contains(spot) || number == numbers_.end() || asked == k_most_declarations) continue;
      ++asked;
      auto answered = ask_at(number->second, spot.range.begin);
      if (answered) continue;
      if (answered.error().kind != ErrorKind::negative) return answered;
      error.message = answered.error().message;
    }
    if (named_.empty()) return std::unexpected(error);
    return {};
  }

  Result<void> ask_at(std::size_t document, std::size_t offset) {
    const language_server::ServerAbilities& can = session_->abilities();
    base::Error error{ErrorKind::negative, "it neither renames nor finds uses", ""};
    if (can.renames) {
      auto edit = session_->rename(document, offset, request_.new_name);
      if (edit) {
        take(*edit);
        return {};
      }
      if (edit.error().kind != ErrorKind::negative) return std::unexpected(edit.error());
      error = edit.error();
    }
    if (!can.finds_references) return std::unexpected(error);
    OC_TRY(const auto locations, session_->references(document, offset));
    take(locations);
    return {};
  }

  Result<void> ask_about_doubts() {
    if (!session_->abilities().finds_definitions) return {};
    std::vector<RenameSpot> spots;
    std::vector<ServerSession::Spot> asked;
    for (const RenameSpot& spot : doubts_) {
      const auto number = numbers_.find(spot.path);
      if (named_.contains(spot) || number == numbers_.end() || asked.size() == k_most_doubts) continue;
      spots.push_back(spot);
      asked.push_back({number->second, spot.range.begin});
    }
    OC_TRY(const auto found, session_->definitions(asked));
    const std::set<RenameSpot> known = named_;
    for (std::size_t i = 0; i < spots.size(); ++i) judge(spots[i], found[i], known);
    return {};
  }

  // A name that is declared where the symbol is means the symbol.
  void judge(const RenameSpot& spot, const std::vector<language_server::Location>& locations,
             const std::set<RenameSpot>& known) {
    std::string other;
    for (const language_server::Location& one : locations) {
      const std::string path = inside(one.uri);
      const auto file = files_.find(path);
      if (file != files_.end()) {
        const auto begin = positions_of(*file->second).offset_of(one.range.begin);
        const auto is_there = [&](const RenameSpot& place) {
          return begin && place.path == path && place.range.begin <= *begin && *begin < place.range.end;
        };
        if (std::ranges::any_of(declarations_, is_there) || std::ranges::any_of(known, is_there)) {
          named_.insert(spot);
          return;
        }
      }
      if (other.empty() && file != files_.end())
        other = fmt::format("it is the one at {}:{}", path,
                            std::clamp<std::int64_t>(one.range.begin.line, 0, INT32_MAX) + 1);
      else if (other.empty()) other = "it is something else";
    }
    if (!other.empty()) testimony_.others.emplace(spot, std::move(other));
  }

  const context::RenameRequest& request_;
  const edit::GuardOptions& guard_;
  std::span<const RenameSpot> declarations_, doubts_;
  base::Path real_workspace_;
  std::map<std::string, const RenameFile*> files_;
  std::map<std::string, std::size_t> numbers_;  // of the open documents
  std::map<std::string, TextPositions> positions_;
  std::unique_ptr<ServerSession> session_;
  std::set<RenameSpot> named_;
  std::string name_;
  RenameTestimony testimony_;
  std::size_t left_out_ = 0, garbage_ = 0;
  int other_operations_ = 0, unreadable_ = 0;
};

}  // namespace

Testified hear_server(const LanguageServerUse& use, const context::RenameRequest& request,
                      const edit::GuardOptions& guard, std::span<const RenameSpot> declarations,
                      std::span<const RenameSpot> doubts, const base::CancelToken& cancel) {
  if (declarations.empty()) return std::nullopt;
  const auto file = std::ranges::find(request.files, declarations.front().path, &RenameFile::path);
  if (file == request.files.end()) return std::nullopt;
  const std::string language(context::family_of(file->language->id));
  OC_TRY(const auto command, language_server::find_server(language, use.own_commands));
  if (!command) {
    use.tell(fmt::format("going on without a language server: none is installed for this language ({})",
                         language_server::usual_servers(language)));
    return std::nullopt;
  }
  OC_TRY(const bool may_start, use.may_start(command->name, {guard.workspace, command->words, guard.workspace}));
  if (!may_start) return std::nullopt;
  const sandbox::RunRequest run{command->words, guard.workspace, use.limits, use.more_environment, ""};
  Hearing hearing(command->name, request, guard, declarations, doubts);
  auto testimony = hearing.hear(run, cancel);
  if (!testimony && testimony.error().kind == ErrorKind::cancelled) return std::unexpected(testimony.error());
  if (!testimony) {
    use.tell(fmt::format("going on without {}: {}", command->name, testimony.error().message));
    return std::nullopt;
  }
  for (const std::string& note : hearing.notes()) use.tell(note);
  return std::move(*testimony);
}

}  // namespace oc::tasks
