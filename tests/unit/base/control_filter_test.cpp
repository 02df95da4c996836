// SPDX-License-Identifier: Apache-2.0
#include "base/control_filter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <random>

namespace oc::base {
namespace {

TEST(ControlFilter, KeepsOrdinaryText) {
  const std::string text = "int x;\n\tżółw 漢字 😀 \"quoted\" `code`\n";
  EXPECT_EQ(filter_controls(text), text);
}

TEST(ControlFilter, RemovesSequencesWhole) {
  EXPECT_EQ(filter_controls("a\x1b[31mred\x1b[0mb"), "aredb");
  EXPECT_EQ(filter_controls("a\x1b]52;c;ZXZpbA==\x07z"), "az");
  EXPECT_EQ(filter_controls("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\z"), "alinkz");
  EXPECT_EQ(filter_controls("a\x1bPpayload\x1b\\z"), "az");
  EXPECT_EQ(filter_controls("a\xC2\x9B"
                            "31mz"),
            "az");
  EXPECT_EQ(filter_controls("over\rwrite\x08\x7F"), "overwrite");
  EXPECT_EQ(filter_controls("a\xE2\x80\xAE"
                            "b\xE2\x80\x8B"
                            "c\xEF\xBB\xBF"),
            "abc");
}

TEST(ControlFilter, AnUnfinishedStringDoesNotSwallowTheAnswer) {
  EXPECT_EQ(filter_controls("a\x1b]0;title\nnext line"), "a\nnext line");
}

TEST(ControlFilter, OutputDoesNotDependOnWhereChunksAreCut) {
  const std::string alphabet = std::string("a\n\t\x1b[]P\\;m0 \x07\x18") + "\xC2\x9B\xE2\x80\xAE\xF0\x9F\x98\x80\xFF";
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto i = random() % 40; i > 0; --i) text += alphabet[random() % alphabet.size()];
    ControlFilter filter;
    std::string pieces;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t n = std::min<std::size_t>(1 + random() % 4, text.size() - at);
      pieces += filter.filter(std::string_view(text).substr(at, n));
      at += n;
    }
    pieces += filter.finish();
    ASSERT_EQ(pieces, filter_controls(text));
    ASSERT_EQ(pieces.find('\x1b'), std::string::npos);
    ASSERT_EQ(pieces.find("\xC2\x9B"), std::string::npos);
  }
}

}  // namespace
}  // namespace oc::base
