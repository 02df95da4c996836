// SPDX-License-Identifier: Apache-2.0
// Numbers packed into bytes for a column of the index. Reading trusts nothing: a damaged column ends early.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace oc::context {

class PackedWriter {
 public:
  // 7 bits a byte, the low ones first.
  void add_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  void add_hash(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<char>(value >> shift));
  }
  void add_float(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes_.push_back(static_cast<char>(bits >> shift));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : bytes_(bytes) {}

  bool is_at_end() const { return bytes_.empty(); }
  // Behind the end, and for a number of more than 64 bits, everything is 0.
  std::uint64_t take_varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) return 0;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    bytes_ = {};
    return 0;
  }
  std::uint64_t take_hash() { return take_fixed(8); }
  float take_float() { return std::bit_cast<float>(static_cast<std::uint32_t>(take_fixed(4))); }
  // The next `size` bytes, fewer if there are fewer.
  std::string_view take_bytes(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::uint64_t take_fixed(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view taken = take_bytes(size);
    if (taken.size() < size) return 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(taken[i]);
    return value;
  }
  std::string_view bytes_;
};

}  // namespace oc::context
