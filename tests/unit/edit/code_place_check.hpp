// SPDX-License-Identifier: Apache-2.0
// What the tests of code_place.hpp share: a block of code put into a file, as text.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "edit/code_place.hpp"

namespace oc::edit {

struct Wanted {
  std::string symbol;
  CodeScope scope = CodeScope::unknown;
};

// The file after the code was put in, or "! " and why it was not.
inline std::string after(const char* language, const std::string& file, const std::string& code,
                         const Wanted& wanted = {}) {
  const auto* known = syntax::find_language(language);
  auto placed = place_code(file, code, {known, wanted.scope, wanted.symbol});
  if (!placed) return "! " + placed.error().reason;
  auto made = replace_lines(file, std::move(*placed));
  return made ? *made : "! " + made.error().reason;
}

inline bool is_refused(const std::string& result) { return result.starts_with("! "); }

inline std::string changed(const std::string& file, const std::string& old_text, const std::string& new_text) {
  const std::size_t at = file.find(old_text);
  EXPECT_NE(at, std::string::npos) << old_text;
  EXPECT_EQ(file.find(old_text, at + 1), std::string::npos) << old_text;
  std::string made = file;
  return made.replace(at, old_text.size(), new_text);
}

}  // namespace oc::edit
