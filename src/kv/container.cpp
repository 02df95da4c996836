// SPDX-License-Identifier: Apache-2.0
#include "kv/container.hpp"

#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming)
#include <xxhash.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

namespace oc::kv {
namespace {

constexpr std::string_view k_magic = "OC-KV-01";
constexpr std::uint32_t k_version = 1;
constexpr std::size_t k_key_size = 32;
constexpr std::size_t k_checksum_size = 16;
// Key, length of the state, length of the identity, number of tokens, position, version, total length, magic, checksum.
constexpr std::size_t k_trailer_size = k_key_size + 8 + 4 + 4 + 4 + 4 + 8 + k_magic.size() + k_checksum_size;

void append_number(std::string& to, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to += static_cast<char>((value >> (8 * i)) & 0xFF);
}

// Reads numbers from the front; the caller knows that there are enough bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t take_number(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view taken = take(size);
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{static_cast<std::uint8_t>(taken[i])} << (8 * i);
    return value;
  }
  std::uint32_t take_u32() { return static_cast<std::uint32_t>(take_number(4)); }

 private:
  std::string_view rest_;
};

std::string checksum_of(std::string_view first, std::string_view second) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  XXH3_128bits_update(&state, first.data(), first.size());
  XXH3_128bits_update(&state, second.data(), second.size());
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  return {reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest};
}

std::unexpected<base::Error> refuse(std::string_view why) {
  return base::fail(base::ErrorKind::io, std::string("cannot use stored KV: ").append(why));
}

struct Lengths {
  std::size_t state = 0, identity = 0, tokens = 0;  // tokens: their number
};

// Do the parts fill the file exactly? None is added up before it is known to be no longer than the file.
bool are_consistent(std::uint64_t state, std::uint64_t identity, std::uint64_t tokens, std::uint64_t total) {
  if (state > total || identity > total || tokens > total / 4) return false;
  return state + identity + tokens * 4 + k_trailer_size == total;
}

}  // namespace

std::string encode_after_state(const Entry& entry) {
  const std::size_t size = entry.identity.size() + entry.tokens.size() * 4 + k_trailer_size;
  std::string bytes;
  bytes.reserve(size);
  bytes += entry.identity;
  for (const std::int32_t token : entry.tokens) append_number(bytes, std::bit_cast<std::uint32_t>(token), 4);
  for (const std::uint8_t byte : entry.key.bytes) bytes += static_cast<char>(byte);
  append_number(bytes, entry.state.size(), 8);
  append_number(bytes, entry.identity.size(), 4);
  append_number(bytes, entry.tokens.size(), 4);
  append_number(bytes, std::bit_cast<std::uint32_t>(entry.position), 4);
  append_number(bytes, k_version, 4);
  append_number(bytes, entry.state.size() + size, 8);
  bytes += k_magic;
  bytes += checksum_of(entry.state, bytes);
  return bytes;
}

std::string encode(const Entry& entry) {
  const std::string after = encode_after_state(entry);
  std::string bytes;
  bytes.reserve(entry.state.size() + after.size());
  bytes += entry.state;
  bytes += after;
  return bytes;
}

base::Result<Entry> parse(std::string bytes) {
  if (bytes.size() < k_trailer_size) return refuse("the file is too short");
  const std::string_view all = bytes;
  Reader trailer(all.substr(all.size() - k_trailer_size));
  Entry entry;
  std::memcpy(entry.key.bytes.data(), trailer.take(k_key_size).data(), k_key_size);
  const std::uint64_t state_size = trailer.take_number(8);
  const std::uint32_t identity_size = trailer.take_u32();
  const std::uint32_t token_count = trailer.take_u32();
  entry.position = std::bit_cast<std::int32_t>(trailer.take_u32());
  const std::uint32_t version = trailer.take_u32();
  const std::uint64_t total = trailer.take_number(8);
  if (trailer.take(k_magic.size()) != k_magic) return refuse("the file does not end as one that was written whole");
  if (version != k_version) return refuse("the file is of another version");
  if (total != all.size() || !are_consistent(state_size, identity_size, token_count, total))
    return refuse("the file has not the length that it should have");
  const std::size_t checked = all.size() - k_checksum_size;
  if (all.substr(checked) != checksum_of(all.substr(0, checked), {})) return refuse("the checksum is wrong");
  Reader rest(all.substr(static_cast<std::size_t>(state_size)));
  entry.identity = rest.take(identity_size);
  entry.tokens.reserve(token_count);
  for (std::uint32_t i = 0; i < token_count; ++i) entry.tokens.push_back(std::bit_cast<std::int32_t>(rest.take_u32()));
  bytes.resize(static_cast<std::size_t>(state_size));
  entry.state = std::move(bytes);
  return entry;
}

}  // namespace oc::kv
