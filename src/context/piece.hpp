// SPDX-License-Identifier: Apache-2.0
// A part of a file that may go into a prompt.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"

namespace oc::context {

// required: the request makes no sense without it. optional: helps, may be left out.
enum class Need { required, optional };

// text: the lines as they are. outline: the signatures of what those lines declare, a line each.
enum class Form { text, outline };

struct Piece {
  std::string path;       // as shown; empty for text that belongs to no file
  base::LineRange lines;  // what `text` is in that file
  std::string text;       // whole lines, LF
  std::string reason;     // why it is here, for people: "named on the command line"
  Need need = Need::required;
  Form form = Form::text;

  bool operator==(const Piece&) const = default;
};

// How many tokens a text takes. The caller knows the model; a failure ends whatever asked for it.
using CountTokens = std::function<base::Result<base::TokenCount>(std::string_view)>;

}  // namespace oc::context
