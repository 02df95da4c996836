// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "edit/line_replacement.hpp"
#include "syntax/language.hpp"
#include "syntax/outline.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

constexpr std::size_t k_widest_line = 100;
constexpr std::size_t k_most_lines = 12;

// How a language writes such a comment, and where.
struct CommentStyle {
  std::string_view languages;
  std::string_view open, line, close;  // open and close stand on lines of their own; "": none
  enum class Place { above, inside } place = CommentStyle::Place::above;
};
constexpr std::array<CommentStyle, 6> k_styles{{
    {"python", "\"\"\"", "", "\"\"\"", CommentStyle::Place::inside},
    {"rust csharp swift", "", "/// ", "", CommentStyle::Place::above},
    {"c cpp go objective-c zig", "", "// ", "", CommentStyle::Place::above},
    {"javascript typescript tsx jsx java kotlin php scala dart", "/**", " * ", " */", CommentStyle::Place::above},
    {"lua sql haskell", "", "-- ", "", CommentStyle::Place::above},
    {"ruby bash shell perl r", "", "# ", "", CommentStyle::Place::above},
}};

const CommentStyle* find_style(std::string_view language) {
  const auto has = [&](const CommentStyle& style) {
    const auto words = fmt::format(" {} ", style.languages);
    return words.find(fmt::format(" {} ", language)) != std::string::npos;
  };
  const auto found = std::ranges::find_if(k_styles, has);
  return found == k_styles.end() ? nullptr : &*found;
}

bool is_documentable(const syntax::Symbol& symbol) {
  using enum syntax::SymbolKind;
  constexpr std::array k_kinds{function, method, class_type, struct_type, interface_type, trait_type, enum_type};
  return std::ranges::find(k_kinds, symbol.kind) != k_kinds.end() && symbol.form == syntax::SymbolForm::definition;
}

// The words in lines of a width that reads well; marks that would end the comment are taken out.
std::vector<std::string> wrapped(std::string_view answer, std::size_t width) {
  std::string text(answer);
  for (const std::string_view mark : {"*/", "/*", "\"\"\"", "```"})
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.erase(at, mark.size());
  std::vector<std::string> lines;
  for (const std::string_view paragraph : base::split_lines(base::trim(text))) {
    std::string line;
    std::size_t at = 0;
    while (at < paragraph.size()) {
      const std::size_t begin = std::min(paragraph.find_first_not_of(" \t\r", at), paragraph.size());
      const std::size_t end = std::min(paragraph.find_first_of(" \t\r", begin), paragraph.size());
      const std::string_view word = paragraph.substr(begin, end - begin);
      if (!line.empty() && line.size() + 1 + word.size() > width) lines.push_back(std::exchange(line, ""));
      if (!word.empty()) line += (line.empty() ? "" : " ") + std::string(word);
      at = end;
    }
    lines.push_back(line);
  }
  if (lines.size() > k_most_lines) lines.resize(k_most_lines);
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string comment_text(const CommentStyle& style, const std::vector<std::string>& lines, std::string_view indent) {
  if (style.place == CommentStyle::Place::inside) {
    std::string text = fmt::format("{}{}{}", indent, style.open, lines.front());
    for (std::size_t i = 1; i < lines.size(); ++i)
      text += lines[i].empty() ? "\n" : fmt::format("\n{}{}", indent, lines[i]);
    return text + (lines.size() > 1 ? fmt::format("\n{}{}\n", indent, style.close) : fmt::format("{}\n", style.close));
  }
  std::string text;
  if (!style.open.empty()) text += fmt::format("{}{}\n", indent, style.open);
  for (const std::string& line : lines)
    text += std::string(base::trim_end(fmt::format("{}{}{}", indent, style.line, line))) + "\n";
  if (!style.close.empty()) text += fmt::format("{}{}\n", indent, style.close);
  return text;
}

// Where the comment goes: before the symbol, or as the first statement of its body. nullopt: a body on the same line.
struct CommentPlace {
  std::size_t line = 0;
  std::string indent;
};
std::optional<CommentPlace> find_place(const CommentStyle& style, const syntax::Symbol& symbol,
                                       const std::vector<std::string_view>& lines, std::string_view text) {
  if (style.place == CommentStyle::Place::above) {
    const auto first = static_cast<std::size_t>(symbol.lines.first.value - 1);
    return CommentPlace{first, std::string(base::indentation(lines[first]))};
  }
  if (!symbol.body) return std::nullopt;
  const auto line = static_cast<std::size_t>(std::ranges::count(text.substr(0, symbol.body->begin), '\n'));
  if (line >= lines.size() ||
      !base::is_blank(lines[line].substr(0, symbol.body->begin - (text.rfind('\n', symbol.body->begin) + 1))))
    return std::nullopt;
  return CommentPlace{line, std::string(base::indentation(lines[line]))};
}

class Documenter {
 public:
  Documenter(ModelSession& session, const DocumentRequest& request, EditTask edit)
      : session_(session), request_(request), edit_(std::move(edit)), lines_(base::split_lines(request.file.text)) {}

  base::Result<VerifiedEdit> document() {
    const auto* language = syntax::find_language_of_file(request_.file.path);
    const CommentStyle* style = language == nullptr ? nullptr : find_style(language->id);
    auto outline = style == nullptr ? std::nullopt : syntax::OutlineReader().read(*language, request_.file.text, {});
    if (!outline)
      return base::fail(base::ErrorKind::usage,
                        fmt::format("comments for {} cannot be written: its language has no known form for them",
                                    base::in_quotes(request_.file.shown_path)));
    OC_TRY(const auto wanted, find_symbols(*outline));
    VerifiedEdit made;
    made.change.title = edit_.title;
    std::vector<edit::LineReplacement> comments;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const syntax::Symbol& symbol = *wanted[i];
      session_.tell(Step{static_cast<std::int64_t>(i), static_cast<std::int64_t>(wanted.size()), symbol.name});
      const auto place = find_place(*style, symbol, lines_, request_.file.text);
      if (!place) {
        session_.tell(Note{fmt::format("'{}' is left out: its body begins on its first line", symbol.name)});
        continue;
      }
      OC_TRY(made.answer, ask_about(symbol));
      if (made.answer.stop == protocol::StopReason::cancelled) return made;
      const auto words = wrapped(made.answer.text, k_widest_line - place->indent.size());
      if (!words.empty()) comments.push_back({place->line, place->line, comment_text(*style, words, place->indent)});
    }
    return finish(std::move(made), std::move(comments));
  }

 private:
  base::Result<std::vector<const syntax::Symbol*>> find_symbols(const syntax::Outline& outline) const {
    std::vector<const syntax::Symbol*> wanted;
    for (const syntax::Symbol& symbol : outline.symbols) {
      const bool is_named = std::ranges::any_of(request_.symbols, [&](const std::string& name) {
        return name == symbol.name || name == symbol.qualified_name;
      });
      const bool is_due = request_.symbols.empty() && is_documentable(symbol);
      if ((is_named || is_due) && symbol.doc.empty()) wanted.push_back(&symbol);
    }
    if (wanted.empty())
      return base::fail(base::ErrorKind::negative,
                        fmt::format("{} has nothing to document", base::in_quotes(request_.file.shown_path)),
                        "what has a comment keeps it; name others with --symbol");
    return wanted;
  }

  base::Result<Answer> ask_about(const syntax::Symbol& symbol) {
    ChatTask task;
    task.pieces = make_pieces({{request_.file, symbol.lines}});
    task.question = prompt_text("document", {{"name", symbol.qualified_name}, {"path", request_.file.shown_path}});
    task.project = request_.project;
    task.about = make_piece_request(request_.project, {{request_.file, symbol.lines}}, symbol.name);
    return ask(session_, task);
  }

  base::Result<VerifiedEdit> finish(VerifiedEdit made, std::vector<edit::LineReplacement> comments) const {
    auto bytes = edit::replace_lines(request_.file.bytes, std::move(comments));
    made.is_final = true;
    if (!bytes) made.fault = bytes.error().reason;
    else if (*bytes == request_.file.bytes) made.fault = "the model wrote no words";
    if (!made.passed()) return made;
    OC_CHECK(edit::check_may_change(request_.file.path, edit_.guard));
    made.change.files = {{request_.file.path, request_.file.shown_path, request_.file.bytes, std::move(*bytes)}};
    OC_TRY(GateVerdict verdict, pass_gate(made.change, edit_.gate, session_.cancel()));
    made.fault = std::move(verdict.fault);
    return made;
  }

  ModelSession& session_;
  const DocumentRequest& request_;
  EditTask edit_;
  std::vector<std::string_view> lines_;
};

}  // namespace

base::Result<VerifiedEdit> document(ModelSession& session, const DocumentRequest& request, EditTask edit) {
  return Documenter(session, request, std::move(edit)).document();
}

}  // namespace oc::tasks
