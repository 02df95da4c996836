// SPDX-License-Identifier: Apache-2.0
#include "syntax/code_measures.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "unit/syntax/samples.hpp"

namespace oc::syntax {
namespace {

CodeMeasures measure(std::string_view id, std::string_view text) {
  MeasureReader reader;
  auto measures = reader.read(*find_language(id), text, {});
  EXPECT_TRUE(measures);
  return measures ? std::move(*measures) : CodeMeasures();
}

// "name lines/nesting/complexity/parameters" of each function.
std::string shown(std::string_view id, std::string_view text) {
  const CodeMeasures measures = measure(id, text);
  std::string all;
  for (const FunctionMeasures& function : measures.functions)
    all += fmt::format("{}{} {}/{}/{}/{}", all.empty() ? "" : "; ",
                       measures.outline.symbols[static_cast<std::size_t>(function.symbol)].name, function.code_lines,
                       function.nesting, function.complexity, function.parameters);
  return all;
}

TEST(CodeMeasures, CountInC) {
  EXPECT_EQ(shown("c", "int f(void) { return 1; }\n"), "f 1/0/1/0");
  EXPECT_EQ(shown("c",
                  "int f(int a, char *b, ...) {\n  // why\n\n  if (a && b) {\n    for (;;) while (a) a--;\n"
                  "  } else if (a || b) {\n    return a ? 1 : 2;\n  } else {\n    switch (a) { case 1: case 2: break; "
                  "default: break; }\n  }\n  return 0;\n}\n"),
            "f 10/3/10/3");
}

TEST(CodeMeasures, CountInCpp) {
  EXPECT_EQ(shown("cpp",
                  "int A::f(int a, std::vector<int>&& v) const {\n  auto g = [&](int x) { return x && a; };\n"
                  "  for (int i : v) try { g(i); } catch (...) {}\n  return 0;\n}\n"),
            "f 5/2/4/2");
}

TEST(CodeMeasures, CountInPython) {
  EXPECT_EQ(shown("python",
                  "class A:\n    @wraps\n    def f(self, a, *, b=1, **c):\n        \"\"\"Text\n        of two.\"\"\"\n"
                  "        if a and b or c:\n            return [x for x in a if x]\n        elif b:\n"
                  "            for y in b:\n                pass\n        match a:\n            case 1:\n"
                  "                pass\n            case _:\n                pass\n"),
            "f 14/2/9/3");
  EXPECT_EQ(shown("python", "def a():\n    if x:\n        def b(y):\n            if y: pass\n"),
            "a 4/1/2/0; b 2/1/2/1");
}

TEST(CodeMeasures, CountInOtherLanguages) {
  EXPECT_EQ(shown("javascript", "const f = (a, b) => {\n  if (a) {} else if (b) {} else {}\n  return a ?? b;\n};\n"),
            "f 4/1/4/2");
  EXPECT_EQ(
      shown("typescript", "function f(this: A, a: number, b?: string): void {\n  for (const x of a) { x && b; }\n}\n"),
      "f 3/1/3/2");
  EXPECT_EQ(
      shown("go",
            "package a\nfunc (s *S) F(a, b int, c string) int {\n\tif a > 0 {\n\t} else if b > 0 && a > 1 {\n\t}\n"
            "\tswitch a {\n\tcase 1:\n\tdefault:\n\t}\n\treturn 0\n}\n"),
      "F 10/1/5/3");
  EXPECT_EQ(
      shown("rust",
            "fn f(&self, a: i32, b: i32) -> i32 {\n    match a {\n        1 | 2 => 3,\n        _ => loop { if b > 1 { "
            "break 1; } },\n    }\n}\n"),
      "f 6/3/3/2");
  EXPECT_EQ(
      shown("java",
            "class A {\n  int f(int a, String... b) {\n    if (a > 1) { } else if (a > 2) { }\n    switch (a) { case "
            "1: break; default: break; }\n    return a > 0 ? 1 : 0;\n  }\n}\n"),
      "f 5/1/5/2");
  EXPECT_EQ(shown("csharp", "class A { int F(int a) { foreach (var x in y) { if (a > 1 || x) {} } return 1; } }\n"),
            "F 1/2/4/1");
  EXPECT_EQ(shown("php", "<?php\nfunction f($a, $b = 1) {\n  if ($a) {} elseif ($b) {}\n  foreach ($a as $x) {}\n}\n"),
            "f 4/1/4/2");
  EXPECT_EQ(shown("ruby", "def f(a, b = 1, *c)\n  if a\n    x\n  elsif b\n    y\n  end\n  z unless c\nend\n"),
            "f 8/1/4/3");
  EXPECT_EQ(shown("lua", "local function f(a, ...)\n  if a then do end elseif b then end\n  while a do end\nend\n"),
            "f 4/1/4/2");
  EXPECT_EQ(
      shown("shell", "f() {\n  case $1 in\n    a) true && false ;;\n    *) ;;\n  esac\n  for x in y; do :; done\n}\n"),
      "f 7/1/4/0");
}

TEST(CodeMeasures, HaveTokensWithoutCommentsAndKnowImports) {
  const CodeMeasures measures = measure("python",
                                        "import os\n# TO"
                                        "DO: x\na = 1\n");
  ASSERT_EQ(measures.comments.size(), 1U);
  EXPECT_EQ(measures.comments[0].line.value, 2);
  ASSERT_EQ(measures.tokens.size(), 5U);
  EXPECT_TRUE(measures.tokens[1].is_import);
  EXPECT_FALSE(measures.tokens[2].is_import);
  EXPECT_EQ(measures.tokens[2].line, 3U);
}

TEST(CodeMeasures, OfSamplesKeepTheirPromises) {
  std::set<std::string_view> measured;
  for (const Sample& sample : load_samples()) {
    if (!has_functions(*sample.language)) continue;
    MeasureReader reader;
    // Also of texts that end in the middle of something.
    for (std::size_t length = sample.text.size(); length > 0; length = length * 2 / 3) {
      const auto measures = reader.read(*sample.language, std::string_view(sample.text).substr(0, length), {});
      ASSERT_TRUE(measures);
      if (!measures->functions.empty()) measured.insert(sample.language->id);
      for (const FunctionMeasures& function : measures->functions) {
        EXPECT_GE(function.complexity, 1);
        EXPECT_GE(function.code_lines, 1);
        EXPECT_LT(function.symbol, std::ssize(measures->outline.symbols));
      }
      for (const CodeToken& token : measures->tokens) ASSERT_LE(token.end, length);
    }
  }
  EXPECT_EQ(measured.size(), 14U);
}

TEST(CodeMeasures, OfDeepTextsEnd) {
  std::string text = "void f() {";
  for (int i = 0; i < 20'000; ++i) text += "if(a){";
  MeasureReader reader;
  const auto measures = reader.read(*find_language("c"), text, {});
  if (!measures || measures->functions.empty()) return;  // the time was over
  EXPECT_GT(measures->functions[0].complexity, 1);
}

}  // namespace
}  // namespace oc::syntax
