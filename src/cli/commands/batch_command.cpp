// SPDX-License-Identifier: Apache-2.0
// batch: many requests at once, each a run of this program; the engine lets them answer together. Those that change
// files have the project to themselves, among each other: each sees what the one before has done.
#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "cli/batch_requests.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/exit_code.hpp"
#include "cli/landing.hpp"

namespace oc::cli {
namespace {

struct BatchOptions {
  std::string requests, output;
  int jobs = 8;
  bool yes = false;
};

constexpr base::ByteCount k_result_limit{64 << 20};
constexpr std::chrono::hours k_longest_request{24};
constexpr std::size_t k_lock_name_digits = 32;

class Batch {
 public:
  Batch(Invocation& invocation, const BatchOptions& options) : invocation_(invocation), options_(options) {}
  base::Result<int> run();

 private:
  base::Result<void> lock_output(const base::Path& path);
  base::Result<void> open_output(std::vector<BatchRequest>& requests);
  base::Result<void> check_changes(const std::vector<BatchRequest>& requests) const;
  std::optional<BatchRequest> take();
  void work();
  void finish(const BatchRequest& request, int code, std::string_view output);
  base::Command command_for(const BatchRequest& request) const;

  Invocation& invocation_;
  const BatchOptions& options_;
  base::Path program_;
  std::size_t already_done_ = 0;
  std::optional<base::FileLock> lock_;  // of the output
  std::mutex mutex_;                    // guards everything below, and the console
  std::deque<BatchRequest> waiting_;
  bool is_changing_ = false;  // one that changes files runs
  std::ofstream file_;
  std::size_t total_ = 0, finished_ = 0, failed_ = 0;
  bool write_failed_ = false;
};

// Two runs with one output would both ask what neither has done. The lock is not beside the output, where it would
// stay.
base::Result<void> Batch::lock_output(const base::Path& path) {
  std::error_code code;
  const base::Path target = std::filesystem::weakly_canonical(path, code);
  const std::string name = base::sha256(base::to_utf8(code ? path : target)).substr(0, k_lock_name_digits);
  const base::Path& folder = invocation_.folders.runtime;
  OC_CHECK(base::make_folder(folder, base::FileAccess::owner_only));
  OC_TRY(lock_, base::FileLock::try_acquire(folder / base::path_from_utf8("batch-" + name + ".lock")));
  if (!lock_)
    return base::fail(base::ErrorKind::conflict,
                      fmt::format("cannot write to {}: another batch is writing to it", base::display(path)),
                      "wait for its end, or name another --output");
  return {};
}

// What an earlier run has put into the file is not asked again.
base::Result<void> Batch::open_output(std::vector<BatchRequest>& requests) {
  const base::Path path = absolute_path(invocation_, options_.output);
  OC_CHECK(lock_output(path));
  OC_TRY(const auto there, base::find_file_facts(path));
  bool ends_in_line = true;
  if (there) {
    OC_TRY(const std::string text, base::read_file(path, base::ByteCount(std::int64_t{1} << 32)));
    const Done done = find_done(text);
    already_done_ = std::erase_if(requests, [&](const BatchRequest& request) { return is_done(done, request); });
    ends_in_line = text.empty() || text.ends_with('\n');
  }
  file_.open(path, std::ios::binary | std::ios::app);
  if (!ends_in_line) file_ << '\n';  // the last run was killed while it wrote
  if (!file_.flush())
    return base::fail(base::ErrorKind::io, fmt::format("cannot write to {}", base::display(path)),
                      "name another --output");
  return {};
}

base::Command Batch::command_for(const BatchRequest& request) const {
  std::vector<std::string> options;
  const auto add = [&](const std::string& option, const std::string& value) {
    options.push_back(option);
    options.push_back(value);
  };
  for (const config::Flag& flag : invocation_.options.flags) add(flag.name, flag.text);
  if (!invocation_.options.config_file.empty()) add("--config", invocation_.options.config_file);
  if (!invocation_.options.script.empty()) add("--script", invocation_.options.script);
  add("--format", "json");
  options.emplace_back("--in-batch");
  if (changes_files(request)) options.emplace_back("--yes");
  return {program_, with_options(request.words, options)};
}

void Batch::finish(const BatchRequest& request, int code, std::string_view output) {
  const std::string line = batch_result(request, code, output) + "\n";
  const std::lock_guard lock(mutex_);
  if (file_.is_open()) {
    if (!(file_ << line).flush()) write_failed_ = true;
  } else {
    invocation_.console.out(line);
    invocation_.console.flush();
  }
  if (changes_files(request)) is_changing_ = false;
  ++finished_;
  if (code != k_exit_done) ++failed_;
  invocation_.console.status(fmt::format("{} of {} requests", finished_, total_));
  if (write_failed_ || invocation_.console.write_failure() != Console::WriteFailure::none) invocation_.cancel.request();
}

// A file of requests has no rights of its own: to change files, and to run what 'fix' and 'test' name.
base::Result<void> Batch::check_changes(const std::vector<BatchRequest>& requests) const {
  const auto changing = std::ranges::find_if(requests, changes_files);
  if (options_.yes || changing == requests.end()) return {};
  return base::fail(base::ErrorKind::usage,
                    fmt::format("the request {} changes files, and nobody can be asked about each change",
                                base::in_quotes(changing->id)),
                    "give the batch --yes to have changes written, and commands of 'fix' and 'test' run, without a "
                    "question; 'undo' takes changes back");
}

// The first one that may begin. Nothing: none is left for this worker; changes that wait are for the one that makes
// one.
std::optional<BatchRequest> Batch::take() {
  const std::lock_guard lock(mutex_);
  const auto may_begin = [&](const BatchRequest& request) { return !is_changing_ || !changes_files(request); };
  const auto next = std::ranges::find_if(waiting_, may_begin);
  if (next == waiting_.end() || invocation_.cancel.is_requested()) return std::nullopt;
  BatchRequest request = std::move(*next);
  waiting_.erase(next);
  if (changes_files(request)) is_changing_ = true;
  return request;
}

void Batch::work() {
  while (const auto request = take()) {
    const auto ended = base::run_process(command_for(*request), k_longest_request, k_result_limit, invocation_.cancel);
    if (ended) finish(*request, ended->code, ended->output);
    else if (!invocation_.cancel.is_requested()) finish(*request, exit_code(ended.error().kind), "");
  }
}

base::Result<int> Batch::run() {
  OC_TRY(program_, base::current_executable());
  const base::ByteCount limit = invocation_.settings.settings().limits.prompt_bytes;
  std::string text;
  if (options_.requests == "-") {
    OC_TRY(text, base::read_standard_input(limit));
  } else {
    OC_TRY(text, base::read_file(absolute_path(invocation_, options_.requests), limit));
  }
  OC_TRY(auto requests, parse_batch(text));
  OC_CHECK(check_changes(requests));
  if (!options_.output.empty()) OC_CHECK(open_output(requests));
  total_ = requests.size();
  std::ranges::move(requests, std::back_inserter(waiting_));
  {
    std::vector<std::jthread> workers;
    const std::size_t count = std::min(total_, static_cast<std::size_t>(options_.jobs));
    while (workers.size() < count) workers.emplace_back([this] { work(); });
  }
  invocation_.console.status("");
  // One that was ended in the midst of trying a change.
  if (invocation_.cancel.is_requested()) recover_changes(invocation_);
  if (write_failed_)
    return base::fail(base::ErrorKind::io, fmt::format("cannot write to {}", base::in_quotes(options_.output)),
                      "make room and run the same command again: what is there is not asked again");
  if (invocation_.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  invocation_.console.note(fmt::format("{} {}, {} failed{}", finished_, finished_ == 1 ? "request" : "requests",
                                       failed_,
                                       already_done_ > 0 ? fmt::format(", {} were done before", already_done_) : ""));
  return failed_ > 0 ? k_exit_negative : k_exit_done;
}

}  // namespace

void add_batch_command(CommandLine& line) {
  auto options = std::make_shared<BatchOptions>();
  Command& batch = line.add("batch", "Run many requests at once: 'offline-coder batch requests.jsonl'",
                            [options](Invocation& invocation) { return Batch(invocation, *options).run(); });
  batch.app->add_option("requests", options->requests, "a file of requests, one a line; '-' for standard input")
      ->type_name("FILE")
      ->required();
  batch.app
      ->add_option("--output", options->output, "append the results to FILE, and ask only for those that are not in it")
      ->type_name("FILE");
  batch.app->add_flag("--yes", options->yes, "write changes, and run commands of 'fix' and 'test', without asking");
  batch.app->add_option("--jobs", options->jobs, "requests at a time (default: 8)")->check(CLI::Range(1, 16));
}

}  // namespace oc::cli
