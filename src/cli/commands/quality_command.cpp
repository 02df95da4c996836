// SPDX-License-Identifier: Apache-2.0
// quality: the measures of a project, the worst places first, and how they changed since it was last asked.
#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/project.hpp"
#include "quality/measure_history.hpp"
#include "quality/static_findings.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t k_shown_history = 10;

struct QualityOptions {
  std::string folder;
  std::size_t top = 10;
  bool no_history = false;
};

struct Report {
  const quality::ProjectMeasures& measures;
  const quality::MeasureSums& sums;
  const std::vector<quality::MeasureSums>& history;  // of this folder, oldest first, without this one
  std::size_t top = 0;
};

struct RankedFunction {
  const quality::MeasuredFile* file = nullptr;
  const quality::MeasuredFunction* function = nullptr;
  double excess = 0;
};

// Those above a limit, the worst first.
std::vector<RankedFunction> worst_functions(const quality::ProjectMeasures& measures) {
  std::vector<RankedFunction> ranked;
  for (const quality::MeasuredFile& file : measures.files)
    for (const quality::MeasuredFunction& function : file.functions)
      if (const double excess = quality::excess_of(function); excess > 0) ranked.push_back({&file, &function, excess});
  std::ranges::stable_sort(ranked, std::greater<>(), &RankedFunction::excess);
  return ranked;
}

std::string count(std::int64_t number) { return base::format_count(number); }

std::string place(std::string_view path, base::LineRange lines) {
  return fmt::format("{}:{}", base::filter_controls(path), lines.first.value);
}

std::string section(std::string_view title, std::size_t total, std::size_t shown,
                    const std::vector<std::vector<std::string>>& rows) {
  if (total == 0) return "";
  const std::string more = total > shown ? fmt::format(", {} shown", shown) : "";
  return fmt::format("\n{}: {}{}\n", title, count(static_cast<std::int64_t>(total)), more) + in_columns(rows);
}

std::string functions_text(const Report& report) {
  const auto ranked = worst_functions(report.measures);
  std::vector<std::vector<std::string>> rows = {{"lines", "nesting", "complexity", "parameters", "place", "function"}};
  for (std::size_t i = 0; i < std::min(report.top, ranked.size()); ++i) {
    const quality::MeasuredFunction& function = *ranked[i].function;
    rows.push_back({count(function.code_lines), count(function.nesting), count(function.complexity),
                    count(function.parameters), place(ranked[i].file->path, function.lines),
                    base::filter_controls(function.name)});
  }
  return section("functions above a limit", ranked.size(), rows.size() - 1, rows);
}

std::string clones_text(const Report& report) {
  const auto& clones = report.measures.clones.clones;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < std::min(report.top, clones.size()); ++i) {
    std::string places;
    for (const quality::ClonePlace& at : clones[i].places)
      places += fmt::format("{}{}-{}", places.empty() ? "" : "  ", place(report.measures.files[at.file].path, at.lines),
                            at.lines.last.value);
    rows.push_back({fmt::format("{} tokens", count(clones[i].tokens)), places});
  }
  std::string text = section("copies", clones.size(), rows.size(), rows);
  if (!report.measures.clones.is_whole)
    text += "(there may be more: some code repeats itself too often to compare all)\n";
  return text;
}

std::string symbols_text(const Report& report) {
  const quality::SymbolUse& use = report.measures.use;
  std::vector<std::vector<std::string>> unused, untested;
  for (const auto& [file, symbol] : use.unused) {
    const quality::PrivateSymbol& found = report.measures.files[file].unused_here[symbol];
    if (unused.size() < report.top)
      unused.push_back(
          {place(report.measures.files[file].path, found.lines), base::filter_controls(found.qualified_name)});
  }
  std::vector<quality::SymbolPlace> ranked = use.untested;
  const auto complexity = [&](const quality::SymbolPlace& at) {
    return report.measures.files[at.file].public_functions[at.symbol].complexity;
  };
  std::ranges::stable_sort(ranked, std::greater<>(), complexity);
  for (const quality::SymbolPlace& at : ranked) {
    const quality::PublicFunction& found = report.measures.files[at.file].public_functions[at.symbol];
    if (untested.size() < report.top)
      untested.push_back({place(report.measures.files[at.file].path, found.lines),
                          base::filter_controls(found.qualified_name), fmt::format("complexity {}", found.complexity)});
  }
  return section("used by nobody", use.unused.size(), unused.size(), unused) +
         section("named by no test", use.untested.size(), untested.size(), untested);
}

std::string marks_text(const Report& report) {
  std::vector<std::vector<std::string>> rows;
  for (const quality::MeasuredFile& file : report.measures.files)
    for (const quality::MarkedComment& mark : file.marks)
      if (rows.size() < report.top) rows.push_back({place(file.path, {mark.line, mark.line}), mark.word, mark.text});
  return section("TODO and the like", static_cast<std::size_t>(report.sums.marks), rows.size(), rows);
}

std::string trend_text(const Report& report) {
  if (report.history.empty()) return "";
  const quality::MeasureSums& before = report.history.back();
  const quality::MeasureSums& now = report.sums;
  return fmt::format(
      "\nsince the last time: {:+} lines, {:+} functions above a limit, {:+} copied lines, {:+} unused, "
      "{:+} untested, {:+} TODO\n",
      now.lines - before.lines, now.above_limit - before.above_limit, now.copied_lines - before.copied_lines,
      now.unused - before.unused, now.untested - before.untested, now.marks - before.marks);
}

std::string to_text(const Report& report) {
  const quality::MeasureSums& sums = report.sums;
  return fmt::format("{} files, {} lines, {} functions, mean complexity {:.1f}, {:.1f} % of the lines copied\n",
                     count(sums.files), count(sums.lines), count(sums.functions), sums.mean_complexity(),
                     sums.copied_percent()) +
         functions_text(report) + clones_text(report) + symbols_text(report) + marks_text(report) + trend_text(report);
}

Json lines_json(base::LineRange lines) { return {lines.first.value, lines.last.value}; }

Json sums_json(const quality::MeasureSums& sums) {
  return {{"time", sums.time},
          {"files", sums.files},
          {"lines", sums.lines},
          {"functions", sums.functions},
          {"complexity", sums.complexity},
          {"above_limit", sums.above_limit},
          {"copied_lines", sums.copied_lines},
          {"unused", sums.unused},
          {"untested", sums.untested},
          {"todo", sums.marks}};
}

Json functions_json(const Report& report) {
  Json functions = Json::array();
  for (const auto& [file, function, excess] : worst_functions(report.measures))
    functions.push_back({{"path", file->path},
                         {"lines", lines_json(function->lines)},
                         {"name", function->name},
                         {"code_lines", function->code_lines},
                         {"nesting", function->nesting},
                         {"complexity", function->complexity},
                         {"parameters", function->parameters}});
  return functions;
}

Json clones_json(const Report& report) {
  Json clones = Json::array();
  for (const quality::Clone& clone : report.measures.clones.clones) {
    Json places = Json::array();
    for (const quality::ClonePlace& at : clone.places)
      places.push_back({{"path", report.measures.files[at.file].path}, {"lines", lines_json(at.lines)}});
    clones.push_back({{"tokens", clone.tokens}, {"places", places}});
  }
  return clones;
}

Json symbols_json(const Report& report, const std::vector<quality::SymbolPlace>& places, bool is_unused) {
  Json symbols = Json::array();
  for (const auto& [file, symbol] : places) {
    const quality::MeasuredFile& in = report.measures.files[file];
    const auto add = [&](const auto& found) {
      symbols.push_back({{"path", in.path}, {"lines", lines_json(found.lines)}, {"name", found.qualified_name}});
    };
    if (is_unused) add(in.unused_here[symbol]);
    else add(in.public_functions[symbol]);
  }
  return symbols;
}

std::string to_json(const Report& report) {
  Json marks = Json::array();
  for (const quality::MeasuredFile& file : report.measures.files)
    for (const quality::MarkedComment& mark : file.marks)
      marks.push_back({{"path", file.path}, {"line", mark.line.value}, {"word", mark.word}, {"text", mark.text}});
  Json history = Json::array();
  for (const quality::MeasureSums& sums : report.history) history.push_back(sums_json(sums));
  const Json all = {{"sums", sums_json(report.sums)},
                    {"above_limit", functions_json(report)},
                    {"copies", clones_json(report)},
                    {"copies_whole", report.measures.clones.is_whole},
                    {"unused", symbols_json(report, report.measures.use.unused, true)},
                    {"untested", symbols_json(report, report.measures.use.untested, false)},
                    {"todo", marks},
                    {"history", history}};
  return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The folder as the index writes paths; "" for the workspace itself.
base::Result<std::string> folder_in_workspace(const Invocation& invocation, const std::string& name) {
  if (name.empty()) return std::string();
  base::Path folder = absolute_path(invocation, name).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code))
    return base::fail(base::ErrorKind::usage, fmt::format("there is no folder {}", base::display(folder)),
                      "name a folder of the project");
  if (!base::is_inside(folder, invocation.workspace))
    return base::fail(
        base::ErrorKind::usage,
        fmt::format("{} lies outside the project {}", base::display(folder), base::display(invocation.workspace)),
        "run it in that project");
  return folder == invocation.workspace ? std::string()
                                        : base::to_utf8(base::relative_to(folder, invocation.workspace));
}

base::Result<quality::ProjectMeasures> measure(Invocation& invocation, tasks::Project& project,
                                               const std::string& folder) {
  quality::MeasureOptions options;
  options.workspace = invocation.workspace;
  options.folder = folder;
  options.file_limit = project.options().file_limit;
  options.cancel = invocation.cancel;
  if (invocation.console.shows_status())
    options.progress = [&](std::size_t done, std::size_t total) {
      invocation.console.status(fmt::format("measured {} of {} files", done, total));
    };
  auto measures = quality::measure_project(options, project.index());
  invocation.console.status("");
  return measures;
}

base::Result<int> run_quality(Invocation& invocation, const QualityOptions& options) {
  OC_TRY(const std::string folder, folder_in_workspace(invocation, options.folder));
  OC_TRY(tasks::Project project, open_project(invocation, ScanPatience::unlimited));
  OC_TRY(const quality::ProjectMeasures measures, measure(invocation, project, folder));
  quality::MeasureSums sums = quality::sums_of(measures, folder);
  sums.time =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const base::Path file = project.place().file.parent_path() / base::path_from_utf8(quality::k_history_file_name);
  // A history that cannot be read or kept is no reason not to measure.
  auto history = quality::load_history(file);
  if (!history) invocation.console.note(fmt::format("the history cannot be read: {}", history.error().message));
  std::vector<quality::MeasureSums> past = history ? std::move(*history) : std::vector<quality::MeasureSums>();
  std::erase_if(past, [&](const quality::MeasureSums& one) { return one.folder != folder; });
  if (past.size() > k_shown_history) past.erase(past.begin(), past.end() - k_shown_history);
  const Report report{measures, sums, past, options.top};
  show_result(invocation, to_text(report), to_json(report));
  if (measures.unreadable > 0)
    invocation.console.note(fmt::format("{} files could not be measured", measures.unreadable));
  if (options.no_history) return k_exit_done;
  if (const auto added = quality::add_to_history(file, sums); !added)
    invocation.console.note(fmt::format("the history is not kept: {}", added.error().message));
  return k_exit_done;
}

}  // namespace

void add_quality_command(CommandLine& line) {
  auto options = std::make_shared<QualityOptions>();
  Command& quality = line.add("quality", "Measure the code of this project: the worst places first, and the trend",
                              [options](Invocation& invocation) { return run_quality(invocation, *options); });
  quality.app->add_option("folder", options->folder, "a folder of the project (default: all of it)")->type_name("DIR");
  quality.app->add_option("--top", options->top, "how many places of each kind are shown (default: 10)")
      ->type_name("NUMBER")
      ->check(CLI::Range(1, 100'000));
  quality.app->add_flag("--no-history", options->no_history, "do not remember these measures");
}

}  // namespace oc::cli
