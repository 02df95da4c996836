// SPDX-License-Identifier: Apache-2.0
#include "kv/chain.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace oc::kv {
namespace {

using Tokens = std::vector<std::int32_t>;

Key key_of(std::string_view identity, const std::vector<std::pair<Origin, Tokens>>& parts) {
  Chain chain(identity);
  for (const auto& [origin, tokens] : parts) chain.append(origin, tokens);
  return chain.key();
}

TEST(Chain, TheSamePartsGiveTheSameKey) {
  const std::vector<std::pair<Origin, Tokens>> parts{{Origin::prompt, {1, 2, 3}}, {Origin::answer, {4}}};
  EXPECT_EQ(key_of("a", parts), key_of("a", parts));
  EXPECT_NE(key_of("a", parts), key_of("b", parts));
}

TEST(Chain, EveryDifferenceShows) {
  const Tokens a{1, 2}, b{3, 4}, ab{1, 2, 3, 4};
  const std::set<Key> keys{
      key_of("i", {}),
      key_of("", {}),
      key_of("i", {{Origin::prompt, ab}}),
      key_of("i", {{Origin::prompt, a}, {Origin::prompt, b}}),
      key_of("i", {{Origin::prompt, b}, {Origin::prompt, a}}),
      key_of("i", {{Origin::answer, ab}}),
      key_of("i", {{Origin::prompt, a}, {Origin::answer, b}}),
      key_of("i", {{Origin::answer, a}, {Origin::prompt, b}}),
      key_of("i", {{Origin::prompt, {0}}}),
      key_of("i", {{Origin::prompt, {0, 0}}}),
      key_of("i", {{Origin::prompt, {-1}}}),
      key_of("i", {{Origin::prompt, {256}}}),
      key_of("i", {{Origin::prompt, {1}}}),
      key_of("i", {{Origin::answer, {1}}}),
  };
  EXPECT_EQ(keys.size(), 14U);
}

TEST(Chain, AnswersCountTokenByToken) {
  EXPECT_EQ(key_of("i", {{Origin::answer, {1, 2, 3}}}), key_of("i", {{Origin::answer, {1}}, {Origin::answer, {2, 3}}}));
}

TEST(Chain, NoTokensAreNoPart) {
  EXPECT_EQ(key_of("i", {{Origin::prompt, {}}, {Origin::answer, {}}}), key_of("i", {}));
}

TEST(Chain, ForksAreNoChains) {
  Chain chain("i");
  const Key start = chain.key();
  const Key fork = chain.fork("a");
  EXPECT_EQ(chain.key(), start);
  EXPECT_EQ(chain.fork("a"), fork);
  chain.append(Origin::prompt, Tokens{1});
  const std::set<Key> keys{start,       fork,           Chain("i").fork(""), Chain("i").fork("b"), Chain("j").fork("a"),
                           chain.key(), chain.fork("a")};
  EXPECT_EQ(keys.size(), 7U);
}

TEST(Chain, ThousandsOfPartsCollideNever) {
  std::mt19937 random(1);
  std::unordered_set<Key> keys;
  Chain chain("i");
  for (int i = 0; i < 5000; ++i) {
    Tokens tokens(1 + random() % 4);
    for (std::int32_t& token : tokens) token = static_cast<std::int32_t>(random() % 3);
    chain.append(random() % 2 == 0 ? Origin::prompt : Origin::answer, tokens);
    EXPECT_TRUE(keys.insert(chain.key()).second);
  }
}

// The format: what a store on disk is named by must not change by accident.
TEST(Chain, KnownKeys) {
  Chain chain("model");
  EXPECT_EQ(chain.key().hex(), "b8f295369ab2033ad8b933f51a56e1f477ed0dfa117819447e7ce5f7e1ab953d");
  chain.append(Origin::prompt, Tokens{1, -2});
  EXPECT_EQ(chain.key().hex(), "42b141c8145eb803b2847886296097d1fbe8bdc67eb90b9ac40b5f25bf77965d");
  chain.append(Origin::answer, Tokens{3});
  EXPECT_EQ(chain.key().hex(), "02c552ef5ab4855535d6f043acad61a8039ae08cfe2e64281fc83e494b3c9ad2");
  EXPECT_EQ(chain.fork("x").hex(), "7d65175aa9a1c7ffa9c0c9c154aaf7792f403a94b171896b462ea22138dd6410");
}

TEST(Key, TextAndBack) {
  const Key key = Chain("i").key();
  EXPECT_EQ(key.hex().size(), 64U);
  EXPECT_EQ(Key::from_hex(key.hex()), key);
  std::string upper(64, 'A');
  for (const std::string& text : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'),
                                  upper, std::string(64, '\0'), std::string(62, '0') + "/0"})
    EXPECT_EQ(Key::from_hex(text), std::nullopt) << text;
}

}  // namespace
}  // namespace oc::kv
