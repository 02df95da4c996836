// SPDX-License-Identifier: Apache-2.0
// Counts that must not be mixed up, each a type of its own.
#pragma once

#include <compare>
#include <cstdint>

namespace oc::base {

template <class Tag>
struct Quantity {
  std::int64_t value = 0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(std::int64_t v) : value(v) {}
  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity other) {
    value += other.value;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value -= other.value;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value + b.value); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value - b.value); }
};

using TokenCount = Quantity<struct TokenTag>;
using ByteCount = Quantity<struct ByteTag>;
using LineNumber = Quantity<struct LineTag>;  // 1-based

// First and last line, both included.
struct LineRange {
  LineNumber first{1};
  LineNumber last{1};
  bool operator==(const LineRange&) const = default;
};

}  // namespace oc::base
