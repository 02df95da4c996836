// SPDX-License-Identifier: Apache-2.0
#include "context/reference_list.hpp"

#include <algorithm>
#include <compare>

#include "context/packed_bytes.hpp"

namespace oc::context {
namespace {

constexpr std::size_t k_hash_bytes = 8;

// The part of the list that holds the sorted hashes.
std::string_view hashes_of(std::string_view packed) {
  PackedReader reader(packed);
  const std::uint64_t count = std::min<std::uint64_t>(reader.take_varint(), k_most_names);
  const std::string_view hashes = reader.take_bytes(count * k_hash_bytes);
  return hashes.substr(0, hashes.size() / k_hash_bytes * k_hash_bytes);
}

NameHash hash_at(std::string_view hashes, std::size_t index) {
  return PackedReader(hashes.substr(index * k_hash_bytes)).take_hash();
}

}  // namespace

std::string pack_references(std::span<const syntax::Reference> references) {
  struct Place {
    NameHash name;
    base::LineNumber line;
    auto operator<=>(const Place&) const = default;
  };
  std::vector<Place> places;
  places.reserve(references.size());
  for (const syntax::Reference& reference : references) places.push_back({hash_name(reference.name), reference.line});
  std::ranges::sort(places);
  std::vector<NameUse> uses;
  for (const Place& place : places) {
    if (uses.empty() || uses.back().name != place.name) {
      if (uses.size() >= k_most_names) break;
      uses.push_back({place.name, 0, {}});
    }
    NameUse& use = uses.back();
    ++use.count;
    const bool is_new_line = use.lines.empty() || use.lines.back() < place.line;
    if (is_new_line && use.lines.size() < k_most_lines) use.lines.push_back(place.line);
  }
  PackedWriter writer;
  writer.add_varint(uses.size());
  for (const NameUse& use : uses) writer.add_hash(use.name);
  for (const NameUse& use : uses) {
    writer.add_varint(static_cast<std::uint64_t>(use.count));
    writer.add_varint(use.lines.size());
    std::int64_t last = 0;
    for (const base::LineNumber line : use.lines) {
      writer.add_varint(static_cast<std::uint64_t>(line.value - last));
      last = line.value;
    }
  }
  return writer.take();
}

std::vector<NameUse> unpack_references(std::string_view packed) {
  const std::string_view hashes = hashes_of(packed);
  std::vector<NameUse> uses(hashes.size() / k_hash_bytes);
  PackedReader reader(packed);
  reader.take_varint();
  reader.take_bytes(hashes.size());
  for (std::size_t i = 0; i < uses.size(); ++i) {
    uses[i].name = hash_at(hashes, i);
    uses[i].count = static_cast<std::int64_t>(reader.take_varint() & 0xffffffff);
    const std::uint64_t lines = std::min<std::uint64_t>(reader.take_varint(), k_most_lines);
    std::int64_t line = 0;
    for (std::uint64_t l = 0; l < lines; ++l) {
      line += static_cast<std::int64_t>(reader.take_varint() & 0x7fffffff);
      uses[i].lines.emplace_back(line);
    }
  }
  return uses;
}

bool refers_to(std::string_view packed, NameHash name) {
  const std::string_view hashes = hashes_of(packed);
  std::size_t first = 0, end = hashes.size() / k_hash_bytes;
  while (first < end) {
    const std::size_t middle = first + (end - first) / 2;
    const NameHash found = hash_at(hashes, middle);
    if (found == name) return true;
    (found < name ? first : end) = found < name ? middle + 1 : middle;
  }
  return false;
}

}  // namespace oc::context
