// SPDX-License-Identifier: Apache-2.0
// offline-coder-engine: the program that links libllama. Started by offline-coder; people only meet it in `--help`.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/local_socket.hpp"
#include "base/log.hpp"
#include "base/process.hpp"
#include "base/system.hpp"
#include "base/terminal.hpp"
#include "base/user_folders.hpp"
#include "inference/probe.hpp"
#include "protocol/codec.hpp"
#include "server/build_facts.hpp"
#include "server/listener.hpp"
#include "server/model_jobs.hpp"

namespace oc::server {
namespace {

constexpr const char* k_help =
    "offline-coder-engine serve [options]   answer offline-coder's requests\n"
    "offline-coder-engine probe FILE        open a GGUF and print its facts as JSON\n"
    "offline-coder-engine quantize IN OUT TYPE [--threads N]    write a copy of a GGUF, all of it Q4_K or Q4_0\n"
    "offline-coder-engine measure FILE [--repack] [--threads N] print how fast a GGUF runs here\n"
    "offline-coder-engine --version\n\n"
    "Options of serve:\n"
    "  --idle-seconds N     leave after N seconds without a request (default 1800)\n"
    "  --kv-bytes N         keep at most N bytes of computed KV on disk (default 4000000000; 0: none)\n"
    "  --memory-limit N     use at most N bytes for a model (default: what is available)\n"
    "  --backends FOLDER    ggml's CPU variants\n"
    "  --script FILE        replay scripted answers instead of any model\n"
    "  --verbose            log more\n";

// Computed KV in memory, for when there is no disk for it: what is on disk is in the system's page cache anyway. Of a
// given limit no more than a sixteenth, and half of that while it waits for the disk.
constexpr std::int64_t k_kv_memory = 256'000'000, k_kv_share = 16;

void share_memory(std::int64_t limit, Engine::Options& options) {
  const std::int64_t kv = limit > 0 ? std::min(limit / k_kv_share, k_kv_memory) : k_kv_memory;
  options.kv.memory_limit = base::ByteCount(kv);
  options.kv.waiting_limit = base::ByteCount(kv / 2);
  options.shelf.memory_limit = base::ByteCount(limit > 0 ? limit - kv - kv / 2 : 0);
}

struct Arguments {
  std::string command;
  std::vector<std::string> words;  // behind the command
  double idle_seconds = 1800;
  std::int64_t memory_limit = 0;
  std::int64_t kv_bytes = 4'000'000'000;
  base::Path backends = base::path_from_utf8(k_backends_folder);
  std::string script;
  int threads = 0;  // of quantize and measure; 0: physical cores
  protocol::WeightLayout layout = protocol::WeightLayout::mapped;
};

base::Result<double> parse_number(const std::string& option, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0))
    return base::fail(base::ErrorKind::usage, fmt::format("{} wants a number, not '{}'", option, text));
  return value;
}

base::Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--verbose") base::set_log_level(base::LogLevel::debug);
    else if (word == "--repack") arguments.layout = protocol::WeightLayout::repacked;
    else if (word.starts_with("--") && word != "--version" && word != "--help") {
      if (i + 1 == words.size()) return base::fail(base::ErrorKind::usage, word + " wants a value");
      const std::string& value = words[++i];
      if (word == "--idle-seconds") {
        OC_TRY(arguments.idle_seconds, parse_number(word, value));
      } else if (word == "--kv-bytes") {
        OC_TRY(const double bytes, parse_number(word, value));
        arguments.kv_bytes = static_cast<std::int64_t>(bytes);
      } else if (word == "--memory-limit") {
        OC_TRY(const double bytes, parse_number(word, value));
        arguments.memory_limit = static_cast<std::int64_t>(bytes);
      } else if (word == "--threads") {
        OC_TRY(const double threads, parse_number(word, value));
        constexpr double k_most_threads = 1024;
        arguments.threads = static_cast<int>(std::min(threads, k_most_threads));
      } else if (word == "--backends") arguments.backends = base::path_from_utf8(value);
      else if (word == "--script") arguments.script = value;
      else return base::fail(base::ErrorKind::usage, "unknown option " + word);
    } else if (arguments.command.empty()) arguments.command = word;
    else arguments.words.push_back(word);
  }
  return arguments;
}

base::Path path_of(const std::string& word) { return std::filesystem::absolute(base::path_from_utf8(word)); }

int threads_of(const Arguments& arguments) {
  return arguments.threads > 0 ? arguments.threads : base::physical_core_count();
}

int run_probe(const Arguments& arguments) {
  const base::Path path = path_of(arguments.words.front());
  auto facts = inference::inspect_model(path, arguments.backends);
  protocol::Reply reply;
  if (facts) reply.body = protocol::Loaded{std::move(*facts), 0, 0, 0};
  else reply.body = protocol::Failed{facts.error()};
  std::puts(protocol::encode(reply).c_str());
  return 0;
}

base::Result<int> run_quantize(const Arguments& arguments) {
  const auto type = protocol::parse_quant_type(arguments.words.back());
  if (!type)
    return base::fail(base::ErrorKind::usage, fmt::format("'{}' is no type to quantise to", arguments.words.back()));
  return run_quantize_job({path_of(arguments.words[0]), path_of(arguments.words[1]), *type, threads_of(arguments)},
                          arguments.backends);
}

int run_measure(const Arguments& arguments) {
  return run_measure_job({path_of(arguments.words.front()), arguments.layout, threads_of(arguments)},
                         arguments.backends);
}

// The lock that makes this the user's one engine. One that is just leaving holds it longer than its socket,
// while it writes computed KV, so it is waited for, as long as those wait who started this one; nullopt when a live
// engine has it.
base::Result<std::optional<base::FileLock>> take_lock(const base::Path& runtime) {
  constexpr double k_patience_ms = 19'000;
  const base::Stopwatch watch;
  for (;;) {
    OC_TRY(auto lock, base::FileLock::try_acquire(runtime / protocol::k_lock_name));
    if (lock || watch.elapsed_ms() > k_patience_ms) return lock;
    OC_TRY(const auto live, base::LocalConnection::connect(runtime / protocol::k_socket_name));
    if (live) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

base::Result<void> run_serve(const Arguments& arguments) {
  OC_TRY(const base::UserFolders folders, base::find_user_folders());
  OC_CHECK(base::make_folder(folders.runtime, base::FileAccess::owner_only));
  OC_CHECK(base::check_private_folder(folders.runtime));
  OC_TRY(const auto lock, take_lock(folders.runtime));
  if (!lock) {
    base::log(base::LogLevel::info, "another engine is there already");
    return {};
  }
  Engine::Options options;
  OC_TRY(options.shelf.engine_program, base::current_executable());
  options.shelf.backends_folder = arguments.backends;
  options.shelf.script = arguments.script;
  options.shelf.speeds_folder = folders.cache / "speeds";
  options.shelf.probed_folder = folders.cache / "probed";
  options.kv.folder = folders.cache / protocol::k_kv_folder;
  share_memory(arguments.memory_limit, options);
  options.kv.disk_limit = base::ByteCount(arguments.kv_bytes);
  options.idle_seconds = arguments.idle_seconds;
  options.hello.version = k_version_text;
  options.hello.executable = base::to_utf8(options.shelf.engine_program);
  options.hello.process_id = base::current_process_id();
  if (const auto found = base::find_file_facts(options.shelf.engine_program); found && *found)
    options.hello.executable_stamp = (*found)->modified_ns;

  OC_TRY(auto listener, base::LocalListener::bind(folders.runtime / protocol::k_socket_name));
  base::log(base::LogLevel::info,
            fmt::format("engine {} listens, process {}", k_version_text, options.hello.process_id));
  const base::CancelToken stop;
  base::cancel_on_interrupt(stop);
  Engine engine(std::move(options));
  serve(std::move(listener), engine, stop);
  base::log(base::LogLevel::info, "engine leaves");
  return {};
}

base::Result<int> run_command(const Arguments& arguments) {
  const std::string& command = arguments.command;
  const std::size_t words = arguments.words.size();
  if (command == "probe" && words == 1) return run_probe(arguments);
  if (command == "quantize" && words == 3) return run_quantize(arguments);
  if (command == "measure" && words == 1) return run_measure(arguments);
  if (command != "serve") return base::fail(base::ErrorKind::usage, "unknown command " + command);
  OC_CHECK(run_serve(arguments));
  return 0;
}

int run(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(words);
  const bool wants_help = arguments && (arguments->command.empty() || arguments->command == "--help");
  if (wants_help) {
    std::fputs(k_help, stdout);
    return 0;
  }
  if (arguments && arguments->command == "--version") {
    fmt::print("offline-coder-engine {}\n", k_version_text);
    return 0;
  }
  const base::Result<int> code = arguments ? run_command(*arguments) : std::unexpected(arguments.error());
  if (code) return *code;
  base::log(base::LogLevel::error, code.error().message);
  return code.error().kind == base::ErrorKind::usage ? 2 : 8;
}

}  // namespace
}  // namespace oc::server

int main(int argc, char** argv) {
  oc::base::prepare_standard_streams();
  oc::base::forbid_core_dumps();
  try {
    return oc::server::run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "offline-coder-engine: internal error: %s\n", e.what());
    return 70;
  }
}
