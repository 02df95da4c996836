// SPDX-License-Identifier: Apache-2.0
// The beginning and the end of a program's output within a limit, whatever it prints. Raw bytes: who shows them takes
// them through base/control_filter.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace oc::sandbox {

struct Output {
  std::string head;         // all of it when nothing was dropped
  std::string tail;         // "" when nothing was dropped
  base::ByteCount dropped;  // between the two
  // Both with a line "[… 1.2 MB left out …]" between them where something was.
  std::string text() const;
  bool operator==(const Output&) const = default;
};

class KeptOutput {
 public:
  // At most `limit` bytes stay: a third of it from the beginning, the rest from the end.
  explicit KeptOutput(base::ByteCount limit);
  void add(std::string_view piece);  // amortised linear; memory at most about twice the limit, whatever is added
  // Cut at line ends where one is near, else between characters.
  Output finish() const;

 private:
  std::size_t head_limit_;
  std::size_t tail_limit_;
  std::string head_;
  std::string tail_;  // what came after the head, at least the last tail_limit_ bytes of it
  base::ByteCount total_;
};

}  // namespace oc::sandbox
