// SPDX-License-Identifier: Apache-2.0
#include "kv/chain.hpp"

#include <bit>

#include "base/sha256.hpp"

namespace oc::kv {
namespace {

// What is hashed begins with its kind, each of another first byte: no identity, part or label can stand for another.
constexpr std::string_view k_identity_domain = "identity of oc::kv::Chain\n";
constexpr std::string_view k_part_domain = "part of oc::kv::Chain\n";
constexpr std::string_view k_fork_domain = "fork of oc::kv::Chain\n";

void append_number(std::string& to, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to += static_cast<char>((value >> (8 * i)) & 0xFF);
}

void append_key(std::string& to, const Key& key) {
  for (const std::uint8_t byte : key.bytes) to += static_cast<char>(byte);
}

Key key_of_part(const Key& previous, Origin origin, std::span<const std::int32_t> tokens) {
  std::string text;
  text.reserve(k_part_domain.size() + previous.bytes.size() + 9 + tokens.size() * 4);
  text += k_part_domain;
  append_key(text, previous);
  append_number(text, static_cast<std::uint8_t>(origin), 1);
  append_number(text, tokens.size(), 8);
  for (const std::int32_t token : tokens) append_number(text, std::bit_cast<std::uint32_t>(token), 4);
  return {base::sha256_digest(text)};
}

std::optional<std::uint8_t> find_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

std::string Key::hex() const { return base::to_hex(bytes); }

std::optional<Key> Key::from_hex(std::string_view text) {
  Key key;
  if (text.size() != key.bytes.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) {
    const auto high = find_digit(text[2 * i]), low = find_digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    key.bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return key;
}

Chain::Chain(std::string_view identity) {
  key_.bytes = base::sha256_digest(std::string(k_identity_domain).append(identity));
}

void Chain::append(Origin origin, std::span<const std::int32_t> tokens) {
  if (tokens.empty()) return;
  if (origin == Origin::prompt) {
    key_ = key_of_part(key_, origin, tokens);
  } else {
    for (std::size_t i = 0; i < tokens.size(); ++i) key_ = key_of_part(key_, origin, tokens.subspan(i, 1));
  }
}

Key Chain::fork(std::string_view label) const {
  std::string text(k_fork_domain);
  append_key(text, key_);
  text += label;
  return {base::sha256_digest(text)};
}

}  // namespace oc::kv
