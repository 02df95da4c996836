// SPDX-License-Identifier: Apache-2.0
// What a request names: symbols and files. Pure; whether they exist is for the index to say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oc::context {

struct NamedSymbol {
  std::string name;      // "parse_url", "Parser.parse", "a::b"
  bool is_code = false;  // written as only code is: parse_url, parseUrl, `parse`, parse()
  bool operator==(const NamedSymbol&) const = default;
};

struct RequestWords {
  std::vector<NamedSymbol> symbols;  // in order of appearance, each once; fillers are none
  std::vector<std::string> paths;    // "src/a.cpp", "b.py"
};

// At most 100 of each. Linear in the text.
RequestWords parse_request_words(std::string_view text);

}  // namespace oc::context
