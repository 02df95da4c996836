// SPDX-License-Identifier: Apache-2.0
// Keys and entries that differ from each other, made from a number.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kv/chain.hpp"
#include "kv/entry.hpp"

namespace oc::kv::testing {

inline Key key_of(int number) {
  Chain chain("model a");
  chain.append(Origin::prompt, std::vector<std::int32_t>{number});
  return chain.key();
}

// With a state of `size` random bytes.
inline Entry entry_of(int number, std::size_t size = 1000) {
  std::mt19937 random(static_cast<unsigned>(number) + 1);
  Entry entry;
  entry.key = key_of(number);
  entry.identity = "model a";
  entry.position = number * 256;
  for (int i = 0; i < number % 7; ++i) entry.tokens.push_back(static_cast<std::int32_t>(random()));
  entry.state.resize(size);
  for (char& c : entry.state) c = static_cast<char>(random());
  return entry;
}

}  // namespace oc::kv::testing
