// SPDX-License-Identifier: Apache-2.0
#include "syntax/tree_parser.hpp"

#include <algorithm>
#include <limits>

#include "syntax/c_guards.hpp"

namespace oc::syntax {
namespace {

using Clock = std::chrono::steady_clock;

const char* read_text(void* payload, std::uint32_t byte, TSPoint /*position*/, std::uint32_t* length) {
  const std::string_view text = static_cast<const Parse*>(payload)->text;
  const std::size_t begin = std::min<std::size_t>(byte, text.size());
  *length = static_cast<std::uint32_t>(text.size() - begin);
  return text.data() + begin;
}

bool must_stop(TSParseState* state) {
  const Parse& parse = *static_cast<const Parse*>(state->payload);
  return parse.limits->cancel.is_requested() || Clock::now() >= parse.deadline;
}

// Does a header named .h look like C++? Words that C does not have, at the beginning of a line.
bool looks_like_cpp(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    for (const std::string_view word : {"namespace ", "template", "class ", "public:", "private:", "protected:",
                                        "using ", "inline namespace ", "constexpr "})
      if (line.starts_with(word)) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

}  // namespace

std::int64_t count_errors(const TSNode& root) {
  std::int64_t count = 0;
  for_each_error(root, [&](const TSNode&) {
    ++count;
    return true;
  });
  return count;
}

TreeParser::TreeParser() : parser_(ts_parser_new()) {}
TreeParser::~TreeParser() { ts_parser_delete(parser_); }

SyntaxTree TreeParser::parse(const Grammar& grammar, const Parse& parse) {
  if (parse.text.size() > std::numeric_limits<std::uint32_t>::max() / 2) return nullptr;
  if (!ts_parser_set_language(parser_, grammar.language())) return nullptr;
  Parse payload = parse;
  const TSInput input{.payload = &payload, .read = read_text, .encoding = TSInputEncodingUTF8, .decode = nullptr};
  const TSParseOptions options{.payload = &payload, .progress_callback = must_stop};
  if (parse.limits->cancel.is_requested()) return nullptr;
  SyntaxTree tree(ts_parser_parse_with_options(parser_, nullptr, input, options));
  if (!tree) ts_parser_reset(parser_);
  return tree;
}

TreeParser::Choice TreeParser::parse_header(const Grammar& c, const Parse& parse) {
  const Grammar* cpp = looks_like_cpp(parse.text) ? find_grammar("cpp") : nullptr;
  if (cpp == nullptr) return {&c, this->parse(c, parse)};
  SyntaxTree as_cpp = this->parse(*cpp, parse);
  if (!as_cpp || !ts_node_has_error(ts_tree_root_node(as_cpp.get()))) return {cpp, std::move(as_cpp)};
  SyntaxTree as_c = this->parse(c, parse);
  if (!as_c || count_errors(ts_tree_root_node(as_c.get())) > count_errors(ts_tree_root_node(as_cpp.get())))
    return {cpp, std::move(as_cpp)};
  return {&c, std::move(as_c)};
}

TreeParser::Choice TreeParser::parse_language(const Grammar& grammar, const Parse& parse) {
  const std::string_view language = grammar.language_rules().language;
  if (language != "c" && language != "cpp") return {&grammar, this->parse(grammar, parse)};
  const std::string blanked = blank_c_guards(parse.text);
  Parse clean = parse;
  if (!blanked.empty()) clean.text = blanked;
  if (language == "c") return parse_header(grammar, clean);
  return {&grammar, this->parse(grammar, clean)};
}

}  // namespace oc::syntax
