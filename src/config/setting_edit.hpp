// SPDX-License-Identifier: Apache-2.0
// Sets one key in the text of a configuration file and leaves every other byte as it is: comments, order, line ends.
// Reading and writing the file is the caller's business.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace oc::config {

// The new text. A key that is not there yet is added to its section, the section at the end if need be. The result has
// been read back: it differs in that one value alone. Kind `usage` for a key or a value that the table refuses (a list
// can not be set this way), `configuration` for a text that is not YAML or not laid out in lines.
base::Result<std::string> with_setting(std::string_view yaml_text, std::string_view key, std::string_view value);

}  // namespace oc::config
