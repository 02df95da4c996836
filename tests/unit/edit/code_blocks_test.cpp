// SPDX-License-Identifier: Apache-2.0
#include "edit/code_blocks.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace oc::edit {
namespace {

using Blocks = std::vector<CodeBlock>;

TEST(CodeBlocks, AreFoundWithTheirLanguage) {
  EXPECT_EQ(find_code_blocks("Here:\n```Python title=x\nx = 1\n```\nand\n~~~\ny\n~~~\n"),
            (Blocks{{"python", "x = 1\n", true}, {"", "y\n", true}}));
  EXPECT_EQ(find_code_blocks("```{.cpp .numberLines}\nint a;\n```"), (Blocks{{"cpp", "int a;\n", true}}));
  EXPECT_TRUE(find_code_blocks("no code, ``` not even here").empty());
  EXPECT_TRUE(find_code_blocks("").empty());
}

TEST(CodeBlocks, LoseTheIndentationOfTheirFence) {
  EXPECT_EQ(find_code_blocks("1. Do\n   ```py\n   if x:\n     y\n z\n   ```\n"),
            (Blocks{{"py", "if x:\n  y\nz\n", true}}));
}

TEST(CodeBlocks, LongerFencesHoldShorterOnes) {
  EXPECT_EQ(find_code_blocks("````md\n```c\nx\n```\n````\n"), (Blocks{{"md", "```c\nx\n```\n", true}}));
  EXPECT_EQ(find_code_blocks("```\n~~~\n```\n"), (Blocks{{"", "~~~\n", true}}));
  EXPECT_EQ(find_code_blocks("```\na\n`````\nb"), (Blocks{{"", "a\n", true}}));
}

TEST(CodeBlocks, MarkdownMayHoldFencesOfItsOwnLength) {
  EXPECT_EQ(find_code_blocks("```markdown\n# T\n```sh\nls\n```\nmore\n```\n"),
            (Blocks{{"markdown", "# T\n```sh\nls\n```\nmore\n", true}}));
}

TEST(CodeBlocks, AnUnclosedOneEndsWithTheAnswerOrAtTheNext) {
  EXPECT_EQ(find_code_blocks("```js\na()\n"), (Blocks{{"js", "a()\n", false}}));
  EXPECT_EQ(find_code_blocks("```js\na()\n```py\nb()\n```\n"), (Blocks{{"js", "a()\n", false}, {"py", "b()\n", true}}));
  EXPECT_TRUE(find_code_blocks("text\n```").empty());
}

TEST(CodeBlocks, AFenceDeepInTheCodeIsCode) {
  const std::string code = "def f():\n    \"\"\"\n    ```\n    f()\n    ```\n    \"\"\"\n";
  EXPECT_EQ(find_code_blocks("```python\n" + code + "```\n"), (Blocks{{"python", code, true}}));
}

TEST(CodeBlocks, KeepTheirLineEnds) {
  EXPECT_EQ(find_code_blocks("```c\r\na\r\nb\r\n```\r\n"), (Blocks{{"c", "a\r\nb\r\n", true}}));
}

TEST(CodeBlocks, OneLineIsABlockToo) {
  EXPECT_EQ(find_code_blocks("```x = 1```"), (Blocks{{"", "x = 1\n", true}}));
  EXPECT_TRUE(find_code_blocks("use ```x``` here").empty());
}

TEST(CodeOnly, TakesTheLongestClosedBlock) {
  EXPECT_EQ(code_only("First `pip`:\n```sh\npip\n```\nThen\n```py\nimport x\nx.y()\n```\nDone."), "import x\nx.y()\n");
  EXPECT_EQ(code_only("```py\na\n```\nand\n```py\nlonger but cut off"), "a\n");
  EXPECT_EQ(code_only("Nothing to do:\n```py\n\n```\n"), "");
}

TEST(CodeOnly, TakesACutOffBlock) { EXPECT_EQ(code_only("Sure!\n```py\nx = 1\ny ="), "x = 1\ny =\n"); }

TEST(CodeOnly, TakesAnAnswerWithoutFencesWhole) {
  EXPECT_EQ(code_only("\n\n  x = 1\n\n  y = 2\n\n"), "  x = 1\n\n  y = 2\n");
  EXPECT_EQ(code_only("a\r\nb"), "a\r\nb\r\n");
  EXPECT_EQ(code_only(" \n\n"), "");
  EXPECT_EQ(code_only(""), "");
}

TEST(CodeOnly, UnderstandsAnAnswerThatBeganInsideABlock) { EXPECT_EQ(code_only("x = 1\n```\n"), "x = 1\n"); }

// Whatever code a model wraps in a fence comes out as it went in.
TEST(CodeOnly, GivesBackWhatWasFenced) {
  static const std::vector<std::string> lines{"x", "", "  y", "`a` ``b``", "# ```", "\t`", "~~", "    ```", "漢字"};
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string code = "first\n";
    for (std::size_t n = random() % 8; n > 0; --n) code += lines[random() % lines.size()] + "\n";
    const std::string fence(3 + random() % 3, random() % 2 == 0 ? '`' : '~');
    const std::string answer = fmt::format("Here you are:\n{0}py\n{1}{0}\nThat is all.\n", fence, code);
    ASSERT_EQ(code_only(answer), code) << answer;
  }
}

// Answers of any shape, but without Markdown inside: no line that could be a fence is left.
TEST(CodeOnly, NeverHoldsAFence) {
  static const std::vector<std::string> lines{"text", "",       "```",     "```py", "```py x=1",
                                              "``` ", "code()", "```x```", " ```"};
  std::mt19937 random(2);
  for (int i = 0; i < 5000; ++i) {
    std::string answer;
    for (std::size_t n = random() % 10; n > 0; --n) answer += lines[random() % lines.size()] + "\n";
    const std::string code = code_only(answer);
    for (const std::string_view line : base::split_lines(code))
      ASSERT_FALSE(base::trim(line).starts_with("```") && line != "```x```") << answer;
  }
}

}  // namespace
}  // namespace oc::edit
