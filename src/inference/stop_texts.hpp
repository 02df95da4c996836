// SPDX-License-Identifier: Apache-2.0
// Cuts a streamed answer before the first of some texts to be complete. A text may be split over any number of chunks,
// so the tail that could still become one is held back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oc::inference {

class StopTexts {
 public:
  explicit StopTexts(std::vector<std::string> texts);

  // What may be shown of the answer so far; after a stop text was met, nothing more.
  std::string add(std::string_view chunk);
  // The held-back tail, when the answer ends by itself.
  std::string finish();
  bool is_met() const { return met_; }

 private:
  std::vector<std::string> texts_;
  std::string held_;
  bool met_ = false;
};

}  // namespace oc::inference
