// SPDX-License-Identifier: Apache-2.0
#include "sandbox/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <variant>
#include <vector>

namespace oc::sandbox {
namespace {

using ::testing::HasSubstr;

using Words = std::vector<std::string>;

Words words_of(std::string_view line) {
  const auto command = parse_command_line(line);
  if (!command) return {"error:", command.error().message};
  const auto* list = std::get_if<base::WordList>(&*command);
  return list != nullptr ? list->words : Words{"shell:", std::get<base::ShellLine>(*command).text};
}

TEST(CommandLine, IsSplitAtBlanks) {
  EXPECT_EQ(words_of("ninja"), (Words{"ninja"}));
  EXPECT_EQ(words_of("  ninja\t-C  build "), (Words{"ninja", "-C", "build"}));
  EXPECT_EQ(words_of(R"(grep "two words" 'it"s' a"b c"d "")"), (Words{"grep", "two words", "it\"s", "ab cd", ""}));
  EXPECT_EQ(words_of(R"(C:\tools\x.exe "\n" '$HOME * | &')"), (Words{R"(C:\tools\x.exe)", R"(\n)", "$HOME * | &"}));
  EXPECT_EQ(words_of("pytest tests/a.py::test[x] --q=1 # no comment"),
            (Words{"pytest", "tests/a.py::test[x]", "--q=1", "#", "no", "comment"}));
}

TEST(CommandLine, IsForTheShellOnlyWhenItSaysSo) {
  EXPECT_EQ(words_of("sh: make && ./test | tail"), (Words{"shell:", "make && ./test | tail"}));
  EXPECT_EQ(words_of(" sh:echo $HOME "), (Words{"shell:", "echo $HOME"}));
  EXPECT_EQ(words_of("sh -c make"), (Words{"sh", "-c", "make"}));
  for (const std::string line :
       {"make && ./test", "make | tail", "a; b", "a > b", "a < b", "echo $HOME", "ls *.py", "echo `date`", "make&"}) {
    const auto command = parse_command_line(line);
    ASSERT_FALSE(command) << line;
    EXPECT_EQ(command.error().kind, base::ErrorKind::configuration);
    EXPECT_THAT(command.error().hint, HasSubstr("begin the line with 'sh: '"));
  }
}

TEST(CommandLine, RefusesWhatIsNoLine) {
  for (const std::string line : {"", "  ", "sh:", "sh:  ", "\"\"", "'' a", "a 'b", "a \"b", "a\nb", "sh: a\nb",
                                 "a\x1b[1m", "a \xff", "a\rb", "a\x7f"})
    EXPECT_FALSE(parse_command_line(line)) << line;
  EXPECT_FALSE(parse_command_line(std::string_view("a\0b", 3)));
}

TEST(CommandLine, IsShownAsItMayBeWritten) {
  EXPECT_EQ(display(base::WordList{{"a", "b c", "it's", ""}}), R"(a "b c" "it's" "")");
  EXPECT_EQ(display(base::ShellLine{"make && x"}), "sh: make && x");
  EXPECT_EQ(display(base::WordList{{"a\x1b]0x\x07",
                                    "\xe2\x80\xae"
                                    "b"}}),
            R"(a\x1b]0x\x07 \xe2\x80\xaeb)");
}

TEST(CommandLine, WhatIsShownIsTheSameCommand) {
  std::mt19937 random(7);
  const std::string_view alphabet = "ab \t'\"|&;<>$*`\\-=é";
  for (int round = 0; round < 2000; ++round) {
    Words words{"p"};
    for (unsigned i = 0, n = random() % 4; i < n; ++i) {
      std::string word;
      for (unsigned k = 0, m = random() % 8; k < m; ++k) {
        const std::size_t at = random() % (alphabet.size() - 1);
        word += at + 2 == alphabet.size() ? alphabet.substr(at, 2) : alphabet.substr(at, 1);
      }
      words.push_back(word);
    }
    const bool has_tab = std::ranges::any_of(words, [](const std::string& word) { return word.contains('\t'); });
    if (has_tab) continue;  // shown as \x09
    EXPECT_EQ(words_of(display(base::WordList{words})), words);
  }
}

}  // namespace
}  // namespace oc::sandbox
