// SPDX-License-Identifier: Apache-2.0
// The rows behind language.hpp; only language.cpp reads them. No extension stands in two rows.
#pragma once

#include <span>

#include "syntax/language.hpp"

namespace oc::syntax {

std::span<const Language> language_table();

}  // namespace oc::syntax
