// SPDX-License-Identifier: Apache-2.0
// gen, explain, debug, complete: read the inputs, run the use case, show its events.
#include <memory>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/code_writer.hpp"
#include "context/completion_window.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

struct GenOptions {
  std::vector<std::string> files;
  std::string language, prompt;
  bool write = false, yes = false;
};

// The model saw U+FFFD where the file has other bytes; writing that back would lose them.
base::Result<void> check_rewritable(const context::SourceFile& file) {
  if (file.encoding != context::Encoding::repaired) return {};
  return base::fail(
      base::ErrorKind::usage,
      fmt::format("{} is not UTF-8, so it cannot be rewritten without loss", base::in_quotes(file.shown_path)),
      "convert the file to UTF-8 first");
}

base::Result<int> run_gen(Invocation& invocation, const GenOptions& options) {
  tasks::GenerateRequest request;
  if (options.prompt.empty() && !has_piped_input())
    return base::fail(base::ErrorKind::usage, "there is no prompt",
                      "say what to write, or pass '-' to read it from standard input");
  if (options.write && options.files.empty())
    return base::fail(base::ErrorKind::usage, "--write needs a --file", "name the file to write");
  OC_TRY(request.request, read_prompt(invocation, options.prompt.empty() ? "-" : options.prompt));
  request.language = options.language;
  std::vector<std::string> existing = options.files;
  if (!options.files.empty()) {
    request.target = absolute_path(invocation, options.files.front());
    OC_TRY(const auto found, base::find_file_facts(*request.target));
    if (!found) existing.erase(existing.begin());  // a file to be
  }
  OC_TRY(request.files, load_files(invocation, existing, ""));
  if (options.write) {
    OC_CHECK(check_writable_target(invocation, *request.target));
    const bool is_there = existing.size() == options.files.size();
    if (is_there) OC_CHECK(check_rewritable(request.files.front().file));
  }
  if (!options.write && existing.size() == options.files.size()) request.target.reset();

  AnswerView view(invocation, options.write ? AnswerShape::hidden : AnswerShape::code);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::Answer answer, tasks::generate_code(session, request));
  if (options.write && answer.stop != protocol::StopReason::cancelled) {
    const auto* old_file = existing.size() == options.files.size() ? &request.files.front().file : nullptr;
    OC_TRY(const std::string written,
           write_code(invocation, {*request.target, old_file, options.yes ? Consent::given : Consent::ask}, answer));
    answer.files.push_back(written);
  }
  return view.finish(answer);
}

struct ExplainOptions {
  std::vector<std::string> files;
  std::string lines, question;
};

base::Result<int> run_explain(Invocation& invocation, const ExplainOptions& options) {
  tasks::ExplainRequest request;
  OC_TRY(request.question, read_prompt(invocation, options.question));
  OC_TRY(request.files, load_files(invocation, options.files, options.lines));
  if (options.files.empty() && options.question != "-" && has_piped_input()) {
    OC_TRY(request.text, read_piped_text(invocation));
  }
  if (base::is_blank(request.text)) request.text.clear();
  if (request.files.empty() && request.text.empty() && base::is_blank(request.question))
    return base::fail(base::ErrorKind::usage, "there is nothing to explain",
                      "name a file with --file, ask a question, or pipe text in");
  AnswerView view(invocation, AnswerShape::stream);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(const tasks::Answer answer, tasks::explain(session, request));
  return view.finish(answer);
}

struct DebugOptions {
  std::vector<std::string> files;
  std::string error, question;
};

base::Result<int> run_debug(Invocation& invocation, const DebugOptions& options) {
  tasks::DebugRequest request;
  OC_TRY(request.files, load_files(invocation, options.files, ""));
  request.trace = options.error;
  if (options.error.empty() && has_piped_input()) {
    OC_TRY(request.trace, read_piped_text(invocation));
  }
  if (base::is_blank(request.trace))
    return base::fail(base::ErrorKind::usage, "there is no error to look at",
                      "give it with --error TEXT, or pipe the program's output in");
  request.question = options.question;
  request.workspace = invocation.workspace;
  request.file_limit = invocation.settings.settings().limits.file_bytes;
  AnswerView view(invocation, AnswerShape::stream);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(const tasks::Answer answer, tasks::debug(session, request));
  return view.finish(answer);
}

struct CompleteOptions {
  std::string file;
  int line = 0;
  std::optional<int> column;
  bool single_line = false, multi_line = false;
};

base::Result<int> run_complete(Invocation& invocation, const CompleteOptions& options) {
  const auto& completion = invocation.settings.settings().completion;
  OC_TRY(auto parts, load_files(invocation, {options.file}, ""));
  tasks::CompleteRequest request;
  request.file = std::move(parts.front().file);
  request.line = base::LineNumber(options.line);
  request.column = options.column;
  const bool multi_line = options.multi_line || (completion.multi_line && !options.single_line);
  request.shape = multi_line ? tasks::CompletionShape::multi_line : tasks::CompletionShape::single_line;
  request.max_tokens = completion.max_tokens;
  OC_CHECK(context::split_at_cursor(request.file, request.line, request.column));  // before a model is loaded
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::Answer answer, tasks::complete(session, request));
  answer.code = base::with_line_end(answer.code, request.file.line_end);
  if (invocation.console.format() == Format::text && answer.stop != protocol::StopReason::cancelled) {
    invocation.console.out(answer.code);
    if (invocation.console.shows_text_live()) invocation.console.out("\n");
  }
  return view.finish(answer);
}

// A row needs a function before it has its options; bind() puts the real one in its place.
base::Result<int> run_unbound(Invocation&) {
  return base::fail(base::ErrorKind::internal, "the command has no function");
}

// Binds a command's own options to its function; the options live as long as the function.
template <class Options>
std::shared_ptr<Options> bind(Command& command, base::Result<int> (*run)(Invocation&, const Options&)) {
  auto options = std::make_shared<Options>();
  command.run = [options, run](Invocation& invocation) { return run(invocation, *options); };
  return options;
}

void add_files_option(Command& command, std::vector<std::string>& files, const std::string& help) {
  command.app->add_option("--file", files, help)->type_name("FILE")->allow_extra_args(false);
}

}  // namespace

void add_answer_commands(CommandLine& line) {
  Command& gen = line.add("gen", "Write code: 'offline-coder gen --file app.py \"a function that …\"'", run_unbound);
  auto gen_options = bind(gen, run_gen);
  add_files_option(gen, gen_options->files, "the file the code is for (need not exist); more files are context");
  gen.app->add_option("--language", gen_options->language, "programming language (default: from the file's name)");
  gen.app->add_flag("--write", gen_options->write,
                    "write the code to the file; an existing one is shown as a diff and asked for");
  gen.app->add_flag("--yes", gen_options->yes, "with --write: do not ask");
  gen.app->add_option("prompt", gen_options->prompt, "what to write; '-' reads it from standard input");
  CommandLine::add_generation_options(gen);

  Command& explain =
      line.add("explain", "Explain code, a change or any text: 'offline-coder explain --file utils.py'", run_unbound);
  auto explain_options = bind(explain, run_explain);
  add_files_option(explain, explain_options->files, "a file to explain; may be given several times");
  explain.app->add_option("--lines", explain_options->lines, "only these lines of the first file: 10-20, 10, 10-");
  explain.app->add_option("question", explain_options->question, "a question; '-' reads it from standard input");
  CommandLine::add_generation_options(explain);

  Command& debug = line.add(
      "debug", "Find the cause of an error: 'python3 main.py 2>&1 | offline-coder debug --file main.py'", run_unbound);
  auto debug_options = bind(debug, run_debug);
  add_files_option(debug, debug_options->files, "a file that has to do with it; may be given several times");
  debug.app->add_option("--error", debug_options->error, "the error, instead of standard input");
  debug.app->add_option("question", debug_options->question, "what to find out (default: cause and fix)");
  CommandLine::add_generation_options(debug);

  Command& complete =
      line.add("complete", "Complete at a cursor: 'offline-coder complete --file script.js --line 25'", run_unbound);
  auto complete_options = bind(complete, run_complete);
  complete.app->add_option("--file", complete_options->file, "the file")->required();
  complete.app->add_option("--line", complete_options->line, "the cursor's line, from 1")->required();
  complete.app->add_option("--column", complete_options->column,
                           "the cursor's column in characters, from 1 (default: end of the line)");
  CLI::Option* single_line =
      complete.app->add_flag("--single-line", complete_options->single_line, "the rest of the line alone");
  complete.app->add_flag("--multi-line", complete_options->multi_line, "as many lines as belong there (default)")
      ->excludes(single_line);
  CommandLine::add_setting(complete, "--max-tokens", "completion.max_tokens", "longest completion");
  CommandLine::add_setting(complete, "--temperature", "generation.temperature", "0: always the likeliest token");
  CommandLine::add_setting(complete, "--seed", "generation.seed", "same seed, same answer");
  CommandLine::add_setting(complete, "--system", "generation.system",
                           "accepted and not used: a completion has no system prompt");
}

}  // namespace oc::cli
