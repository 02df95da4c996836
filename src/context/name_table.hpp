// SPDX-License-Identifier: Apache-2.0
// Which files declare a name: all of them in memory (16 bytes a symbol), or asked for one by one. For the linker.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "context/index_schema.hpp"
#include "context/name_hash.hpp"
#include "storage/database.hpp"

namespace oc::context {

// A file that declares a name.
struct NameHome {
  FileId file = 0;
  int quality = 1;        // name_quality()
  bool defines = false;   // with a body somewhere in it
  bool is_member = true;  // only as a field or an enumerator: nothing that a file uses without knowing the type
};

class NameTable {
 public:
  // The database must outlive the table.
  static base::Result<NameTable> load(storage::Database& database);
  static base::Result<NameTable> on_demand(storage::Database& database);

  // By file, each once; null: no file declares it. Names that too many files declare have no homes. The list lives
  // until the next call.
  base::Result<const std::vector<NameHome>*> find(NameHash name);

 private:
  struct Declared {
    NameHash name;
    std::uint32_t file;
    std::uint8_t quality;
    bool defines, is_member;
  };
  std::vector<Declared> all_;  // by name and file; empty when asked on demand
  bool is_loaded_ = false;
  storage::Statement select_;
  std::unordered_map<NameHash, std::vector<NameHome>> known_;
  std::vector<NameHome> last_;
};

}  // namespace oc::context
