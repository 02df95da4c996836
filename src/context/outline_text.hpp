// SPDX-License-Identifier: Apache-2.0
// Symbols as text for a model: their signatures, a line each, what a type holds indented below it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context/index_rows.hpp"

namespace oc::context {

// `symbols` are those of one file by position, `chosen` some of their positions in any order; what holds a chosen one
// is shown too. Each line ends with a newline.
std::string outline_text(const std::vector<SymbolRow>& symbols, const std::vector<int>& chosen);

// From the first to the last line of the chosen symbols. `chosen` must not be empty.
base::LineRange lines_of(const std::vector<SymbolRow>& symbols, const std::vector<int>& chosen);

// Is it a file of tests, or of examples, by its name? And one that others wrote: "vendor", "node_modules" …?
bool is_test_path(std::string_view path);
bool is_foreign_path(std::string_view path);

// What the names of files that belong together have in common: "cart" of "src/cart.hpp", "src/cart_posix.cpp",
// "tests/cart_test.cpp", "test_cart.py" and "Cart.test.ts"; in lower case, "" for names that say nothing ("index.js").
std::string kin_name(std::string_view path);

}  // namespace oc::context
