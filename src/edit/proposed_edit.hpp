// SPDX-License-Identifier: Apache-2.0
// What an answer wants changed, as it says it: which file, and in which form. Whether that is possible is found out
// later (edit_placement.hpp).
#pragma once

#include <string>
#include <vector>

#include "edit/text_place.hpp"

namespace oc::edit {

struct ProposedEdit {
  enum class Form {
    code,     // a block of code: a whole file, or symbols of it
    changes,  // old text → new text: search/replace blocks, a unified diff
    removal,  // the file goes (a diff against /dev/null)
  };
  // stated: the path stands for itself, before the block or in its fence. mentioned: in the midst of a sentence, so it
  // counts only for a file that exists. none: the answer names no file.
  enum class Naming { none, mentioned, stated };

  Form form = Form::code;
  std::string path;  // as the answer has it, with '/'
  Naming naming = Naming::none;
  std::string language;             // of the fence, lower case; may be ""
  std::string code;                 // LF line ends
  bool is_complete = true;          // false: the answer ended inside it
  bool is_new_file = false;         // the form says so (a diff against /dev/null)
  std::vector<TextChange> changes;  // of Form::changes
  bool operator==(const ProposedEdit&) const = default;
};

}  // namespace oc::edit
