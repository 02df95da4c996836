// SPDX-License-Identifier: Apache-2.0
#include "cli/editor/keys.hpp"

#include <gtest/gtest.h>

namespace oc::cli {
namespace {

using Name = Key::Name;

std::vector<Key> keys_of(std::string_view bytes, std::size_t chunk) {
  KeyReader reader;
  std::vector<Key> keys;
  for (std::size_t i = 0; i < bytes.size(); i += chunk) reader.feed(bytes.substr(i, chunk), keys);
  reader.pause(keys);
  // How typed text is cut depends on the calls, what it is does not.
  std::vector<Key> joined;
  for (Key& key : keys) {
    if (key.name == Name::text && !joined.empty() && joined.back().name == Name::text) joined.back().text += key.text;
    else joined.push_back(std::move(key));
  }
  return joined;
}

TEST(Keys, AreTheSameHoweverTheyAreCut) {
  const std::string bytes =
      "aß漢\x1b[A\x1bOB\x1b[1;5C\x1b[3~\r\x01\x1b\r\x1b[200~one\r\ntwo\rthree\x1b[31m\x1b[201~x\x1b[99;99Zy";
  const std::vector<Key> wanted{{Name::text, "aß漢"},   {Name::up, ""},       {Name::down, ""},
                                {Name::word_right, ""}, {Name::remove, ""},   {Name::enter, ""},
                                {Name::home, ""},       {Name::new_line, ""}, {Name::paste, "one\ntwo\nthree"},
                                {Name::text, "x"},      {Name::unknown, ""},  {Name::text, "y"}};
  for (const std::size_t chunk : {1U, 2U, 3U, 5U, 7U, 1000U}) EXPECT_EQ(keys_of(bytes, chunk), wanted) << chunk;
}

TEST(Keys, AnEscapeAloneIsAKey) { EXPECT_EQ(keys_of("\x1b", 1), (std::vector<Key>{{Name::escape, ""}})); }

TEST(Keys, WhatIsTypedIsText) {
  EXPECT_EQ(keys_of("\xff\xfe", 1000).front().text, "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(keys_of("a\xC2\x9b"
                    "b",
                    1000)
                .front()
                .text,
            "a");  // a C1 control begins a sequence
}

TEST(Keys, TenMegabytesArePastedAtOnce) {
  std::string bytes = "\x1b[200~";
  while (bytes.size() < 10'000'000) bytes += "a line of text\r";
  const auto keys = keys_of(bytes + "\x1b[201~", 4096);
  ASSERT_EQ(keys.size(), 1);
  EXPECT_EQ(keys.front().text.size(), bytes.size() - 6);
}

TEST(Keys, APasteThatNeverEndsIsNoKey) { EXPECT_TRUE(keys_of("\x1b[200~for ever\r", 3).empty()); }

}  // namespace
}  // namespace oc::cli
