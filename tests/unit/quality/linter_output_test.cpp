// SPDX-License-Identifier: Apache-2.0
#include "quality/linter_output.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace oc::quality {
namespace {

std::string shown(std::string source, LinterFormat format, std::string_view output) {
  const LinterReading reading{
      std::move(source), format, {{"a.c", 10}, {"sub/b.py", 3}, {"c.js", 5}, {"d.sh", 4}}, "/src"};
  std::string text;
  for (const Finding& finding : read_linter_output(reading, output))
    text += fmt::format("{}:{} {} {}: {}\n", finding.path, finding.lines.first.value, to_string(finding.severity),
                        finding.rule, finding.message);
  return text;
}

TEST(LinterOutput, OfEachToolIsRead) {
  EXPECT_EQ(
      shown("cppcheck", LinterFormat::cppcheck,
            "oc|./a.c|3|error|nullPointer|Null pointer dereference: p | q\noc|a.c|4|style|x|y\nChecking a.c ...\n"),
      "a.c:3 error nullPointer: Null pointer dereference: p | q\na.c:4 note x: y\n");
  EXPECT_EQ(
      shown("clang-tidy", LinterFormat::colons,
            "/src/a.c:3:5: warning: use nullptr [modernize-use-nullptr]\na.c:3:5: note: because\n"
            "/src/a.c:4:1: error: unknown type name 'x' [clang-diagnostic-error]\n2 warnings generated.\n"),
      "a.c:3 warning modernize-use-nullptr: use nullptr\na.c:4 error clang-diagnostic-error: unknown type name 'x'\n");
  EXPECT_EQ(shown("ruff", LinterFormat::colons, "sub/b.py:1:8: F401 [*] `os` imported but unused\nFound 1 error.\n"),
            "sub/b.py:1 warning F401: `os` imported but unused\n");
  EXPECT_EQ(
      shown(
          "shellcheck", LinterFormat::colons,
          "./d.sh:2:6: note: Double quote to prevent globbing. [SC2086]\n./d.sh:3:1: warning: x is unused. [SC2034]\n"),
      "d.sh:2 note SC2086: Double quote to prevent globbing.\nd.sh:3 warning SC2034: x is unused.\n");
  EXPECT_EQ(shown("go", LinterFormat::colons, "# example.org/a\nvet: ./a.c:3:2: undefined: x\n"),
            "a.c:3 warning go: undefined: x\n");
  EXPECT_EQ(
      shown("eslint", LinterFormat::eslint,
            "npm warn x\n[{\"filePath\":\"/src/c.js\",\"messages\":[{\"ruleId\":\"no-undef\",\"severity\":2,\"line\":2,"
            "\"message\":\"'x' is not defined.\"},{\"ruleId\":null,\"severity\":1,\"line\":1,\"message\":\"File "
            "ignored\"}]}]\n"),
      "c.js:2 error no-undef: 'x' is not defined.\nc.js:1 warning eslint: File ignored\n");
}

TEST(LinterOutput, ThatNamesOtherFilesOrLinesIsPassedOver) {
  EXPECT_EQ(shown("cppcheck", LinterFormat::cppcheck,
                  "oc|/etc/passwd|1|error|x|y\noc|a.c|12|error|x|y\noc|a.c|0|error|x|y\noc|a.c|-1|error|x|y\noc|a.c|x\n"
                  "oc|../a.c|1|error|x|y\noc|a.c|99999999999999999999|error|x|y\n"),
            "");
}

// Where something that was begun should have ended: behind the last line.
TEST(LinterOutput, AtTheEndOfAFileIsOfItsLastLine) {
  EXPECT_EQ(shown("shellcheck", LinterFormat::colons, "./d.sh:5:1: error: Expected end of string. [SC1072]\n"),
            "d.sh:4 error SC1072: Expected end of string.\n");
  EXPECT_EQ(shown("shellcheck", LinterFormat::colons, "./d.sh:6:1: error: Expected end of string. [SC1072]\n"), "");
}

TEST(LinterOutput, LosesItsControlsAndItsLength) {
  const std::string words =
      shown("x", LinterFormat::colons, "a.c:1:1: error: \x1b[31mred\x1b[0m\xff" + std::string(5000, 'a') + "\n");
  EXPECT_EQ(words.find('\x1b'), std::string::npos);
  EXPECT_LT(words.size(), 500U);
}

TEST(LinterOutput, OfAnyBytesEndsAndIsBounded) {
  std::mt19937 random(5);
  const std::vector<std::string> pieces = {"a.c",
                                           ":",
                                           "1",
                                           "\n",
                                           "oc|",
                                           "|",
                                           "[{\"filePath\":\"c.js\",\"messages\":",
                                           "[",
                                           "]}]",
                                           "{",
                                           "error: ",
                                           " [x]",
                                           "\xff",
                                           "\x1b]0;",
                                           "99999999999999999999"};
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (int k = 0; k < 20; ++k) text += pieces[random() % pieces.size()];
    for (const LinterFormat format : {LinterFormat::colons, LinterFormat::cppcheck, LinterFormat::eslint})
      static_cast<void>(shown("ruff", format, text));
  }
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "a.c:1:1: error: x\n";
  const LinterReading reading{"x", LinterFormat::colons, {{"a.c", 1}}, "/src"};
  EXPECT_EQ(read_linter_output(reading, many).size(), k_most_linter_findings);
}

}  // namespace
}  // namespace oc::quality
