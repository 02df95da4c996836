// SPDX-License-Identifier: Apache-2.0
#include "context/workspace_rules.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/folder_entries.hpp"

namespace oc::context {
namespace {

using base::Path;

constexpr base::ByteCount k_ignore_file_limit{16 << 20};
constexpr base::ByteCount k_index_limit{1 << 30};

}  // namespace

const RepositoryRules* WorkspaceRules::add_repository(const GitFolders* repository, std::size_t base_size) {
  const GitSettings settings = load_git_settings(repository);
  RepositoryRules rules;
  rules.base_size = base_size;
  rules.case_rule = settings.case_rule;
  if (settings.excludes_file)
    rules.user = add_readable_file(*settings.excludes_file, base_size, settings.case_rule, rules.user);
  if (repository != nullptr) {
    rules.user = add_readable_file(repository->common / "info" / "exclude", base_size, settings.case_rule, rules.user);
    rules.index = load_index(*repository, settings.hash_size);
  }
  const std::lock_guard lock(mutex_);
  return &repositories_.emplace_back(std::move(rules));
}

const IgnoreScope* WorkspaceRules::add_file(const Path& path, std::size_t base_size, CaseRule rule,
                                            const IgnoreScope* outer) {
  const auto entry = base::find_folder_entry(path);
  if (!entry || !*entry || (*entry)->kind == base::EntryKind::folder) return outer;
  if ((*entry)->kind == base::EntryKind::symlink) {
    add_note(fmt::format("{} is a link: its rules do not count", base::display(path)));
    return outer;
  }
  return add_readable_file(path, base_size, rule, outer);
}

const IgnoreScope* WorkspaceRules::add_readable_file(const Path& path, std::size_t base_size, CaseRule rule,
                                                     const IgnoreScope* outer) {
  const auto text = base::read_file(path, k_ignore_file_limit);
  if (!text) {
    const auto facts = base::find_file_facts(path);
    const bool is_there = !facts || (*facts && ((*facts)->is_regular || !(*facts)->is_symlink));
    if (is_there && path.has_filename())
      add_note(fmt::format("the rules of {} do not count: {}", base::display(path), text.error().message));
    return outer;
  }
  IgnoreList list(*text, base_size, rule);
  if (list.is_empty()) return outer;
  const std::lock_guard lock(mutex_);
  return &scopes_.emplace_back(IgnoreScope{outer, std::move(list)});
}

GitIndex WorkspaceRules::load_index(const GitFolders& repository, std::size_t hash_size) {
  const Path path = repository.own / "index";
  const auto facts = base::find_file_facts(path);
  if (facts && !*facts) return {};  // nothing was ever added
  const auto bytes = base::read_file(path, k_index_limit);
  auto index = bytes ? parse_git_index(*bytes, hash_size) : base::Result<GitIndex>(std::unexpected(bytes.error()));
  if (index) return std::move(*index);
  add_note(fmt::format("files that git tracks and ignores are left out: {} ({})", index.error().message,
                       base::display(path)));
  return {};
}

void WorkspaceRules::add_note(std::string note) {
  constexpr std::size_t enough = 100;  // a hostile tree can have any number of broken ignore files
  const std::lock_guard lock(mutex_);
  if (notes_.size() < enough) notes_.push_back(std::move(note));
}

std::vector<std::string> WorkspaceRules::take_notes() { return std::move(notes_); }

}  // namespace oc::context
