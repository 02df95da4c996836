// SPDX-License-Identifier: Apache-2.0
#include "tasks/completion_text.hpp"

#include <gtest/gtest.h>

#include <iterator>

#include <random>

#include "base/text.hpp"

namespace oc::tasks {
namespace {

std::string multi(std::string_view raw, std::string_view prefix, std::string_view suffix) {
  return trim_completion(raw, prefix, suffix, CompletionShape::multi_line);
}
std::string single(std::string_view raw, std::string_view prefix, std::string_view suffix) {
  return trim_completion(raw, prefix, suffix, CompletionShape::single_line);
}

TEST(TrimCompletion, LeavesGoodTextAlone) {
  EXPECT_EQ(multi("return a + b", "def add(a, b):\n    ", "\n"), "return a + b");
  EXPECT_EQ(multi("\n    return a + b", "def add(a, b):", "\n"), "\n    return a + b");
  EXPECT_EQ(multi("", "x", "y"), "");
  EXPECT_EQ(multi("  \n\n ", "x = ", "\n"), "");
}

TEST(TrimCompletion, SingleLineEndsAtTheLine) {
  EXPECT_EQ(single("a + b\nprint(a)", "x = ", "\n"), "a + b");
  EXPECT_EQ(single("a + b\r\nprint(a)", "x = ", "\n"), "a + b");
  EXPECT_EQ(single("\nprint(a)", "x = 1", "\n"), "");
  EXPECT_EQ(single("\n    return x", "def f():\n    ", "\n"), "return x");
}

TEST(TrimCompletion, SpecialWordsThatLeaked) {
  EXPECT_EQ(multi("return 1<|endoftext|>and more", "    ", "\n"), "return 1");
  EXPECT_EQ(multi("<|fim_middle|>return 1", "    ", "\n"), "return 1");
  EXPECT_EQ(multi("return 1<｜end▁of▁sentence｜>", "    ", "\n"), "return 1");
  EXPECT_EQ(multi("return 1<fim_suffix>)", "    ", "\n"), "return 1");
  EXPECT_EQ(multi("f <| x |> g <|> h", "y = ", "\n"), "f <| x |> g <|> h");  // operators
  EXPECT_EQ(multi("\"<|endoftext|>\"]", "words = [\"<|endoftext|>\", ", "\n"), "\"<|endoftext|>\"]");
}

TEST(TrimCompletion, FencesThatLeaked) {
  EXPECT_EQ(multi("```python\nreturn 1\n```\nThis returns one.", "def f():\n    ", "\n"), "return 1");
  EXPECT_EQ(multi("return 1\n```\n", "def f():\n    ", "\n"), "return 1");
  EXPECT_EQ(single("```js\nlet x = 1;\n```", "", "\n"), "let x = 1;");
  EXPECT_EQ(multi("```sh\nmake\n```", "Text:\n```sh\nls\n```\nMore:\n", "\n"), "```sh\nmake\n```");  // a Markdown file
}

TEST(TrimCompletion, StopsWhereTheSuffixBegins) {
  EXPECT_EQ(multi("y = 2\n    return x + y\n", "def f():\n    ", "\n    return x + y\n"), "y = 2");
  EXPECT_EQ(multi("return x\n", "def f():\n    ", "\n    return x\n"), "");
  EXPECT_EQ(
      multi("  a();\n}\n\nint main() {\n  return 0;\n}\n", "void f() {\n", "\n}\n\nint main() {\n  return 0;\n}\n"),
      "  a();");
  EXPECT_EQ(multi("import os\nimport sys\n", "", "import sys\n"), "import os\n");
  EXPECT_EQ(multi("b()\n    c()", "def f():\n    ", "c()\n"), "b()\n    ");
}

TEST(TrimCompletion, ALineOfTheSuffixDeeperInsideIsNotItsBegin) {
  const std::string inner = "if (x) {\n    return 0;\n  }";
  EXPECT_EQ(multi(inner, "int f() {\n  ", "\n  return 0;\n}\n"), inner);
}

TEST(TrimCompletion, ClosingBracketsOfTheSuffix) {
  EXPECT_EQ(multi("a, b)", "sum(", ")\n"), "a, b");
  EXPECT_EQ(multi("max(a, b)", "print(", ")\n"), "max(a, b)");
  EXPECT_EQ(multi("max(a, b))", "print(", ")\n"), "max(a, b)");
  EXPECT_EQ(multi("x))", "f(g(", ")\n"), "x)");  // one of the two is needed
  EXPECT_EQ(multi("hello\")", "print(\"", "\")\n"), "hello");
  EXPECT_EQ(multi("return a;\n}", "int f() {\n  ", "\n}\n"), "return a;");
  EXPECT_EQ(multi("return a;\n}", "int f() {\n  ", "\n"), "return a;\n}");
  EXPECT_EQ(multi("if (a) {\n    b();\n  }", "int f() {\n  ", "\n  }\n}\n"), "if (a) {\n    b();\n  }");
  EXPECT_EQ(multi(", int b) {\n  return a;\n}", "int f(int a", ") {\n}\n"), ", int b");
  EXPECT_EQ(multi("x: int):\n    return x\n", "def f(", "):\n    pass\n"), "x: int");
}

TEST(TrimCompletion, HalfAWordIsNoOverlap) {
  EXPECT_EQ(multi("value", "x = ", "e.g.\n"), "value");
  EXPECT_EQ(multi("a.b", "x = ", "b.c\n"), "a.");
  EXPECT_EQ(multi("1;", "x = ", ";\n"), "1");
}

TEST(TrimCompletion, StopsAfterTheBlock) {
  EXPECT_EQ(multi("\n    return 1\n\n\ndef g():\n    return 2\n", "def f():", "\n"), "\n    return 1");
  EXPECT_EQ(multi("return 1\n\ndef g():\n    return 2\n", "def f():\n    ", "\n"), "return 1");
  EXPECT_EQ(multi("a()\nelse:\n    b()\nc()\n", "if x:\n    ", "\n"), "a()\nelse:\n    b()");
  EXPECT_EQ(multi("\n  return 1;\n}\n\nint g() {\n  return 2;\n}\n", "int f() {", "\n"), "\n  return 1;\n}");
  EXPECT_EQ(multi("  a();\n} else {\n  b();\n}\nc();", "if (x) {\n", "\n"), "  a();\n} else {\n  b();\n}");
  EXPECT_EQ(multi("def f():\n    return 1\n\n\ndef g():\n    return 2\n", "import os\n\n\n", ""),
            "def f():\n    return 1\n\n\ndef g():\n    return 2");
  EXPECT_EQ(multi("text = \"\"\"\nat the margin\n\"\"\"\n    return text", "def f():\n    ", "\n"),
            "text = \"\"\"\nat the margin\n\"\"\"\n    return text");
  EXPECT_EQ(multi("#ifdef X\n  a();\n#endif\n  b();", "void f() {\n  ", "\n}\n"), "#ifdef X\n  a();\n#endif\n  b();");
}

TEST(TrimCompletion, EndlessRepetition) {
  EXPECT_EQ(multi("x += 1\nx += 1\nx += 1\nx += 1", "", "\n"), "x += 1");
  EXPECT_EQ(multi("x += 1\nx += 1\ny = x", "", "\n"), "x += 1\nx += 1\ny = x");
  EXPECT_EQ(multi("    x += 1\n    x += 1", "    x += 1\n", "\n"), "    x += 1\n    x += 1");
  EXPECT_EQ(multi("a()\nb()\na()\nb()\na()\nb()\na()", "", "\n"), "a()\nb()");
  EXPECT_EQ(multi("foo()\n    foo()\n    foo()\n", "def f():\n    ", "\n"), "foo()");
  EXPECT_EQ(multi("a\n\n\n\n\nb", "", "\n"), "a\n\n\n\n\nb");
}

TEST(TrimCompletion, Indentation) {
  EXPECT_EQ(multi("    return 1", "def f():\n", "\n"), "    return 1");  // at the start of the line: the model's
  EXPECT_EQ(multi("    return 1", "def f():\n    ", "\n"), "return 1");  // there already
  EXPECT_EQ(multi("\n    return 1", "def f():\n    ", "\n"), "return 1");
  EXPECT_EQ(multi("        return 1", "class A:\n    def f():\n    ", "\n"), "    return 1");
  EXPECT_EQ(multi("    return 1", "class A:\n    def f():\n    ", "\n"), "    return 1");  // really goes deeper
  EXPECT_EQ(multi("\treturn 1\n\tx", "func f() {\n\t", "\n}\n"), "return 1\n\tx");
  EXPECT_EQ(multi(" x + 1", "return ", "\n"), "x + 1");
  EXPECT_EQ(multi(" x + 1", "return", "\n"), " x + 1");
}

TEST(TrimCompletion, BlankLinesAtTheEnd) {
  EXPECT_EQ(multi("a()\n\n   \n", "", "\n"), "a()");
  EXPECT_EQ(multi("a()  \n", "", "\n"), "a()  ");
  EXPECT_EQ(multi("a()\n\n\n    ", "def f():\n    ", "b()\n"), "a()\n    ");  // b() keeps a line of its own
}

TEST(TrimCompletion, BytesThatAreNoText) {
  EXPECT_EQ(multi("caf\xE9", "", "\n"), "caf\xEF\xBF\xBD");
  EXPECT_EQ(multi("ż", "x = '", "\xBC'\n"), "ż");  // never half of a character
  EXPECT_LE(multi(std::string(100000, 'x'), "", "").size(), 32u << 10);
}

// Random texts from parts that are likely to meet the rules.
class RandomText {
 public:
  explicit RandomText(unsigned seed) : random_(seed) {}
  std::string make(int most_parts) {
    constexpr std::string_view k_parts[] = {"\n",         "\n",       "\n",      "    ",          "  ",        "\t",
                                            "x",          "return x", "if a:",   "else:",         "{",         "}",
                                            "(",          ")",        ");",      "foo(",          "\"",        "'",
                                            ";",          "```",      "```py\n", "<|endoftext|>", "<fim_pad>", "end",
                                            "def f():\n", "ż",        "漢",      "\xBC",          "\r\n",      "`",
                                            "\"\"\"",     "\\",       ", ",      "}\n",           ")\n",       " "};
    std::string text;
    for (auto n = random_() % static_cast<unsigned>(most_parts); n > 0; --n)
      text += k_parts[random_() % std::size(k_parts)];
    return text;
  }

 private:
  std::mt19937 random_;
};

TEST(TrimCompletion, TrimmingTwiceIsTrimmingOnce) {
  RandomText texts(5);
  for (int round = 0; round < 4000; ++round) {
    const std::string prefix = base::replace_invalid_utf8(texts.make(12)), raw = texts.make(25);
    std::string suffix = base::replace_invalid_utf8(texts.make(12));
    if (round % 3 == 0) suffix = base::replace_invalid_utf8(raw.substr(raw.size() / 2)) + suffix;
    for (const auto shape : {CompletionShape::single_line, CompletionShape::multi_line}) {
      const std::string once = trim_completion(raw, prefix, suffix, shape);
      ASSERT_EQ(trim_completion(once, prefix, suffix, shape), once)
          << testing::PrintToString(raw) << " between " << testing::PrintToString(prefix) << " and "
          << testing::PrintToString(suffix);
      EXPECT_EQ(base::find_invalid_utf8(prefix + once + suffix), std::nullopt);
      EXPECT_EQ(once.find('\r'), std::string::npos);
      EXPECT_LE(once.size(), base::replace_invalid_utf8(raw).size());
      EXPECT_TRUE(shape == CompletionShape::multi_line || once.find('\n') == std::string::npos);
    }
  }
}

TEST(TrimCompletion, WholeLinesThatTheFileHasNextAreAlwaysCut) {
  RandomText texts(6);
  const std::string suffix = "\n    unique_tail(1)\n    another_tail(2)\n";
  for (int round = 0; round < 500; ++round) {
    const std::string raw = texts.make(12) + suffix;
    EXPECT_EQ(multi(raw, "def f():\n    ", suffix).find("unique_tail"), std::string::npos)
        << testing::PrintToString(raw);
  }
}

TEST(TrimCompletion, HostileTextEnds) {
  const auto repeat = [](std::string_view part) {
    std::string text;
    while (text.size() < 20000) text += part;
    return text;
  };
  for (const std::string_view part :
       {")", ")\n", ") \n", "\"\\", "<", "<|a|>", "```\n", " \n", "a", "(", "()", "`", "\n"}) {
    const std::string text = repeat(part);
    EXPECT_LE(multi(text, text, text).size(), text.size());
    EXPECT_LE(multi(text, "f(", std::string(part) + "\n").size(), text.size());
  }
}

}  // namespace
}  // namespace oc::tasks
