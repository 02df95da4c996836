// SPDX-License-Identifier: Apache-2.0
// What extract, inline and move hand back: as a rename does, which texts stand where, and what was not dared.
#pragma once

#include <string>
#include <string_view>

#include "context/rename.hpp"

namespace oc::context {

// A place whose path is no file yet makes one: its range is empty. Places do not overlap.
using RefactorPlan = RenamePlan;
using PlannedPlace = RenamePlace;
using PlannedDoubt = RenameDoubt;

// The text with those of the plan's places that are in `path`. Places must be by position.
std::string apply_places(const RefactorPlan& plan, std::string_view path, std::string_view text);

// By path and position, doubts once each.
void put_in_order(RefactorPlan& plan);

}  // namespace oc::context
