// SPDX-License-Identifier: Apache-2.0
#include "engine_client/engine_program.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/process.hpp"

namespace oc::engine_client {

base::Result<base::Path> find_engine_program() {
  base::Path program;
  if (const auto named = base::environment_variable("OFFLINE_CODER_ENGINE")) {
    program = std::filesystem::absolute(base::path_from_utf8(*named));
  } else {
    OC_TRY(const base::Path own, base::current_executable());
    program = own.parent_path() / "offline-coder-engine";
    program += own.extension();  // ".exe" on Windows
  }
  const auto found = base::find_file_facts(program);
  if (!found || !*found || !(*found)->is_regular)
    return base::fail(base::ErrorKind::engine, fmt::format("the engine {} is missing", base::display(program)),
                      "install offline-coder again: its two programs belong into one folder");
  return program;
}

base::Path log_file(const base::UserFolders& folders) { return folders.state / "engine.log"; }

}  // namespace oc::engine_client
