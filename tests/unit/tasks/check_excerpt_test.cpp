// SPDX-License-Identifier: Apache-2.0
#include "tasks/check_excerpt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>

#include <fmt/format.h>

#include "base/control_filter.hpp"
#include "base/text.hpp"

namespace oc::tasks {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string many_lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += fmt::format("line {}\n", i);
  return text;
}

TEST(CheckExcerpt, IsAllOfItWhenThatFits) {
  EXPECT_EQ(check_excerpt("", 100), "");
  EXPECT_EQ(check_excerpt("a\nb", 100), "a\nb\n");
  EXPECT_EQ(check_excerpt("a\n\nerror: b\n", 100), "a\n\nerror: b\n");
}

TEST(CheckExcerpt, HasTheFirstErrorsAndTheEnd) {
  const std::string output = many_lines(0, 500) + "app.cpp:3: error: no such thing\n  3 | x\n    | ^\n" +
                             many_lines(500, 1000) + "build stopped\n";
  const std::string excerpt = check_excerpt(output, 300);
  EXPECT_LE(excerpt.size(), 300u);
  EXPECT_TRUE(excerpt.starts_with("…\nline 499\napp.cpp:3: error: no such thing\n  3 | x\n    | ^\nline 500\n"));
  EXPECT_TRUE(excerpt.ends_with("line 999\nbuild stopped\n"));
}

TEST(CheckExcerpt, ManyErrorsLeaveRoomForTheEnd) {
  std::string output;
  for (int i = 0; i < 1000; ++i) output += fmt::format("error {}\n", i);
  const std::string excerpt = check_excerpt(output + "in the end\n", 200);
  EXPECT_LE(excerpt.size(), 200u);
  EXPECT_TRUE(excerpt.starts_with("error 0\nerror 1\n"));
  EXPECT_TRUE(excerpt.ends_with("in the end\n"));
}

TEST(CheckExcerpt, IsTextWithoutControls) {
  EXPECT_EQ(check_excerpt("\x1b[31merror\x1b[0m: x\r\n10%\r20%\rdone\n\xff\x1b]0;t\x07\n", 100),
            "error: x\ndone\n\xef\xbf\xbd\n");
  const std::string excerpt = check_excerpt(std::string(1000, 'x') + "\nend\n", 1000);
  EXPECT_EQ(excerpt, std::string(400, 'x') + "…\nend\n");
}

TEST(CheckExcerpt, IsNeverMoreThanWasAskedFor) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::string output;
    for (std::size_t i = 0, n = random() % 60; i < n; ++i) {
      if (random() % 5 == 0) output += "Error: ";
      for (std::size_t k = 0, m = random() % 30; k < m; ++k) output += static_cast<char>(random() % 256);
      output += '\n';
    }
    const std::size_t most = random() % 400;
    const std::string excerpt = check_excerpt(output, most);
    EXPECT_LE(excerpt.size(), most);
    EXPECT_FALSE(base::find_invalid_utf8(excerpt));
    EXPECT_EQ(base::filter_controls(excerpt), excerpt);
    EXPECT_TRUE(excerpt.empty() || excerpt.ends_with('\n'));
  }
}

}  // namespace
}  // namespace oc::tasks
