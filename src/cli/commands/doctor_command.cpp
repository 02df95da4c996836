// SPDX-License-Identifier: Apache-2.0
// doctor: is everything there and does it fit together? Each check is a line, with what to do where something is wrong.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "base/control_filter.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/system.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/commands/model_facts.hpp"
#include "cli/exit_code.hpp"
#include "cli/model_folders.hpp"
#include "engine_client/engine_connection.hpp"

namespace oc::cli {
namespace {

using base::ByteCount;
using engine_client::EngineConnection;

enum class Health { ok, warn, fail };

std::string_view word_of(Health health) {
  switch (health) {
    case Health::ok: return "ok";
    case Health::warn: return "warn";
    case Health::fail: return "fail";
  }
  return "";
}

// The nearest one that exists: where a folder that is not there yet would be made.
base::Path existing_ancestor(base::Path folder) {
  std::error_code ignored;
  while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

class Doctor {
 public:
  explicit Doctor(Invocation& invocation) : invocation_(invocation) {}
  base::Result<int> run();

 private:
  void say(Health health, std::string_view name, const std::string& message, const std::string& hint = "");
  void say(Health health, std::string_view name, const base::Error& error) {
    say(health, name, error.message, error.hint);
  }

  void check_machine();
  void check_configuration();
  void check_folder(std::string_view name, const base::Path& folder);
  void check_space();
  void check_engine();
  base::Result<std::string> try_engine();
  void check_models();
  void check_model_in_use();
  void check_terminal();

  Invocation& invocation_;
  nlohmann::ordered_json checks_ = nlohmann::ordered_json::array();
  bool failed_ = false;
};

void Doctor::say(Health health, std::string_view name, const std::string& message, const std::string& hint) {
  checks_.push_back({{"name", name}, {"health", word_of(health)}, {"message", message}, {"hint", hint}});
  failed_ = failed_ || health == Health::fail;
  if (invocation_.console.format() != Format::text) return;
  const Style style = health == Health::ok ? Style::added : health == Health::warn ? Style::warning : Style::removed;
  invocation_.console.out(fmt::format("{:<4}", word_of(health)), style);
  invocation_.console.out(base::filter_controls(fmt::format("  {:<15} {}\n", name, message)));
  if (!hint.empty()) invocation_.console.out(base::filter_controls(fmt::format("{:<22}→ {}\n", "", hint)));
  invocation_.console.flush();
}

void Doctor::check_machine() {
  say(Health::ok, "version", fmt::format("offline-coder {} on {}", version(), base::system_description()));
  constexpr ByteCount k_little{1'500'000'000};
  const base::MemoryFacts memory = base::memory_facts();
  const bool is_little = memory.available < k_little;
  say(is_little ? Health::warn : Health::ok, "machine",
      fmt::format("{} cores, {} of memory, {} available", base::physical_core_count(), base::format_bytes(memory.total),
                  base::format_bytes(memory.available)),
      is_little ? "close other programs: a useful model takes 1.5 GB and more" : "");
}

// A file that is wrong ends every command before it begins, this one too.
void Doctor::check_configuration() {
  const config::LoadedSettings& settings = invocation_.settings;
  std::vector<std::string> files;
  for (const auto& file : {settings.user_file(), settings.project_file()})
    if (file) files.push_back(base::display(*file));
  for (const std::string& warning : settings.warnings()) say(Health::warn, "configuration", warning);
  say(Health::ok, "configuration",
      files.empty() ? "no files, the defaults hold" : fmt::format("{}", fmt::join(files, ", ")));
}

void Doctor::check_folder(std::string_view name, const base::Path& folder) {
  const base::Path place = existing_ancestor(folder);
  const base::Path attempt = place / fmt::format(".offline-coder-doctor-{}", base::current_process_id());
  auto written = base::create_file(attempt, "", base::FileAccess::owner_only);
  if (written) written = base::remove_file(attempt);
  const std::string folder_name = fmt::format("{} folder", name);
  if (!written)
    say(Health::fail, folder_name, written.error().message,
        fmt::format("make {} writable, or set OFFLINE_CODER_HOME to a folder of yours", base::display(place)));
  else
    say(Health::ok, folder_name,
        fmt::format("{}{}", base::to_utf8(folder), place == folder ? "" : " (made when it is needed)"));
}

void Doctor::check_space() {
  constexpr std::uintmax_t k_model_of_7b = 5'000'000'000;
  std::error_code code;
  const auto space = std::filesystem::space(existing_ancestor(invocation_.folders.data), code);
  if (code) return say(Health::warn, "disk", fmt::format("cannot tell the free space: {}", code.message()));
  const bool is_little = space.available < k_model_of_7b;
  say(is_little ? Health::warn : Health::ok, "disk",
      fmt::format("{} free for models", base::format_bytes(ByteCount(static_cast<std::int64_t>(space.available)))),
      is_little
          ? "free some space before you import a model of 7 billion parameters (about 4.7 GB), or import it with --link"
          : "");
}

// Starts the engine if none runs, and then ends it again.
base::Result<std::string> Doctor::try_engine() {
  OC_TRY(const auto options, engine_options(invocation_));
  OC_TRY(const auto running, EngineConnection::find_running(invocation_.folders));
  OC_TRY(auto engine, EngineConnection::open(options, invocation_.cancel));
  const protocol::HelloReply hello = engine.hello();
  if (hello.version != version())
    return base::fail(base::ErrorKind::engine,
                      fmt::format("the engine is of version {}, this is {}", hello.version, version()),
                      "install offline-coder again: its two programs belong together");
  if (!running) OC_CHECK(engine.shut_down("doctor has seen enough"));
  return fmt::format("{} {}, {}", base::to_utf8(options.program), hello.version,
                     running ? "runs" : "starts and answers");
}

void Doctor::check_engine() {
  const auto answer = try_engine();
  if (!answer) return say(Health::fail, "engine", answer.error());
  say(Health::ok, "engine", *answer);
  check_model_in_use();  // by the engine
}

void Doctor::check_models() {
  const auto models = tasks::ModelLibrary(model_folders(invocation_)).list();
  if (!models) return say(Health::fail, "models", models.error());
  std::vector<std::string> names;
  for (const tasks::LibraryModel& model : *models) {
    names.push_back(model.name);
    if (const auto complete = tasks::check_complete(model); !complete) say(Health::warn, "models", complete.error());
  }
  const bool has_real =
      std::ranges::any_of(names, [](const std::string& name) { return name != tasks::k_starter_name; });
  say(has_real ? Health::ok : Health::warn, "models",
      names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")),
      has_real ? "" : "import a real one with 'offline-coder model import FILE.gguf'");
}

void Doctor::check_model_in_use() {
  const auto model = find_model_in_use(invocation_);
  if (!model) return say(Health::fail, "model in use", model.error());
  const auto facts = probe(invocation_, model->path);
  if (!facts) return say(Health::fail, "model in use", facts.error());
  say(Health::ok, "model in use", fmt::format("{}: {}", model->name, one_line(*facts)));
  if (!facts->infill)
    say(Health::warn, "model in use", "'complete' cannot use it: it has no infill tokens",
        "choose a model for code with 'offline-coder model use NAME'");
  if (facts->variant != "instruct")
    say(Health::warn, "model in use", "it is a base model: good at 'complete', not at 'explain', 'debug' and 'gen'",
        "choose an instruct model with 'offline-coder model use NAME'");

  const MemoryNeed need = memory_need(*facts, base::memory_facts().available);
  const bool fits = need.needed <= need.available, fits_small = need.smallest_needed <= need.available;
  say(fits         ? Health::ok
      : fits_small ? Health::warn
                   : Health::fail,
      "memory",
      fmt::format("the model needs {} with {} tokens of context, {} are available", base::format_bytes(need.needed),
                  base::format_count(need.context_tokens), base::format_bytes(need.available)),
      fits ? "" : "close other programs, or use a smaller model");
}

void Doctor::check_terminal() {
  if (!base::is_terminal(base::Stream::output))
    return say(Health::ok, "terminal", "standard output is none: plain text");
  const bool no_colour =
      base::environment_variable("NO_COLOR").has_value() || base::environment_variable("TERM").value_or("") == "dumb";
  say(Health::ok, "terminal",
      fmt::format("{} columns, {}", base::terminal_width(), no_colour ? "no colours wanted" : "colours"));
}

base::Result<int> Doctor::run() {
  check_machine();
  check_configuration();
  check_folder("config", invocation_.folders.config);
  check_folder("data", invocation_.folders.data);
  check_folder("state", invocation_.folders.state);
  check_folder("runtime", invocation_.folders.runtime);
  check_space();
  check_models();
  check_engine();
  check_terminal();
  if (invocation_.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  if (invocation_.console.format() != Format::text) {
    const nlohmann::ordered_json fields = {{"healthy", !failed_}, {"checks", checks_}};
    show_result(invocation_, "", fields.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
  return failed_ ? k_exit_negative : k_exit_done;
}

// What is chosen holds from the next load of the model on.
base::Result<int> run_calibrate(Invocation& invocation) {
  OC_TRY(const auto options, engine_options(invocation));
  OC_TRY(const protocol::ModelReference model, resolve_model(invocation));
  OC_TRY(auto engine, EngineConnection::open(options, invocation.cancel));
  invocation.console.status("measuring …");
  OC_TRY(const protocol::Calibrated measured, engine.calibrate(model, [](const auto&) {}, invocation.cancel));
  invocation.console.status("");
  std::string text = fmt::format(
      "threads   {} for prompts, {} for answers\nweights   {}\nprompts   {} tokens at a time\nattention {}\n",
      measured.prefill_threads, measured.decode_threads,
      measured.repack ? "repacked: prompts are read or answers given faster so" : "as they are in the file",
      measured.step_tokens, measured.flash_attention ? "flash" : "plain");
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const auto& step : measured.steps) {
    text +=
        fmt::format("{:<9} {:.0f} ms\n", fmt::format("{} {}", step.rows, step.rows == 1 ? "token" : "tokens"), step.ms);
    steps.push_back({{"rows", step.rows}, {"ms", step.ms}});
  }
  const nlohmann::ordered_json fields = {{"prefill_threads", measured.prefill_threads},
                                         {"decode_threads", measured.decode_threads},
                                         {"repack", measured.repack},
                                         {"step_tokens", measured.step_tokens},
                                         {"flash_attention", measured.flash_attention},
                                         {"steps", steps}};
  show_result(invocation, text, fields.dump());
  return k_exit_done;
}

}  // namespace

void add_doctor_command(CommandLine& line) {
  auto calibrate = std::make_shared<bool>(false);
  Command& doctor =
      line.add("doctor", "Check the installation and say what to do", [calibrate](Invocation& invocation) {
        return *calibrate ? run_calibrate(invocation) : Doctor(invocation).run();
      });
  doctor.app->add_flag("--calibrate", *calibrate,
                       "measure this machine for the model in use, instead of the checks (it is done by itself, too)");
}

}  // namespace oc::cli
