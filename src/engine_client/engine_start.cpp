// SPDX-License-Identifier: Apache-2.0
// Finding or starting the engine. Several clients may do this at once: the engine's own lock leaves exactly one alive,
// and everybody ends up connected to that one.
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engine_client/engine_connection.hpp"

namespace oc::engine_client {
namespace {

using namespace std::chrono_literals;

constexpr double k_start_patience_ms = 20'000;
// An engine that found the lock taken has left; the one that holds it may be leaving too, so try again after this.
constexpr double k_restart_after_ms = 300;
// An engine that dies this often while nobody else's can be reached will not live the next time.
constexpr int k_most_starts = 5;
constexpr base::ByteCount k_log_limit{1 << 20};

base::Result<void> make_folders(const base::UserFolders& folders) {
  auto made = base::make_folder(folders.runtime, base::FileAccess::owner_only);
  if (made) made = base::make_folder(folders.state);
  if (!made && made.error().hint.empty())
    made.error().hint = "set OFFLINE_CODER_HOME to a folder that you can write to, for all that offline-coder keeps";
  return made;
}

std::int64_t size_of(const base::Path& file) {
  const auto found = base::find_file_facts(file);
  return found && *found ? (*found)->size.value : 0;
}

// What the engine wrote last since `from`, for the message when it did not start.
std::string last_log_line(const base::Path& log, std::int64_t from) {
  const auto text = base::read_file(log, base::ByteCount(k_log_limit.value * 4));
  if (!text || static_cast<std::int64_t>(text->size()) <= from) return "it wrote no reason";
  const auto lines = base::split_lines(base::trim_end(std::string_view(*text).substr(static_cast<std::size_t>(from))));
  return lines.empty() ? "it wrote no reason" : base::replace_invalid_utf8(lines.back());
}

base::Result<std::int64_t> start(const EngineOptions& options) {
  base::Command command{options.program,
                        {"serve", "--idle-seconds", fmt::format("{}", options.idle_seconds), "--kv-bytes",
                         fmt::format("{}", options.kv_bytes)}};
  if (options.memory_bytes > 0) {
    command.arguments.emplace_back("--memory-limit");
    command.arguments.push_back(fmt::format("{}", options.memory_bytes));
  }
  auto started = base::start_detached(command, log_file(options.folders));
  if (!started) return base::fail(base::ErrorKind::engine, started.error().message, started.error().hint);
  return *started;
}

// May this program use that engine? Same protocol and version; and if it is the same file, the file as it is now.
bool is_usable(const protocol::HelloReply& hello, const EngineOptions& options) {
  if (hello.protocol != protocol::k_version || hello.version != options.version) return false;
  if (hello.executable != base::to_utf8(options.program)) return true;
  const auto found = base::find_file_facts(options.program);
  return !found || !*found || (*found)->modified_ns == hello.executable_stamp;
}

}  // namespace

base::Result<void> prepare_folders(const base::UserFolders& folders) {
  OC_CHECK(make_folders(folders));
  OC_CHECK(base::check_private_folder(folders.runtime));
  const base::Path log = log_file(folders);
  if (const auto found = base::find_file_facts(log); found && *found && (*found)->size > k_log_limit) {
    std::error_code ignored;  // the log then grows on
    std::filesystem::rename(log, base::Path(log) += ".old", ignored);
  }
  return {};
}

base::Result<EngineConnection> EngineConnection::open(const EngineOptions& options, const base::CancelToken& cancel) {
  OC_CHECK(prepare_folders(options.folders));
  const std::int64_t log_start = size_of(log_file(options.folders));
  const base::Stopwatch watch;
  std::int64_t child = 0;
  double started_at = 0;
  int starts = 0;
  while (watch.elapsed_ms() < k_start_patience_ms) {
    if (cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
    OC_TRY(auto engine, connect(options.folders, options.version, cancel));
    if (engine && is_usable(engine->hello_, options)) {
      engine->priority_ = options.priority;
      engine->is_ahead_ = options.is_ahead;
      return std::move(*engine);
    }
    if (engine) {
      OC_CHECK(engine->shut_down(fmt::format("version {} of offline-coder takes over", options.version)));
      child = 0;
      continue;
    }
    const double now = watch.elapsed_ms();
    if (child == 0 || (now - started_at > k_restart_after_ms && !base::is_process_alive(child))) {
      if (starts++ == k_most_starts) break;
      OC_TRY(child, start(options));
      started_at = now;
    }
    std::this_thread::sleep_for(5ms);
  }
  return base::fail(base::ErrorKind::engine,
                    fmt::format("the engine did not start: {}", last_log_line(log_file(options.folders), log_start)),
                    fmt::format("see {}", base::display(log_file(options.folders))));
}

}  // namespace oc::engine_client
