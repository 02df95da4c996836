// SPDX-License-Identifier: Apache-2.0
// gen, explain, debug, complete: read the inputs, run the use case, show its events.
#include <memory>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/landing.hpp"
#include "cli/project.hpp"
#include "context/completion_window.hpp"
#include "tasks/symbol_lookup.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

struct GenOptions {
  std::vector<std::string> files;
  std::string language, prompt;
  bool write = false;
  EditOptions edit;
};

// The model saw U+FFFD where the file has other bytes; writing that back would lose them.
base::Result<void> check_rewritable(const context::SourceFile& file) {
  if (file.encoding != context::Encoding::repaired) return {};
  return base::fail(
      base::ErrorKind::usage,
      fmt::format("{} is not UTF-8, so it cannot be rewritten without loss", base::in_quotes(file.shown_path)),
      "convert the file to UTF-8 first");
}

// gen --write: the code becomes a change of the file, verified, shown and asked for.
base::Result<int> write_generated(Invocation& invocation, const tasks::GenerateRequest& request,
                                  const EditOptions& options) {
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(tasks::EditTask edit, make_edit_task(invocation, "gen " + request.request, options));
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::VerifiedEdit made, tasks::generate_in_file(session, request, std::move(edit)));
  OC_TRY(const int code, land_edit(invocation, made, options));
  return options.check ? code : view.finish(made.answer);
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
    OC_CHECK(edit::check_may_change(*request.target, guard_options(invocation, options.edit.allow)));
    if (existing.size() == options.files.size()) OC_CHECK(check_rewritable(request.files.front().file));
  } else if (existing.size() == options.files.size()) {
    request.target.reset();
  }
  OC_TRY(auto project, find_project(invocation));
  request.project = project ? &*project : nullptr;
  if (!options.write) {
    AnswerView view(invocation, AnswerShape::code);
    OC_TRY(auto session, open_session(invocation, view.sink()));
    OC_TRY(const tasks::Answer answer, tasks::generate_code(session, request));
    return view.finish(answer);
  }
  EditOptions edit = options.edit;
  edit.names_new_file = existing.size() < options.files.size();
  return write_generated(invocation, request, edit);
}

struct ExplainOptions {
  std::vector<std::string> files, words;
  std::string lines, symbol;
};

// What was named: files and folders by --file or by themselves, and the question, which is the word that is none.
base::Result<std::string> take_targets(Invocation& invocation, const ExplainOptions& options,
                                       std::vector<std::string>& files) {
  files = options.files;
  std::optional<std::string> question;
  for (const std::string& word : options.words) {
    if (is_existing_path(invocation, word)) {
      files.push_back(word);
    } else if (looks_like_path(word)) {
      return base::fail(base::ErrorKind::io, fmt::format("there is no file or folder {}", base::in_quotes(word)),
                        "a question needs blanks, or --file for what it is about");
    } else if (question) {
      return base::fail(base::ErrorKind::usage,
                        fmt::format("{} and {} are two questions", base::in_quotes(*question), base::in_quotes(word)),
                        "put quotes round the whole question");
    } else {
      question = word;
    }
  }
  return question.value_or("");
}

base::Result<std::vector<tasks::FilePart>> find_symbol(Invocation& invocation, const ExplainOptions& options,
                                                       const std::vector<tasks::FilePart>& files,
                                                       std::optional<tasks::Project>& project) {
  if (!options.lines.empty())
    return base::fail(base::ErrorKind::usage, "--symbol and --lines both say which lines", "leave one of them out");
  if (files.size() == 1) return tasks::find_symbol_in_file(files.front().file, options.symbol);
  if (files.size() > 1)
    return base::fail(base::ErrorKind::usage, "--symbol with several files does not say where to look",
                      "name one file, or none for the whole project");
  if (!project) {
    OC_TRY(project, open_project(invocation, ScanPatience::as_configured));
  }
  return tasks::find_symbol_in_project(*project, options.symbol);
}

base::Result<int> run_explain(Invocation& invocation, const ExplainOptions& options) {
  tasks::ExplainRequest request;
  std::vector<std::string> names;
  OC_TRY(const std::string words, take_targets(invocation, options, names));
  OC_TRY(request.question, read_prompt(invocation, words));
  OC_TRY(request.files, load_files_and_folders(invocation, names, options.lines));
  if (names.empty() && options.symbol.empty() && words != "-" && has_piped_input()) {
    OC_TRY(request.text, read_piped_text(invocation));
  }
  if (base::is_blank(request.text)) request.text.clear();
  if (request.files.empty() && request.text.empty() && options.symbol.empty() && base::is_blank(request.question))
    return base::fail(base::ErrorKind::usage, "there is nothing to explain",
                      "name a file with --file, ask a question, or pipe text in");
  AnswerView view(invocation, AnswerShape::stream);
  OC_TRY(auto project, find_project(invocation));
  if (!options.symbol.empty()) {
    OC_TRY(request.files, find_symbol(invocation, options, request.files, project));
  }
  request.project = project ? &*project : nullptr;
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(const tasks::Answer answer, tasks::explain(session, request));
  return view.finish(answer);
}

struct DebugOptions {
  std::vector<std::string> files;
  std::string error, question;
  bool fix = false;
  EditOptions edit;
};

// debug --fix: the fix as a change, verified, shown and asked for.
base::Result<int> fix_error(Invocation& invocation, const tasks::DebugRequest& request, const EditOptions& options) {
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(tasks::EditTask edit, make_edit_task(invocation, "debug --fix", options));
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::VerifiedEdit made, tasks::debug_and_fix(session, request, std::move(edit)));
  OC_TRY(const int code, land_edit(invocation, made, options));
  return options.check ? code : view.finish(made.answer);
}

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
  OC_TRY(auto project, find_project(invocation));
  request.project = project ? &*project : nullptr;
  if (options.fix) return fix_error(invocation, request, options.edit);
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
  request.reuse = completion.approximate ? protocol::Reuse::approximate : protocol::Reuse::exact;
  OC_CHECK(context::split_at_cursor(request.file, request.line, request.column));  // before a model is loaded
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(auto project, find_project(invocation));
  request.project = project ? &*project : nullptr;
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
  add_edit_options(gen, gen_options->edit);
  gen.app->add_option("prompt", gen_options->prompt, "what to write; '-' reads it from standard input");
  CommandLine::add_generation_options(gen);
  CommandLine::add_context_options(gen);
  CommandLine::add_dry_run(gen);

  Command& explain =
      line.add("explain", "Explain code, a change or any text: 'offline-coder explain --file utils.py'", run_unbound);
  auto explain_options = bind(explain, run_explain);
  add_files_option(explain, explain_options->files, "a file to explain; may be given several times");
  explain.app->add_option("--lines", explain_options->lines, "only these lines of the first file: 10-20, 10, 10-");
  explain.app
      ->add_option("--symbol", explain_options->symbol,
                   "only this function, class or other symbol, of the --file or of the project")
      ->type_name("NAME");
  explain.app->add_option("what", explain_options->words,
                          "files, folders and a question; '-' reads the question from standard input");
  CommandLine::add_generation_options(explain);
  CommandLine::add_context_options(explain);
  CommandLine::add_dry_run(explain);

  Command& debug = line.add(
      "debug", "Find the cause of an error: 'python3 main.py 2>&1 | offline-coder debug --file main.py'", run_unbound);
  auto debug_options = bind(debug, run_debug);
  add_files_option(debug, debug_options->files, "a file that has to do with it; may be given several times");
  debug.app->add_option("--error", debug_options->error, "the error, instead of standard input");
  debug.app->add_option("question", debug_options->question, "what to find out (default: cause and fix)");
  debug.app->add_flag("--fix", debug_options->fix, "make the fix: a diff, and the question whether to write it");
  add_edit_options(debug, debug_options->edit);
  CommandLine::add_generation_options(debug);
  CommandLine::add_context_options(debug);
  CommandLine::add_dry_run(debug);

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
  CommandLine::add_context_options(complete);
  CommandLine::add_dry_run(complete);
  CommandLine::add_setting(complete, "--max-tokens", "completion.max_tokens", "longest completion");
  CommandLine::add_setting(complete, "--temperature", "generation.temperature", "0: always the likeliest token");
  CommandLine::add_setting(complete, "--seed", "generation.seed", "same seed, same answer");
  CommandLine::add_setting(complete, "--system", "generation.system",
                           "accepted and not used: a completion has no system prompt");
}

}  // namespace oc::cli
