// SPDX-License-Identifier: Apache-2.0
#include "context/inline_symbol.hpp"

#include <algorithm>
#include <optional>
#include <ranges>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/code_lines.hpp"
#include "context/evaluation.hpp"
#include "context/import_edit.hpp"
#include "context/inline_value.hpp"
#include "context/rename_judge.hpp"
#include "context/symbol_choice.hpp"

namespace oc::context {
namespace {

using base::ErrorKind;
using base::Result;
using syntax::ByteRange;
using syntax::CodeTree;
using syntax::NamePlace;
using syntax::NameRole;

constexpr std::string_view k_ask_model = "ask the model: 'offline-coder refactor \"…\"'";

std::unexpected<base::Error> refused(const InlineRequest& request, const std::string& why,
                                     std::string_view hint = k_ask_model) {
  return base::fail(ErrorKind::usage, fmt::format("cannot inline {}: {}", base::in_quotes(request.name), why),
                    std::string(hint));
}

Result<ReadCode> read_code(const InlineRequest& request, const RenameFile& file) {
  auto tree = CodeTree::read(*file.language, file.text, {});
  if (!tree) return refused(request, fmt::format("{} cannot be read as code", base::in_quotes(file.path)));
  if (!syntax::NameBindings::can_read(*tree))
    return refused(request, fmt::format("inlining is not known for {}", file.language->display_name));
  syntax::NameBindings names = syntax::NameBindings::read(*tree);
  return ReadCode{std::move(*tree), std::move(names)};
}

class Inlining {
 public:
  Inlining(const InlineRequest& request, const RenameFile& home, ReadCode code)
      : request_(request), home_(home), code_(std::move(code)) {}

  Result<void> define(const ByteRange& name) {
    if (code_.tree.has_errors())
      return refused(request_, "near a syntax error, so the code cannot be read for certain");
    auto value = find_inline_value(code_, name);
    if (!value) return refused(request_, value.error());
    value_ = std::move(*value);
    name_ = name;
    const bool is_of_file = code_.names.binding(value_.binding).scope == 0;
    if (value_.kind == InlineValue::Kind::variable && is_of_file)
      return refused(request_, "its value is not a constant, and may be another at each use");
    if (!has_lines_alone(code_.tree, value_.statement))
      return refused(request_, "its definition shares its lines with other code");
    return {};
  }

  // Uses in the file of the definition, told by scopes.
  Result<void> replace_at_home() {
    for (const int index : code_.names.binding(value_.binding).uses) {
      const syntax::NameUse& use = code_.names.use(index);
      if (use.range == name_) continue;
      if (const std::string fault = check_moment(use); !fault.empty()) {
        if (value_.kind == InlineValue::Kind::variable) return refused(request_, fault);
        doubt(home_.path, use.line, fault);
        continue;
      }
      replace(code_, home_.path, use.range, use.line);
    }
    return {};
  }

  void replace(const ReadCode& site, const std::string& path, const ByteRange& range, base::LineNumber line) {
    auto made = inline_at(code_, value_, site, range);
    if (!made) {
      is_written_ = is_written_ || made.error() == k_given_value;
      return doubt(path, line, made.error());
    }
    for (PlannedPlace& place : plan_.places) {
      const bool is_apart =
          place.path != path || made->range.end <= place.range.begin || place.range.end <= made->range.begin;
      if (is_apart) continue;
      return doubt(path, line, "it is one of its own arguments here: inline it once more");
    }
    plan_.places.push_back({path, line, made->range, std::move(made->text)});
  }

  void doubt(const std::string& path, base::LineNumber line, std::string reason) {
    plan_.doubts.push_back({path, line, std::move(reason)});
  }

  void note_import(const ReadCode& site, const std::string& path, const NamePlace& place) {
    const auto found = find_imported_name(site.tree, place.range);
    if (!found) return doubt(path, place.line, "it is imported in another way here");
    if (site.tree.kind(found->statement) == "export_statement") return doubt(path, place.line, "it is exported here");
    if (found->is_only) return doubt(path, place.line, "nothing else is imported here: the import loads the file");
    imports_.push_back({path, place.line, range_without_name(site.tree, *found), ""});
  }

  Result<RefactorPlan> finish(bool may_go) {
    plan_.kind = value_.kind == InlineValue::Kind::function   ? "function"
                 : value_.kind == InlineValue::Kind::constant ? "constant"
                                                              : "variable";
    plan_.symbol = request_.name;
    if (is_written_) return refused(request_, "it is given another value elsewhere");
    if (plan_.doubts.empty() && plan_.places.empty())
      return refused(request_, "it is used nowhere", "delete it, if it is not needed");
    if (plan_.doubts.empty() && may_go) {
      std::ranges::move(imports_, std::back_inserter(plan_.places));
      const ByteRange lines = lines_to_remove(code_.tree, value_.statement);
      plan_.places.push_back({home_.path, code_.tree.node(value_.statement).line, lines, ""});
    } else if (plan_.doubts.empty()) {
      doubt(home_.path, code_.tree.node(value_.statement).line, "the definition stays: it is all that its block has");
    }
    put_in_order(plan_);
    return std::move(plan_);
  }

  bool is_alone_in_block() const {
    return code_.tree.children(value_.block).size() == 1 && value_.block != CodeTree::k_root;
  }

  const ReadCode& code() const { return code_; }
  int binding() const { return value_.binding; }

 private:
  // Is the value there, and still the same, at the use?
  std::string check_moment(const syntax::NameUse& use) const {
    if (value_.kind == InlineValue::Kind::function) return "";
    const CodeTree& tree = code_.tree;
    const ByteRange& statement = tree.node(value_.statement).range;
    const ByteRange& block = tree.node(value_.block).range;
    const bool is_behind = use.range.begin >= statement.end && use.range.end <= block.end;
    if (value_.kind == InlineValue::Kind::constant) {
      const bool is_of_file = code_.names.binding(value_.binding).scope == 0 && value_.block == CodeTree::k_root;
      const bool is_in_function = code_.names.scope(use.scope).function != 0;
      return is_behind || (is_of_file && is_in_function) ? "" : "it may have no value yet here";
    }
    if (code_.names.binding(value_.binding).uses.size() != 2)
      return "its value is not a constant, and it is used more than once";
    return is_behind ? check_next(use) : "its value may be another where it is used";
  }

  // The use is the first thing that the next statement does.
  std::string check_next(const syntax::NameUse& use) const {
    const CodeTree& tree = code_.tree;
    std::string otherwise = "its value is not a constant, and other things happen before it is used";
    const auto statements = tree.children(value_.block);
    const auto own = std::ranges::find(statements, value_.statement);
    if (own == statements.end() || own + 1 == statements.end()) return otherwise;
    const int head = head_of(*(own + 1));
    if (head < 0 || !syntax::holds(tree.node(head).range, use.range)) return otherwise;
    for (const Evaluation::Step& step : steps_of(tree, head).steps) {
      if (step.is_name && tree.node(step.node).range == use.range)
        return step.is_certain && !step.is_later ? "" : otherwise;
      if (!step.is_name) return otherwise;
      if (const int other = code_.names.use_at(tree.node(step.node).range.begin);
          other >= 0 && code_.names.use(other).binding >= 0 &&
          code_.names.count_writes(code_.names.use(other).binding) > 1)
        return otherwise;
    }
    return otherwise;
  }

  // The expression that a statement computes first; -1: it is not certain which.
  int head_of(int statement) const {
    const CodeTree& tree = code_.tree;
    const std::string_view kind = tree.kind(statement);
    if (syntax::is_among(kind, "return_statement raise_statement throw_statement expression_statement")) {
      const auto parts = tree.children(statement);
      if (parts.size() != 1) return -1;
      if (!syntax::is_among(tree.kind(parts.front()), "assignment assignment_expression")) return parts.front();
      const bool is_plain = tree.kind(tree.child(parts.front(), "left")) == "identifier" || tree.family() == "python";
      return is_plain ? tree.child(parts.front(), "right") : -1;
    }
    if (kind == "if_statement") return tree.child(statement, "condition");
    if (kind == "for_statement" && tree.family() == "python") return tree.child(statement, "right");
    if (kind == "for_in_statement") return tree.child(statement, "right");
    if (kind == "lexical_declaration" || kind == "variable_declaration") {
      const auto parts = tree.children(statement);
      const bool is_plain = parts.size() == 1 && tree.kind(tree.child(parts.front(), "name")) == "identifier";
      return is_plain ? tree.child(parts.front(), "value") : -1;
    }
    return -1;
  }

  const InlineRequest& request_;
  const RenameFile& home_;
  ReadCode code_;
  InlineValue value_;
  ByteRange name_;
  RefactorPlan plan_;
  std::vector<PlannedPlace> imports_;
  bool is_written_ = false;
};

const RenameFile* find_file(const InlineRequest& request, std::string_view path) {
  const auto found = std::ranges::find(request.files, path, &RenameFile::path);
  return found == request.files.end() ? nullptr : &*found;
}

// A name inside of a function, which is no symbol of the project.
Result<RefactorPlan> inline_local(const InlineRequest& request, const RenameFile& home) {
  OC_TRY(ReadCode code, read_code(request, home));
  std::vector<int> meant;
  for (std::size_t i = 0; i < code.names.bindings().size(); ++i) {
    const syntax::NameBinding& one = code.names.bindings()[i];
    if (one.name == request.name && one.scope != 0 && one.form != syntax::BindingForm::parameter)
      meant.push_back(static_cast<int>(i));
  }
  if (meant.empty())
    return refused(request, fmt::format("there is no such name in {}", base::in_quotes(home.path)),
                   "name the file that it is in, with --file");
  if (meant.size() > 1)
    return refused(request,
                   fmt::format("{} functions of {} have such a name", meant.size(), base::in_quotes(home.path)));
  const syntax::NameBinding& one = code.names.binding(meant.front());
  ByteRange name;
  for (const int use : std::views::reverse(one.uses))
    if (code.names.use(use).declares) name = code.names.use(use).range;
  Inlining inlining(request, home, std::move(code));
  OC_CHECK(inlining.define(name));
  OC_CHECK(inlining.replace_at_home());
  return inlining.finish(!inlining.is_alone_in_block());
}

Result<RefactorPlan> inline_target(const InlineRequest& request, const RenameSources& sources,
                                   const RenameTarget& target, const std::vector<RenameTarget>& others) {
  if (target.is_member) return refused(request, "it belongs to a type, where another may stand in its place");
  if (target.declared.size() != 1)
    return refused(request, fmt::format("it is declared {} times", target.declared.size()));
  const RenameFile& home = *find_file(request, target.declared.front().path);
  const auto source = std::ranges::find(sources.all(), home.path, &RenameSource::path);
  OC_TRY(ReadCode code, read_code(request, home));
  Inlining inlining(request, home, std::move(code));
  OC_CHECK(inlining.define(source->symbol(target.declared.front().symbol).name_range));
  OC_CHECK(inlining.replace_at_home());
  RenameJudge judge(sources, target, others);
  for (const RenameSource& one : sources.all()) {
    std::optional<ReadCode> site;
    for (const NamePlace& place : one.names.places) {
      const bool is_home = one.path() == home.path && place.role != NameRole::text;
      const bool is_comment = place.role == NameRole::text && place.text == syntax::TextKind::comment;
      if (place.name != target.name || is_home || is_comment || place.role == NameRole::declared) continue;
      const Verdict verdict = judge.judge(one, place);
      if (verdict.kind == Verdict::Kind::no) continue;
      if (verdict.kind == Verdict::Kind::perhaps) {
        inlining.doubt(one.path(), place.line, verdict.reason);
        continue;
      }
      if (!site) {
        OC_TRY(site, read_code(request, *one.file));
      }
      if (place.role == NameRole::imported) {
        if (place.is_aliased) inlining.doubt(one.path(), place.line, "it is imported under another name");
        else inlining.note_import(*site, one.path(), place);
      } else {
        inlining.replace(*site, one.path(), place.range, place.line);
      }
    }
  }
  return inlining.finish(!inlining.is_alone_in_block());
}

}  // namespace

Result<RefactorPlan> plan_inline(const InlineRequest& request, const base::CancelToken& cancel) {
  RenameRequest as_rename = request_for_symbol(request.name, request.file);
  as_rename.files = request.files;
  as_rename.paths = request.paths;
  OC_TRY(const SymbolChoice choice, choose_symbol(as_rename, cancel));
  const base::Result<RenameTarget>& target = choice.target;
  const RenameFile* home = request.file.empty() ? nullptr : find_file(request, request.file);
  const bool has_symbol = std::ranges::any_of(
      choice.all, [&](const RenameTarget& one) { return request.file.empty() || one.homes.contains(request.file); });
  if (!target && !has_symbol && home != nullptr && home->language != nullptr) return inline_local(request, *home);
  if (!target) return std::unexpected(target.error());
  if (target->family != "python" && target->family != "javascript")
    return refused(request, fmt::format("inlining is not known for the language of {}",
                                        base::in_quotes(target->declared.front().path)));
  OC_TRY(const RenameSources sources, RenameSources::read(as_rename, target->family, cancel));
  return inline_target(request, sources, *target, choice.others());
}

}  // namespace oc::context
