// SPDX-License-Identifier: Apache-2.0
// What is the same on every system.
#include "base/sha256.hpp"

namespace oc::base {

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string sha256(std::string_view bytes) { return to_hex(sha256_digest(bytes)); }

}  // namespace oc::base
