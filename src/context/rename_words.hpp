// SPDX-License-Identifier: Apache-2.0
// What may be a name in a language, and parts of names.
#pragma once

#include <string>
#include <string_view>

namespace oc::context {

// "" if `name` can be a new name; else why not: "is a keyword of Go". `family`: family_of(language).
std::string fault_of_name(std::string_view name, std::string_view family);
// Are renames known for it?
bool can_rename_in(std::string_view family);

// "a::B" of "a::B::f", "" of "f".
std::string prefix_of_name(std::string_view qualified);
// "A" of "ns::A<T>".
std::string plain_type_name(std::string_view type);
bool has_word(std::string_view text, std::string_view word);
// Is `inner` the place `outer`, or within it: "a::B" of "a", of "a::B", of ""?
bool is_in_prefix(std::string_view inner, std::string_view outer);
// Does a qualifier as written ("b", "::a::b", "b<T>") name the prefix "a::b"?
bool names_prefix(std::string_view qualifier, std::string_view prefix);

}  // namespace oc::context
