// SPDX-License-Identifier: Apache-2.0
#include "tasks/completion_syntax.hpp"

#include <gtest/gtest.h>

namespace oc::tasks {
namespace {

std::string checked(std::string_view language, std::string_view prefix, std::string_view code, std::string_view suffix,
                    CompletionEnd end = CompletionEnd::whole) {
  return without_new_errors(syntax::find_language(language), prefix, code, suffix, end);
}

TEST(CompletionSyntax, LeavesGoodCodeAlone) {
  EXPECT_EQ(checked("python", "def f(x):\n    ", "return x + 1", "\n"), "return x + 1");
  EXPECT_EQ(checked("cpp", "int f() {\n  ", "return 1;", "\n}\n"), "return 1;");
  EXPECT_EQ(checked("javascript", "function f() {\n  ", "if (a) {\n    b();\n  }", "\n}\n"), "if (a) {\n    b();\n  }");
}

TEST(CompletionSyntax, TakesOffTheLinesThatBreakTheFile) {
  EXPECT_EQ(checked("cpp", "int f() {\n  ", "int a = 1;\n  return a;\n  }}} else (", "\n}\n"),
            "int a = 1;\n  return a;");
  EXPECT_EQ(checked("python", "def f(x):\n    ", "y = x\n    return (y]", "\n"), "y = x");
}

TEST(CompletionSyntax, NothingIsLeftOfWhatIsBrokenFromTheStart) {
  EXPECT_EQ(checked("cpp", "int f() {\n  ", "return ) 1 (;", "\n}\n"), "");
}

TEST(CompletionSyntax, WhatOpensABlockIsForTheUserToClose) {
  EXPECT_EQ(checked("cpp", "int f() {\n  ", "for (int i = 0; i < 3; ++i) {", "\n}\n"), "for (int i = 0; i < 3; ++i) {");
  EXPECT_EQ(checked("python", "", "if x:", "\n"), "if x:");
}

TEST(CompletionSyntax, ErrorsThatAreThereAlreadyDoNotCount) {
  EXPECT_EQ(checked("cpp", "int g( {{ ;\nint f() {\n  ", "return 1;", "\n}\n"), "return 1;");
}

TEST(CompletionSyntax, WhatIsMissingAtTheCursorExcusesNoOtherError) {
  EXPECT_EQ(checked("c", "int f(int x) {\n  return ", "x + ) } ;", "\n}\n"), "");
  EXPECT_EQ(checked("c", "int f(int x) {\n  return ", "x + 1;", "\n}\n"), "x + 1;");
  EXPECT_EQ(checked("c", "int f(int x) {\n  return ", "x + 1", "\n}\n"), "x + 1");
  EXPECT_EQ(checked("c", "int f(int x) {\n  return g(", "x, 2)", "\n}\n"), "x, 2)");
  EXPECT_EQ(checked("javascript", "const a = [", "1, 2", "];\n"), "1, 2");
}

TEST(CompletionSyntax, ACutLineIsLeftAloneAndWholeLinesBeforeOneAreKept) {
  EXPECT_EQ(checked("python", "def f(a, b):\n    return ", "a + ", "\n", CompletionEnd::cut), "a + ");
  EXPECT_EQ(checked("python", "def f(a, b):\n    ", "c = a\n    return c + ", "\n", CompletionEnd::cut), "c = a");
}

TEST(CompletionSyntax, UnknownLanguagesAreNotJudged) {
  EXPECT_EQ(without_new_errors(nullptr, "", "((((", "", CompletionEnd::whole), "((((");
  EXPECT_EQ(checked("haskell", "", "((((", ""), "((((");
}

}  // namespace
}  // namespace oc::tasks
