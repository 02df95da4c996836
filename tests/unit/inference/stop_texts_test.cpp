// SPDX-License-Identifier: Apache-2.0
#include "inference/stop_texts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <random>

#include "base/text.hpp"
#include "inference/answer_stream.hpp"

namespace oc::inference {
namespace {

TEST(StopTexts, HoldsBackWhatCouldBecomeOne) {
  StopTexts stops({"\n```"});
  EXPECT_EQ(stops.add("x = 1\n`"), "x = 1");
  EXPECT_EQ(stops.add("`y\n"), "\n``y");
  EXPECT_EQ(stops.add("```rest"), "");
  EXPECT_TRUE(stops.is_met());
  EXPECT_EQ(stops.add("more"), "");
}

TEST(StopTexts, TheEarliestWins) {
  StopTexts stops({"END", "N"});
  EXPECT_EQ(stops.add("aEND"), "aE");
  EXPECT_TRUE(stops.is_met());
}

TEST(StopTexts, FinishGivesTheRest) {
  StopTexts stops({"abc"});
  EXPECT_EQ(stops.add("xab"), "x");
  EXPECT_EQ(stops.finish(), "ab");
}

TEST(AnswerStream, SendsWholeCharactersAndDoesNotDependOnTheCuts) {
  const std::string text = "żółw 😀 漢字 END never seen";
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::string out;
    const TextSink sink = [&](std::string_view piece) {
      EXPECT_EQ(base::find_invalid_utf8(piece), std::nullopt);
      out += piece;
    };
    AnswerStream stream({"END"}, sink);
    for (std::size_t at = 0; at < text.size() && !stream.is_stopped();) {
      const std::size_t n = std::min<std::size_t>(1 + random() % 5, text.size() - at);
      stream.add(std::string_view(text).substr(at, n));
      at += n;
    }
    EXPECT_TRUE(stream.is_stopped());
    EXPECT_EQ(out, "żółw 😀 漢字 ");
  }
}

TEST(AnswerStream, BytesThatAreNoCharacterAreReplaced) {
  std::string out;
  const TextSink sink = [&](std::string_view piece) { out += piece; };
  AnswerStream stream({}, sink);
  stream.add("a\xFF\xE6\xBC");
  stream.finish();
  EXPECT_EQ(out, "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace oc::inference
