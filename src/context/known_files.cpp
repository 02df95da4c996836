// SPDX-License-Identifier: Apache-2.0
#include "context/known_files.hpp"

#include <algorithm>

namespace oc::context {

base::Result<KnownFiles> KnownFiles::load(storage::Database& database) {
  KnownFiles known;
  OC_TRY(auto select,
         database.prepare("SELECT id,path,device,inode,size,modified_ns,changed_ns,racy,state FROM files"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) break;
    const std::string_view path = select.bytes(1);
    KnownFile file;
    file.id = select.integer(0);
    file.stamp = {static_cast<std::uint64_t>(select.integer(2)), static_cast<std::uint64_t>(select.integer(3)),
                  select.integer(4), select.integer(5), select.integer(6)};
    file.path_begin = known.paths_.size();
    file.path_size = static_cast<std::uint32_t>(path.size());
    file.racy = select.integer(7) != 0;
    file.state = select.integer(8);
    known.paths_.append(path);
    known.files_.push_back(file);
  }
  // Rows come by id, and most files got theirs in the order of their paths: this is nearly sorted already.
  const auto path_of = [&](const KnownFile& file) { return known.path_of(file); };
  if (!std::ranges::is_sorted(known.files_, {}, path_of)) std::ranges::sort(known.files_, {}, path_of);
  return known;
}

}  // namespace oc::context
