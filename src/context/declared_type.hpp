// SPDX-License-Identifier: Apache-2.0
// The type of a local name of TypeScript, where the text says it. Nothing is inferred beyond what is written.
#pragma once

#include <expected>
#include <string>

#include "syntax/name_bindings.hpp"

namespace oc::context {

// As it can be written for a parameter of a function that stands at the top of the file and takes the value before
// `before`; else the reason why there is none.
std::expected<std::string, std::string> find_declared_type(const syntax::CodeTree& tree,
                                                           const syntax::NameBindings& names, int binding,
                                                           std::size_t before);

}  // namespace oc::context
