// SPDX-License-Identifier: Apache-2.0
// Headers for C and C++ open a brace in one #ifdef and close it in another, which no grammar can follow. Such lines
// carry no symbol: they are blanked before the text is read. Pure.
#pragma once

#include <string>
#include <string_view>

namespace oc::syntax {

// `#ifdef __cplusplus`, `extern "C" {`, `#endif` (and the closing one), and lines that are nothing but a macro like
// __BEGIN_DECLS, as blanks: every other byte stays where it is. Empty: there is nothing to blank.
std::string blank_c_guards(std::string_view text);

}  // namespace oc::syntax
