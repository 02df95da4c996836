// SPDX-License-Identifier: Apache-2.0
#include "syntax/outline.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "unit/syntax/samples.hpp"

namespace oc::syntax {
namespace {

const Language& language(std::string_view id) { return *find_language(id); }

Outline read(std::string_view id, std::string_view text, const OutlineLimits& limits = {}) {
  OutlineReader reader;
  std::optional<Outline> outline = reader.read(language(id), text, limits);
  EXPECT_TRUE(outline);
  EXPECT_EQ(find_broken_promise(*outline, text), "");
  return outline ? std::move(*outline) : Outline();
}

std::string repeated(std::string_view piece, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece;
  return text;
}

TEST(OutlineReader, HasNothingToSayAboutLanguagesWithoutGrammar) {
  OutlineReader reader;
  EXPECT_FALSE(has_grammar(language("fortran")));
  EXPECT_FALSE(reader.read(language("fortran"), "program x", {}));
  EXPECT_FALSE(reader.find_errors(language("fortran"), "program x", {}));
}

TEST(OutlineReader, ReadsAnEmptyText) {
  for (const Language& each : languages()) {
    if (!has_grammar(each)) continue;
    OutlineReader reader;
    const std::optional<Outline> outline = reader.read(each, "", {});
    ASSERT_TRUE(outline) << each.id;
    EXPECT_TRUE(outline->symbols.empty() && outline->references.empty() && outline->imports.empty()) << each.id;
    EXPECT_EQ(outline->syntax_errors, 0) << each.id;
    EXPECT_EQ(outline->coverage, Coverage::whole) << each.id;
  }
}

TEST(OutlineReader, CanBeMoved) {
  OutlineReader first;
  OutlineReader second = std::move(first);
  first = std::move(second);
  EXPECT_EQ(first.read(language("c"), "int a;", {})->symbols.size(), 1u);
}

TEST(OutlineReader, FindsTheLinesOfErrors) {
  OutlineReader reader;
  EXPECT_TRUE(reader.find_errors(language("python"), "def f():\n  return 1\n", {})->empty());
  const auto python = reader.find_errors(language("python"), "x = 1\ny = (2\n\ndef f():\n  return 1\n", {});
  ASSERT_TRUE(python && !python->empty());
  EXPECT_EQ(python->front().line.value, 2);
  const auto c = reader.find_errors(language("c"), "int a;\nint f(void) { return 1 }\n", {});
  ASSERT_TRUE(c);
  ASSERT_EQ(c->size(), 1u);
  EXPECT_EQ(c->front().line.value, 2);
  EXPECT_EQ(c->front().what, "missing ';'");
  const auto json = reader.find_errors(language("json"), "{\n \"a\": 1,,\n}", {});
  ASSERT_TRUE(json && !json->empty());
  EXPECT_EQ(json->front().line.value, 2);
  EXPECT_EQ(json->front().what, "unexpected ',,'");
}

TEST(OutlineReader, ChoosesTheLanguageOfAHeader) {
  const Outline cpp = read("c", "#pragma once\nnamespace a {\nclass B { void f(); };\n}\n");
  ASSERT_EQ(cpp.symbols.size(), 3u);
  EXPECT_EQ(cpp.symbols[2].qualified_name, "a::B::f");
  EXPECT_EQ(cpp.syntax_errors, 0);
  const Outline c = read("c", "struct s { int class; };\nint new(int template);\n");
  EXPECT_EQ(c.syntax_errors, 0);
  EXPECT_EQ(c.symbols.size(), 3u);
}

TEST(OutlineReader, LooksThroughTheGuardsOfHeaders) {
  const std::string_view text =
      "#ifndef A_H\n#define A_H\n__BEGIN_DECLS\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
      "int f(int);\n#ifdef __cplusplus\n}  /* extern \"C\" */\n#endif\n__END_DECLS\n#endif\n";
  for (const std::string_view id : {"c", "cpp"}) {
    const Outline outline = read(id, text);
    EXPECT_EQ(outline.syntax_errors, 0) << id;
    ASSERT_EQ(outline.symbols.size(), 1u) << id;
    EXPECT_EQ(outline.symbols[0].lines.first.value, 7) << id;
  }
}

TEST(OutlineReader, KeepsLocalNamesToThemselves) {
  const Outline outline = read("python", "def f(a):\n  b = a\n  return b + c\n");
  ASSERT_EQ(outline.symbols.size(), 1u);
  ASSERT_EQ(outline.references.size(), 1u);
  EXPECT_EQ(outline.references[0].name, "c");
}

TEST(OutlineReader, IsNotSlowedDownByDepth) {
  constexpr int k_depth = 10'000;
  const auto begin = std::chrono::steady_clock::now();
  read("c", "int x = " + repeated("(", k_depth) + "1" + repeated(")", k_depth) + ";\nint y;\n");
  read("c", repeated("void f() {", k_depth));
  read("cpp", repeated("namespace a {", k_depth) + repeated("}", k_depth));
  read("json", repeated("[", k_depth) + repeated("]", k_depth));
  read("json", repeated("{\"a\":", k_depth) + "1" + repeated("}", k_depth));
  read("python", "x = " + repeated("(", k_depth) + repeated(")", k_depth) + "\n");
  read("javascript", repeated("function f() {", k_depth) + repeated("}", k_depth));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

// Scanners of grammars keep what is open in a buffer of fixed size.
TEST(OutlineReader, EndsWhateverIsOpenedManyTimes) {
  std::string indented, lists;
  for (int depth = 0; depth < 600; ++depth) {
    indented += std::string(static_cast<std::size_t>(depth), ' ') + "if x:\n";
    lists += std::string(static_cast<std::size_t>(2 * depth), ' ') + "- a\n";
  }
  OutlineReader reader;
  const std::optional<Outline> quotes = reader.read(language("markdown"), repeated(">", 3000) + " x\n\n# After\n", {});
  ASSERT_TRUE(quotes);
  OutlineLimits limits;
  limits.time = std::chrono::milliseconds(30);
  const std::pair<std::string_view, std::string> texts[] = {
      {"markdown", lists},
      {"markdown", repeated("> ", 1000)},
      {"markdown", repeated("- ", 1000)},
      {"markdown", repeated("1. ", 1000)},
      {"yaml", indented},
      {"yaml", lists},
      {"yaml", repeated("- ", 1000)},
      {"yaml", repeated("? ", 1000)},
      {"python", indented},
      {"python", repeated("f\"{", 1000)},
      {"ruby", repeated("x = <<~ABC, ", 300)},
      {"ruby", repeated("%w(", 1000)},
      {"ruby", repeated("\"#{", 1000)},
      {"bash", repeated("cat <<A\n", 1000)},
      {"php", "<?php " + repeated("<<<A\n{$", 500)},
      {"html", repeated("<div>", 1000)},
      {"html", repeated("<my-own>", 1000)},
      {"csharp", repeated("$\"{", 1000)},
      {"rust", repeated("r#\"", 1000)},
      {"lua", repeated("[==[", 1000)},
      {"cpp", repeated("R\"d(", 1000)},
      {"javascript", repeated("`${", 1000)},
  };
  for (const auto& [id, text] : texts)
    ASSERT_TRUE(reader.read(language(id), text, limits)) << id << " " << text.substr(0, 20);
}

TEST(OutlineReader, SaysWhenItWasTooDeep) {
  const Outline deep = read("cpp", repeated("namespace a {", 5000) + repeated("}", 5000));
  EXPECT_EQ(deep.coverage, Coverage::cut);
  EXPECT_FALSE(deep.symbols.empty());
}

TEST(OutlineReader, ReadsALongLine) {
  std::string text = "{\"a\": [";
  while (text.size() < 2'000'000) text += "12345678901234567890,";
  text += "0]}";
  const Outline outline = read("json", text, {.time = std::chrono::seconds(20), .cancel = {}});
  EXPECT_EQ(outline.coverage, Coverage::whole);
  ASSERT_EQ(outline.symbols.size(), 1u);
  EXPECT_LE(outline.symbols[0].signature.size(), 240u);
}

TEST(OutlineReader, StopsWhenTheTimeIsOver) {
  std::string text;
  while (text.size() < 2'000'000) text += "int f(int a) { return g(a, b) + (c * d); }\n";
  const auto begin = std::chrono::steady_clock::now();
  const Outline outline = read("c", text, {.time = std::chrono::milliseconds(20), .cancel = {}});
  EXPECT_EQ(outline.coverage, Coverage::cut);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(500));
  OutlineLimits cancelled;
  cancelled.cancel.request();
  EXPECT_EQ(read("c", text, cancelled).coverage, Coverage::cut);
  OutlineReader reader;
  EXPECT_FALSE(reader.find_errors(language("c"), text, cancelled));
  EXPECT_EQ(reader.read(language("c"), "int a;", {})->symbols.size(), 1u) << "works again afterwards";
}

TEST(OutlineReader, KeepsItsPromisesWithAnyBytes) {
  std::mt19937 random(20261122);
  static constexpr char k_noise[] = "\0\xFF\xC3{}()[]<>\"'`#/*\\\n\r\t :;,=.$@-A1";
  const std::string_view noise(k_noise, sizeof k_noise - 1);
  OutlineReader reader;
  for (const Sample& sample : load_samples()) {
    for (int round = 0; round < 12; ++round) {
      std::string text = sample.text;
      for (int change = 0; change < 1 + round / 2; ++change) {
        const std::size_t at = random() % text.size();
        switch (random() % 3) {
          case 0: text[at] = noise[random() % noise.size()]; break;
          case 1: text.erase(at, random() % 20); break;
          default: text.insert(at, 1, noise[random() % noise.size()]);
        }
        if (text.empty()) text = "x";
      }
      const std::optional<Outline> outline = reader.read(*sample.language, text, {});
      ASSERT_TRUE(outline);
      ASSERT_EQ(find_broken_promise(*outline, text), "") << sample.language->id << "\n" << text;
      ASSERT_TRUE(reader.find_errors(*sample.language, text, {}));
    }
  }
}

TEST(FindEnclosingSymbol, PrefersTheInnermostWithABody) {
  const Outline outline = read("python", "import os\nclass A:\n  x = 1\n  def f(self):\n    return 1\n\ny = 2\n");
  const auto name_at = [&](std::int64_t line) {
    const int found = find_enclosing_symbol(outline, base::LineNumber(line));
    return found < 0 ? std::string() : outline.symbols[static_cast<std::size_t>(found)].qualified_name;
  };
  EXPECT_EQ(name_at(1), "");
  EXPECT_EQ(name_at(2), "A");
  EXPECT_EQ(name_at(3), "A");
  EXPECT_EQ(name_at(5), "A.f");
  EXPECT_EQ(name_at(7), "y");
}

TEST(SymbolKind, HasAWordForEach) {
  EXPECT_EQ(to_string(SymbolKind::class_type), "class");
  EXPECT_EQ(to_string(SymbolKind::table), "table");
}

}  // namespace
}  // namespace oc::syntax
