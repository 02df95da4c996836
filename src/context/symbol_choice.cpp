// SPDX-License-Identifier: Apache-2.0
#include "context/symbol_choice.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace oc::context {

std::vector<RenameTarget> SymbolChoice::others() const {
  std::vector<RenameTarget> found = all;
  std::erase_if(found, [&](const RenameTarget& other) {
    return other.family != target->family || other.declared == target->declared;
  });
  return found;
}

RenameRequest request_for_symbol(const std::string& name, const std::string& file) {
  RenameRequest request;
  request.old_name = name;
  request.file = file;
  return request;
}

base::Result<SymbolChoice> choose_symbol(const RenameRequest& request, const base::CancelToken& cancel) {
  std::set<std::string> families;
  for (const RenameFile& file : request.files)
    if (file.language != nullptr && can_rename(*file.language)) families.emplace(family_of(file.language->id));
  std::vector<RenameTarget> all;
  for (const std::string& family : families) {
    OC_TRY(const RenameSources sources, RenameSources::read(request, family, cancel));
    std::ranges::move(find_targets(sources, std::string(last_part_of_name(request.old_name))), std::back_inserter(all));
  }
  auto target = choose_target(all, request);
  return SymbolChoice{std::move(all), std::move(target)};
}

}  // namespace oc::context
