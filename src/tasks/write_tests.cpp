// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/file_guard.hpp"
#include "syntax/outline.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/test_place.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

using base::Result;
using syntax::Symbol;

constexpr int k_most_dropped = 20;
// Lines of what is put into the model's mouth.
constexpr std::int64_t k_longest_anchor = 60;
constexpr std::int64_t k_longest_whole = 150;

bool is_function(const Symbol& symbol) {
  return symbol.kind == syntax::SymbolKind::function || symbol.kind == syntax::SymbolKind::method;
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_word_character(text[at - 1])) && (end == text.size() || !is_word_character(text[end])))
      return true;
  }
  return false;
}

// Is the function named on a line that tells of a failure?
bool is_blamed(std::string_view output, std::string_view name) {
  return std::ranges::any_of(base::split_lines(output), [&](std::string_view line) {
    std::string lower(line);
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return has_word(line, name) && (lower.contains("fail") || lower.contains("error") || lower.contains("panicked") ||
                                    lower.contains("not ok") || lower.contains("exception"));
  });
}

class TestWriter {
 public:
  TestWriter(ModelSession& session, const TestRequest& request, EditTask edit)
      : session_(session), request_(request), edit_(std::move(edit)) {}

  Result<VerifiedEdit> write() {
    const context::SourceFile& file = request_.part.file;
    language_ = syntax::find_language_of_file(file.path, file.text.substr(0, file.text.find('\n')));
    if (language_ == nullptr)
      return base::fail(base::ErrorKind::usage,
                        fmt::format("the language of {} is not known", base::in_quotes(file.shown_path)));
    OC_CHECK(find_place());
    OC_CHECK(edit::check_may_change(test_file_, edit_.guard));
    OC_CHECK(ask_for_it());
    OC_TRY(VerifiedEdit made, make_verified_edit(session_, edit_));
    if (!made.failed_checks || made.answer.stop == protocol::StopReason::cancelled) return made;
    return keep_what_passes(std::move(made));
  }

 private:
  Result<void> find_place() {
    if (request_.target) {
      test_file_ = *request_.target;
    } else {
      std::vector<std::string> files;
      if (request_.project != nullptr) {
        OC_TRY(const auto rows, request_.project->index().query().load_files());
        for (const context::FileRow& row : rows) files.push_back(row.path);
      }
      const TestPlace place = find_test_place(request_.part.file.shown_path, language_->id, files);
      test_file_ = (request_.workspace / base::path_from_utf8(place.path)).lexically_normal();
    }
    if (test_file_ == request_.part.file.path)
      return base::fail(base::ErrorKind::usage, "tests cannot go to the file that they test", "name another with --to");
    std::error_code ignored;
    if (!std::filesystem::exists(test_file_, ignored)) return {};
    OC_TRY(existing_, context::load_source_file(test_file_, request_.workspace, request_.file_limit));
    return {};
  }

  Result<void> ask_for_it() {
    const std::string shown = context::shown_path_of(test_file_, request_.workspace);
    const std::string& path = request_.part.file.shown_path;
    const std::string subject =
        request_.symbol.empty() ? fmt::format("`{}`", path) : fmt::format("`{}` of `{}`", request_.symbol, path);
    std::vector<FilePart> parts;
    if (existing_) parts.push_back({*existing_, std::nullopt});
    parts.push_back(request_.part);
    for (const FilePart& part : parts) edit_.seen.push_back({part.file.path, part.file.bytes});
    if (!existing_) edit_.seen.push_back({test_file_, std::nullopt});
    edit_.chat.pieces = make_pieces(parts);
    edit_.chat.question =
        prompt_text(existing_ ? "add_tests" : "write_tests", {{"language", std::string(language_->display_name)},
                                                              {"subject", subject},
                                                              {"test_path", shown},
                                                              {"path", path}});
    edit_.placement.scope = existing_ ? edit::CodeScope::unknown : edit::CodeScope::whole_file;
    edit_.chat.answer_start = fmt::format("```{}\n{}", language_->fence, existing_ ? begin_addition() : "");
    edit_.chat.stop = {"\n```\n"};
    edit_.chat.project = request_.project;
    edit_.chat.about = make_piece_request(request_.project, parts, "tests for " + subject);
    edit_.form = AnswerForm::one_code;
    edit_.placement.file = test_file_;
    return {};
  }

  // What the new tests of an existing file go behind, put into the model's mouth: its last symbol, or all of a short
  // file without any (JavaScript's tests are calls). So they have a place, and nothing that is there can be lost.
  std::string begin_addition() {
    const std::string& text = existing_->text;
    const auto outline = syntax::OutlineReader().read(*language_, text, {});
    if (!outline || text.contains("```")) return "";
    const Symbol* last = nullptr;
    for (const Symbol& symbol : outline->symbols)
      if (symbol.container < 0 && symbol.body) last = &symbol;
    if (last != nullptr) {
      if (last->lines.last.value - last->lines.first.value >= k_longest_anchor) return "";
      return text.substr(last->range.begin, last->range.end - last->range.begin) + "\n";
    }
    if (context::count_lines(text) > k_longest_whole) return "";
    edit_.placement.scope = edit::CodeScope::whole_file;
    return text.ends_with('\n') ? text : text + "\n";
  }

  // Functions that the change added and that the output blames, the first of them.
  const Symbol* find_failing(const syntax::Outline& outline, const std::string& fault) const {
    std::set<std::string> old;
    if (existing_)
      if (const auto before = syntax::OutlineReader().read(*language_, existing_->bytes, {}))
        for (const Symbol& symbol : before->symbols) old.insert(symbol.qualified_name);
    for (const Symbol& symbol : outline.symbols)
      if (is_function(symbol) && !old.contains(symbol.qualified_name) && is_blamed(fault, symbol.name)) return &symbol;
    return nullptr;
  }

  static bool has_other_function(const syntax::Outline& outline, const Symbol& without) {
    return std::ranges::any_of(outline.symbols,
                               [&](const Symbol& symbol) { return is_function(symbol) && &symbol != &without; });
  }

  // Without the lines of the symbol, and of the blank ones above it.
  static std::string without(const std::string& text, const Symbol& symbol) {
    std::size_t begin = text.rfind('\n', symbol.range.begin);
    begin = begin == std::string::npos ? 0 : begin + 1;
    while (begin > 1 && base::is_blank(std::string_view(text).substr(begin - 1, 1)) && text[begin - 2] == '\n') --begin;
    std::size_t end = text.find('\n', symbol.range.end == 0 ? 0 : symbol.range.end - 1);
    end = end == std::string::npos ? text.size() : end + 1;
    return text.substr(0, begin) + text.substr(end);
  }

  // Tests that still fail go, one after the other, as long as others are left that may pass.
  Result<VerifiedEdit> keep_what_passes(VerifiedEdit made) {
    if (made.change.files.size() != 1 || !made.change.files.front().after) return made;
    edit::Change kept = made.change;
    std::string fault = made.fault;
    std::vector<std::string> dropped;
    while (static_cast<int>(dropped.size()) < k_most_dropped) {
      const auto outline = syntax::OutlineReader().read(*language_, *kept.files.front().after, {});
      const Symbol* failing = outline ? find_failing(*outline, fault) : nullptr;
      if (failing == nullptr || !has_other_function(*outline, *failing)) return made;
      dropped.push_back(failing->name);
      session_.tell(Step{static_cast<std::int64_t>(dropped.size()), k_most_dropped, "without " + failing->name});
      kept.files.front().after = without(*kept.files.front().after, *failing);
      if (kept.files.front().after == kept.files.front().before) return made;
      OC_TRY(const GateVerdict verdict, pass_gate(kept, edit_.gate, session_.cancel()));
      fault = verdict.fault;
      if (verdict.passed()) break;
      if (verdict.stage == GateVerdict::Stage::syntax) return made;
    }
    if (!fault.empty()) return made;
    session_.tell(Note{fmt::format("left out, because they fail: {}", fmt::join(dropped, ", "))});
    made.change = std::move(kept);
    made.fault.clear();
    made.failed_checks = false;
    return made;
  }

  ModelSession& session_;
  const TestRequest& request_;
  EditTask edit_;
  const syntax::Language* language_ = nullptr;
  base::Path test_file_;
  std::optional<context::SourceFile> existing_;
};

}  // namespace

Result<VerifiedEdit> write_tests(ModelSession& session, const TestRequest& request, EditTask edit) {
  edit.gate.old_failures = OldFailures::counted;
  return TestWriter(session, request, std::move(edit)).write();
}

}  // namespace oc::tasks
