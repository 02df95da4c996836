// SPDX-License-Identifier: Apache-2.0
// model import: a GGUF into the user's own folder of models.
#include <cmath>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/commands/model_commands.hpp"
#include "cli/commands/model_facts.hpp"
#include "cli/exit_code.hpp"
#include "cli/model_folders.hpp"
#include "tasks/model_import.hpp"

namespace oc::cli {
namespace {

struct ImportOptions {
  std::string file, name;
  bool link = false;
};

std::string_view word_of(tasks::ImportStage stage) {
  switch (stage) {
    case tasks::ImportStage::checking: return "checking";
    case tasks::ImportStage::copying: return "copying";
    case tasks::ImportStage::hashing: return "computing SHA-256";
  }
  return "";
}

// The status line; a new one only when its number changes.
class ImportStatus {
 public:
  explicit ImportStatus(Console& console) : console_(console) {}

  void show(tasks::ImportStage stage, base::ByteCount done, base::ByteCount total) {
    const std::int64_t percent = total.value > 0 ? done.value * 100 / total.value : 0;
    if (stage_ == stage && percent_ == percent) return;
    if (stage_ != stage) watch_ = {};
    stage_ = stage;
    percent_ = percent;
    std::string line = fmt::format("{} {} % of {}", word_of(stage), percent, base::format_bytes(total));
    const double seconds = watch_.elapsed_ms() / 1000;
    if (seconds > 1 && percent > 0)
      line += fmt::format(", {:.0f} s left",
                          std::ceil(seconds * static_cast<double>(100 - percent) / static_cast<double>(percent)));
    console_.status(line);
  }

 private:
  Console& console_;
  std::optional<tasks::ImportStage> stage_;
  std::int64_t percent_ = -1;
  base::Stopwatch watch_;
};

base::Result<int> run_import(Invocation& invocation, const ImportOptions& options) {
  const tasks::ImportRequest request{absolute_path(invocation, options.file), own_model_folder(invocation.folders),
                                     options.name, options.link ? tasks::ImportMode::link : tasks::ImportMode::copy};
  ImportStatus status(invocation.console);
  const auto imported = tasks::import_model(
      request, [&](const base::Path& file) { return probe(invocation, file); },
      [&](tasks::ImportStage stage, base::ByteCount done, base::ByteCount total) { status.show(stage, done, total); },
      invocation.cancel);
  invocation.console.status("");
  if (!imported) return std::unexpected(imported.error());

  const tasks::LibraryModel& model = imported->model;
  const bool is_new = imported->outcome == tasks::ImportOutcome::imported;
  std::string text = fmt::format("{} {}: {}, {}\n", is_new ? "imported" : "already there:", base::in_quotes(model.name),
                                 base::format_bytes(model.size), one_line(imported->facts));
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const tasks::ModelPart& part : model.parts) {
    text += fmt::format("file    {}\nsha256  {}\n", base::to_utf8(part.path), part.sha256);
    files.push_back({{"path", base::to_utf8(part.path)}, {"size_bytes", part.size.value}, {"sha256", part.sha256}});
  }
  const nlohmann::ordered_json fields = {{"name", model.name},
                                         {"path", base::to_utf8(model.path)},
                                         {"size_bytes", model.size.value},
                                         {"imported", is_new},
                                         {"files", files}};
  show_result(invocation, text, fields.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  const MemoryNeed need = memory_need(imported->facts, base::memory_facts().available);
  if (need.smallest_needed > need.available)
    invocation.console.note(fmt::format("it needs at least {} of memory, {} are available now",
                                        base::format_bytes(need.smallest_needed), base::format_bytes(need.available)));
  invocation.console.note(
      fmt::format("use it once with --model {0}, always with 'offline-coder model use {0}'", model.name));
  return k_exit_done;
}

}  // namespace

void add_model_import_command(CommandLine& line) {
  const auto options = std::make_shared<ImportOptions>();
  Command& command =
      line.add("model import", "Check a GGUF, copy or link it to the user's models and record its SHA-256",
               [options](Invocation& invocation) { return run_import(invocation, *options); });
  command.app->add_option("FILE", options->file, "a .gguf file; of a split model any part")->required();
  command.app->add_flag("--link", options->link, "link the file instead of copying it");
  command.app->add_option("--name", options->name, "what to call it (default: as the file)");
}

}  // namespace oc::cli
