// SPDX-License-Identifier: Apache-2.0
#include "tasks/completion_syntax.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "syntax/outline.hpp"

namespace oc::tasks {
namespace {

constexpr std::size_t k_largest = 1'000'000;
constexpr int k_most_tries = 12;
// A completion is wanted now; what cannot be parsed in this time is not judged.
constexpr std::chrono::milliseconds k_time{150};

char closer_of(char opener) { return opener == '(' ? ')' : opener == '[' ? ']' : '}'; }

// The closers that `code` still needs, innermost first. Strings and comments are not known here; a bracket in them at
// worst makes a good completion look bad, and the second look without closers forgives that.
std::string missing_closers(std::string_view code) {
  std::string open;
  for (const char c : code) {
    if (c == '(' || c == '[' || c == '{') open.push_back(closer_of(c));
    if (!open.empty() && c == open.back()) open.pop_back();
  }
  return {open.rbegin(), open.rend()};
}

class SyntaxJudge {
 public:
  SyntaxJudge(const syntax::Language& language, std::string_view prefix, std::string_view suffix)
      : language_(language), prefix_(prefix), suffix_(suffix), before_(count_errors("")) {
    // Where the cursor stands something is missing: that the file is broken there allows no other error.
    for (const std::string_view something : {"x", "x;"}) {
      if (before_ <= 0) break;
      if (const std::int64_t errors = count_errors(something); errors >= 0) before_ = std::min(before_, errors);
    }
  }

  bool can_judge() const { return before_ >= 0; }

  bool is_good(std::string_view code) {
    // A block that only begins ("if x:") needs a body that the user has yet to write.
    if (base::trim_end(code).ends_with(':')) return true;
    const std::string closed = std::string(code) + missing_closers(code);
    return count_errors(closed) <= before_ || count_errors(code) <= before_ || count_errors(closed + ";") <= before_;
  }

 private:
  // -1: it could not be parsed whole.
  std::int64_t count_errors(std::string_view code) {
    std::string text;
    text.reserve(prefix_.size() + code.size() + suffix_.size());
    text.append(prefix_).append(code).append(suffix_);
    syntax::OutlineLimits limits;
    limits.time = k_time;
    const auto errors = reader_.find_errors(language_, text, limits);
    return errors ? static_cast<std::int64_t>(errors->size()) : -1;
  }

  const syntax::Language& language_;
  std::string_view prefix_, suffix_;
  syntax::OutlineReader reader_;
  std::int64_t before_;
};

}  // namespace

std::string without_new_errors(const syntax::Language* language, std::string_view prefix, std::string_view code,
                               std::string_view suffix, CompletionEnd end) {
  if (language == nullptr || !syntax::has_grammar(*language) || code.empty()) return std::string(code);
  if (prefix.size() + code.size() + suffix.size() > k_largest) return std::string(code);
  if (end == CompletionEnd::cut && base::trim_end(code).find('\n') == std::string_view::npos) return std::string(code);
  SyntaxJudge judge(*language, prefix, suffix);
  if (!judge.can_judge()) return std::string(code);
  std::string_view rest = code;
  for (int tries = 0; tries < k_most_tries && !base::is_blank(rest); ++tries) {
    if (judge.is_good(rest)) return std::string(rest);
    const std::size_t newline = base::trim_end(rest).rfind('\n');
    if (newline == std::string_view::npos) break;
    rest = base::trim_end(rest.substr(0, newline));
  }
  return "";
}

}  // namespace oc::tasks
