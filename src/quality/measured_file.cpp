// SPDX-License-Identifier: Apache-2.0
#include "quality/measured_file.hpp"

#include <algorithm>
#include <array>

#include "base/control_filter.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "context/source_file.hpp"
#include "quality/symbol_use.hpp"

namespace oc::quality {
namespace {

constexpr std::size_t k_longest_mark = 120;
constexpr std::array<std::string_view, 4> k_marks = {"TODO", "FIXME", "XXX", "HACK"};

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c < 0;
}

// Only at the beginning of a comment's line, or where a colon follows: "see the TODO list" is none.
std::optional<MarkedComment> read_mark(std::string_view line, base::LineNumber number) {
  for (const std::string_view word : k_marks) {
    const std::size_t at = line.find(word);
    if (at == std::string_view::npos) continue;
    const std::string_view before = line.substr(0, at), after = line.substr(at + word.size());
    if ((!before.empty() && is_word_byte(before.back())) || (!after.empty() && is_word_byte(after.front()))) continue;
    const bool begins = std::ranges::none_of(before, is_word_byte);
    const bool is_in_list = after.starts_with(',') || after.starts_with('/') || after.starts_with('\'');
    if (is_in_list || (!begins && !after.starts_with(':') && !after.starts_with('('))) continue;
    std::string_view text = base::trim(after.substr(after.starts_with(':') ? 1 : 0));
    if (text.ends_with("*/")) text = base::trim(text.substr(0, text.size() - 2));
    std::string shown = base::filter_controls(text.substr(0, k_longest_mark));
    shown.resize(base::complete_utf8_prefix(shown));
    return MarkedComment{std::string(word), number, std::move(shown)};
  }
  return std::nullopt;
}

std::vector<MarkedComment> find_marks(std::string_view text, const std::vector<syntax::CodeComment>& comments) {
  std::vector<MarkedComment> marks;
  for (const syntax::CodeComment& comment : comments) {
    base::LineNumber line = comment.line;
    for (const std::string_view part :
         base::split_lines(text.substr(comment.range.begin, comment.range.end - comment.range.begin))) {
      if (auto mark = read_mark(part, line)) marks.push_back(std::move(*mark));
      line += base::LineNumber(1);
    }
  }
  return marks;
}

std::vector<MeasuredFunction> functions_of(const syntax::CodeMeasures& measures) {
  std::vector<MeasuredFunction> functions;
  for (const syntax::FunctionMeasures& function : measures.functions) {
    const syntax::Symbol& symbol = measures.outline.symbols[static_cast<std::size_t>(function.symbol)];
    functions.push_back({symbol.qualified_name, symbol.lines, function.code_lines, function.nesting,
                         function.complexity, function.parameters});
  }
  return functions;
}

// Both ends and the middle, in their order: a row of '=' alone underlines headings.
std::vector<base::LineNumber> find_conflict_marks(std::string_view text) {
  std::vector<base::LineNumber> marks;
  if (text.find("<<<<<<< ") == std::string_view::npos) return marks;
  std::int64_t number = 0, begun = 0;
  bool has_middle = false;
  for (const std::string_view line : base::split_lines(text)) {
    ++number;
    if (line.starts_with("<<<<<<< ")) begun = number;
    if (line == "=======") has_middle = begun > 0;
    if (!line.starts_with(">>>>>>> ") || !has_middle) continue;
    marks.emplace_back(begun);
    begun = 0;
    has_middle = false;
  }
  return marks;
}

FileTokens tokens_of(const syntax::CodeMeasures& measures) {
  FileTokens tokens;
  tokens.hashes.reserve(measures.tokens.size());
  tokens.lines.reserve(measures.tokens.size());
  for (const syntax::CodeToken& token : measures.tokens) {
    if (token.is_import) continue;
    tokens.hashes.push_back(token.hash);
    tokens.lines.push_back(token.line);
  }
  return tokens;
}

}  // namespace

std::optional<MeasuredFile> measure_file(std::string path, std::string_view text, syntax::MeasureReader& reader,
                                         const base::CancelToken& cancel) {
  const syntax::Language* language =
      syntax::find_language_of_file(base::path_from_utf8(path), text.substr(0, text.find('\n')));
  if (language == nullptr || !syntax::has_functions(*language)) return std::nullopt;
  syntax::OutlineLimits limits;
  limits.cancel = cancel;
  const auto measures = reader.read(*language, text, limits);
  if (!measures) return std::nullopt;
  MeasuredFile file;
  file.path = std::move(path);
  file.language = language->id;
  file.lines = context::count_lines(text);
  file.syntax_errors = measures->outline.syntax_errors;
  file.functions = functions_of(*measures);
  file.marks = find_marks(text, measures->comments);
  file.unused_here = find_unused_here(file.path, file.language, text, *measures);
  file.public_functions = find_public_functions(file.path, file.language, text, *measures);
  file.conflict_marks = find_conflict_marks(text);
  file.tokens = tokens_of(*measures);
  return file;
}

}  // namespace oc::quality
