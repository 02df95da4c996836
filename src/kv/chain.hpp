// SPDX-License-Identifier: Apache-2.0
// Names computed KV by everything that it was computed from: two chains have the same key only if the same model, set
// up in the same way, was given the same tokens in the same calls. What an identity says is the caller's matter.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace oc::kv {

struct Key {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Key&) const = default;
  std::string hex() const;  // 64 lower-case digits
  // Of exactly such digits; nullopt for anything else.
  static std::optional<Key> from_hex(std::string_view text);
};

// How tokens were computed: as part of a prompt, in one call; or one by one while an answer was decoded. The numbers
// that come out differ in their last bits, so the keys must differ.
enum class Origin : std::uint8_t { prompt = 1, answer = 2 };

class Chain {
 public:
  // The model, its context's parameters, the types of its KV, the build of the library that computes it.
  explicit Chain(std::string_view identity);
  // Prompt tokens of one call: cut elsewhere, they are something else. Answer tokens count one by one, however many
  // come at once. No tokens: the key stays. About 1 µs a call, and for each token of an answer.
  void append(Origin origin, std::span<const std::int32_t> tokens);
  const Key& key() const { return key_; }  // of everything appended so far
  // A key that no chain has, the same for the same label: for what belongs to this place but is not its KV.
  Key fork(std::string_view label) const;

 private:
  Key key_;
};

}  // namespace oc::kv

template <>
struct std::hash<oc::kv::Key> {
  std::size_t operator()(const oc::kv::Key& key) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, key.bytes.data(), sizeof value);  // already as random as can be
    return value;
  }
};
