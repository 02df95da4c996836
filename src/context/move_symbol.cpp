// SPDX-License-Identifier: Apache-2.0
#include "context/move_symbol.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/code_lines.hpp"
#include "context/import_edit.hpp"
#include "context/module_names.hpp"
#include "context/moving_code.hpp"
#include "context/rename_judge.hpp"
#include "context/symbol_choice.hpp"

namespace oc::context {
namespace {

using base::ErrorKind;
using base::in_quotes;
using base::Result;
using syntax::BindingForm;
using syntax::ByteRange;
using syntax::CodeTree;
using syntax::NamePlace;
using syntax::NameRole;

constexpr std::string_view k_ask_model = "ask the model: 'offline-coder refactor \"…\"'";

std::unexpected<base::Error> refused(const MoveRequest& request, const std::string& why,
                                     std::string_view hint = k_ask_model) {
  return base::fail(ErrorKind::usage,
                    fmt::format("cannot move {} to {}: {}", in_quotes(request.name), in_quotes(request.to_file), why),
                    std::string(hint));
}

const RenameFile* find_file(const MoveRequest& request, std::string_view path) {
  const auto found = std::ranges::find(request.files, path, &RenameFile::path);
  return found == request.files.end() ? nullptr : &*found;
}

std::optional<ReadCode> read_code(const RenameFile& file) {
  auto tree = CodeTree::read(*file.language, file.text, {});
  if (!tree || !syntax::NameBindings::can_read(*tree)) return std::nullopt;
  syntax::NameBindings names = syntax::NameBindings::read(*tree);
  return ReadCode{std::move(*tree), std::move(names)};
}

// What one file gets and loses.
class Moving {
 public:
  Moving(const MoveRequest& request, const RenameSources& sources, const RenameTarget& target,
         const std::vector<RenameTarget>& others)
      : request_(request), sources_(sources), target_(target), others_(others), to_(request.to_file) {}

  Result<RefactorPlan> plan() {
    OC_CHECK(read_files());
    const auto source = std::ranges::find(sources_.all(), home_file_->path, &RenameSource::path);
    auto moving = find_moving_code(*home_, source->symbol(target_.declared.front().symbol).name_range);
    if (!moving) return refused(request_, moving.error());
    moving_ = std::move(*moving);
    OC_CHECK(check_module());
    OC_CHECK(move_users());
    OC_CHECK(check_target());
    OC_CHECK(bring_imports());
    OC_CHECK(leave_import());
    OC_CHECK(check_circles());
    take_out();
    std::ranges::move(
        places_in_new_file(*home_, moving_, *to_code_, {to_, is_new_, imports_, is_taken_out_ || is_used_there_}),
        std::back_inserter(plan_.places));
    plan_.kind = syntax::to_string(target_.kind);
    plan_.symbol = target_.qualified;
    put_in_order(plan_);
    return std::move(plan_);
  }

 private:
  Result<void> read_files() {
    home_file_ = find_file(request_, target_.declared.front().path);
    if (home_file_->path == to_) return refused(request_, "it is there already");
    home_ = read_code(*home_file_);
    const syntax::Language* language = syntax::find_language_of_file(base::path_from_utf8(to_));
    if (language == nullptr || family_of(language->id) != target_.family)
      return refused(request_, "the file is of another language");
    if (!home_ || home_->tree.has_errors())
      return refused(request_, fmt::format("{} cannot be read for certain", in_quotes(home_file_->path)));
    empty_ = {to_, "", language};
    to_file_ = find_file(request_, to_);
    is_new_ = to_file_ == nullptr;
    if (is_new_) to_file_ = &empty_;
    to_code_ = read_code(*to_file_);
    if (!to_code_ || to_code_->tree.has_errors())
      return refused(request_, fmt::format("{} cannot be read for certain", in_quotes(to_)));
    if (home_->tree.is_typescript() && !to_code_->tree.is_typescript())
      return refused(request_, "the file has no types");
    is_python_ = target_.family == "python";
    return {};
  }

  // JavaScript's older modules say what they export in the code.
  Result<void> check_module() {
    const std::string_view text = home_->tree.text();
    if (is_python_) {
      if (text.contains("from __future__") && !is_new_ && !to_code_->tree.text().contains("from __future__"))
        return refused(request_, "its file says 'from __future__', the other does not");
      return {};
    }
    if (text.contains("module.exports") || text.contains("require(") ||
        to_code_->tree.text().contains("module.exports"))
      return refused(request_, "the file uses 'require' or 'module.exports'");
    return {};
  }

  // --- Who uses it.

  Result<void> move_users() {
    RenameJudge judge(sources_, target_, others_);
    for (const RenameSource& one : sources_.all()) {
      std::optional<ReadCode> site;
      if (!is_python_ && one.path() != home_file_->path) {
        OC_CHECK(check_star(one));
      }
      for (const NamePlace& place : one.names.places) {
        const bool is_text = place.role == NameRole::text;
        const bool is_comment = is_text && place.text == syntax::TextKind::comment;
        if (place.name != target_.name || is_comment || place.role == NameRole::declared) continue;
        if (one.path() == home_file_->path && !is_text) continue;
        const Verdict verdict = judge.judge(one, place);
        if (verdict.kind == Verdict::Kind::no) continue;
        if (verdict.kind == Verdict::Kind::perhaps) {
          OC_CHECK(doubt(one, place, verdict.reason));
          continue;
        }
        if (place.role == NameRole::plain || place.role == NameRole::local) continue;
        if (!site) site = read_code(*one.file);
        if (!site) return refused(request_, fmt::format("{} cannot be read for certain", in_quotes(one.path())));
        if (place.role == NameRole::imported) {
          OC_CHECK(correct_import(*site, one, place));
        } else {
          OC_CHECK(correct_member(*site, one, place));
        }
      }
    }
    return {};
  }

  Result<void> check_star(const RenameSource& one) {
    if (!one.file->text.contains("export *")) return {};
    for (const syntax::Import& import : one.names.outline.imports) {
      const auto paths = sources_.resolve(one, import, "");
      const bool is_home = std::ranges::find(paths, home_file_->path) != paths.end();
      if (is_home && line_text(one, import.line).contains("export *"))
        return refused(request_, fmt::format("{}:{} exports all that its file has", one.path(), import.line.value));
    }
    return {};
  }

  static std::string_view line_text(const RenameSource& one, base::LineNumber line) {
    const auto lines = base::split_lines(one.file->text);
    const auto index = static_cast<std::size_t>(line.value - 1);
    return index < lines.size() ? lines[index] : std::string_view();
  }

  Result<void> doubt(const RenameSource& one, const NamePlace& place, const std::string& reason) {
    const std::string at = fmt::format("{}:{}", one.path(), place.line.value);
    if (reason.contains("import of everything") || reason.contains("require"))
      return refused(request_, fmt::format("at {} {}", at, reason));
    if (one.path() == home_file_->path && line_text(one, place.line).contains("__all__"))
      return refused(request_, fmt::format("{} names it in '__all__'", at));
    plan_.doubts.push_back({one.path(), place.line, reason});
    return {};
  }

  Result<void> correct_import(const ReadCode& site, const RenameSource& one, const NamePlace& place) {
    if (place.is_alias) return {};
    const std::string at = fmt::format("{}:{}", one.path(), place.line.value);
    const auto found = find_imported_name(site.tree, place.range);
    if (!found) return refused(request_, fmt::format("{} imports it in another way", at));
    const CodeTree& tree = site.tree;
    const int module = tree.child(found->statement, is_python_ ? "module_name" : "source");
    std::string written(tree.text_of(module));
    if (!is_python_ && written.size() > 2) written = written.substr(1, written.size() - 2);
    if (is_home_of(one, written) == false) return {};  // it comes by way of another file, which hands it on
    if (one.path() == to_) return take_out_of_target(*found, one, place);
    const auto wanted = name_of_target(one.path(), written);
    if (!wanted)
      return refused(request_, fmt::format("it is not certain how {} would import it", in_quotes(one.path())));
    users_.insert(one.path());
    if (found->is_only) {
      ByteRange range = tree.node(module).range;
      if (!is_python_) range = {range.begin + 1, range.end - 1};
      plan_.places.push_back({one.path(), place.line, range, *wanted});
      return {};
    }
    if (tree.kind(found->statement) == "export_statement")
      return refused(request_, fmt::format("{} exports it together with others", at));
    const std::string_view item = tree.text_of(found->item);
    const std::size_t end = end_of_line(tree.text(), tree.node(found->statement).range.end);
    std::string line;
    if (is_python_) {
      line = fmt::format("from {} import {}", *wanted, item);
    } else {
      const std::string_view type = tree.text_of(found->statement).starts_with("import type ") ? "type " : "";
      const char quote = tree.text_of(module).front();
      line = fmt::format("import {}{{ {} }} from {}{}{}{}", type, item, quote, *wanted, quote,
                         tree.text_of(found->statement).ends_with(';') ? ";" : "");
    }
    plan_.places.push_back({one.path(), place.line, range_without_name(tree, *found), ""});
    add_line(tree, one.path(), end,
             std::string(indentation_at(tree.text(), tree.node(found->statement).range.begin)) + line);
    return {};
  }

  void add_line(const CodeTree& tree, const std::string& path, std::size_t at, const std::string& line) {
    const std::string_view text = tree.text();
    const std::string_view eol = line_end_of(text);
    const bool is_ended = at == 0 || at > text.size() || text[at - 1] == '\n' || at == begin_of_line(text, 0);
    plan_.places.push_back({path, line_at(text, at), {at, at}, fmt::format("{}{}{}", is_ended ? "" : eol, line, eol)});
  }

  // The import stands in the file to which it goes.
  Result<void> take_out_of_target(const ImportedName& found, const RenameSource& one, const NamePlace& place) {
    if (place.is_aliased) return refused(request_, "the file imports it under another name");
    plan_.places.push_back({one.path(), place.line, range_without_name(to_code_->tree, found), ""});
    is_taken_out_ = true;
    return {};
  }

  std::optional<bool> is_home_of(const RenameSource& one, const std::string& module) const {
    for (const syntax::Import& import : one.names.outline.imports) {
      if (import.target != module) continue;
      const auto paths = sources_.resolve(one, import, "");
      return std::ranges::find(paths, home_file_->path) != paths.end();
    }
    return std::nullopt;
  }

  std::optional<std::string> name_of_target(const std::string& from, const std::string& module) const {
    if (is_python_) return sibling_module(module, home_file_->path, from, to_, request_.paths);
    if (!module.starts_with('.')) return std::nullopt;
    return relative_module(from, to_, module);
  }

  // `module.name` becomes the name alone, imported from the new file.
  Result<void> correct_member(const ReadCode& site, const RenameSource& one, const NamePlace& place) {
    const std::string at = fmt::format("{}:{}", one.path(), place.line.value);
    const CodeTree& tree = site.tree;
    const int member = tree.parent(tree.covering(place.range));
    const bool is_plain = syntax::is_among(tree.kind(member), "attribute member_expression") &&
                          syntax::is_among(tree.kind(tree.child(member, "object")), "identifier attribute");
    if (!is_plain || place.role != NameRole::member)
      return refused(request_, fmt::format("{} uses it in another way", at));
    if (moving_.is_used_behind && is_python_) return {};  // the old file still has the name
    if (one.path() == to_) {
      plan_.places.push_back({one.path(), place.line, tree.node(member).range, target_.name});
      is_used_there_ = true;
      return {};
    }
    bool is_imported = false;
    for (std::size_t i = 0; i < site.names.bindings().size(); ++i) {
      if (site.names.bindings()[i].name != target_.name) continue;
      const auto import = find_import_of(site, static_cast<int>(i));
      is_imported = import && import->item == target_.name && is_home_of(one, import->module).value_or(false);
      if (!is_imported)
        return refused(request_, fmt::format("the name means something else in {}", in_quotes(one.path())));
    }
    const auto module = module_of(one);
    const auto wanted = module ? name_of_target(one.path(), *module) : std::nullopt;
    if (!wanted)
      return refused(request_, fmt::format("it is not certain how {} would import it", in_quotes(one.path())));
    plan_.places.push_back({one.path(), place.line, tree.node(member).range, target_.name});
    if (!is_imported && users_.insert(one.path()).second)
      add_line(tree, one.path(), place_for_import(tree), write_import(site, import_of_item(*wanted, target_.name)));
    return {};
  }

  // The module by which a file names the old file.
  std::optional<std::string> module_of(const RenameSource& one) const {
    for (const syntax::Import& import : one.names.outline.imports) {
      const auto paths = sources_.resolve(one, import, "");
      if (!paths.empty() && paths.front() == home_file_->path) return import.target;
    }
    return std::nullopt;
  }

  // --- The file that it goes to.

  Result<void> check_target() {
    for (const syntax::NameBinding& one : to_code_->names.bindings()) {
      if (one.scope != 0) continue;
      if (one.name == target_.name && !is_taken_out_)
        return refused(request_, "the file has that name already", "rename one of them first");
      if (std::ranges::find(moving_.built_in, one.name) != moving_.built_in.end())
        return refused(request_,
                       fmt::format("{}, which it uses, means something else in that file", in_quotes(one.name)));
    }
    return {};
  }

  // The same import, or none of the name yet.
  bool is_there_already(const NeededName& need) const {
    const int binding = to_code_->names.resolve(need.name, 0);
    if (binding < 0 || to_code_->names.binding(binding).form != BindingForm::imported) return false;
    const auto other = find_import_of(*to_code_, binding);
    return other && other->form == need.form && other->module == need.module && other->item == need.item &&
           to_code_->names.count_writes(binding) == 1;
  }

  Result<void> bring_imports() {
    NeededName from_home;
    for (NeededName need : moving_.needs) {
      if (need.is_imported) {
        OC_CHECK(move_module(need));
      } else {
        OC_CHECK(import_from_home(need));
      }
      if (is_there_already(need)) continue;
      if (need.name != target_.name && to_code_->names.resolve(need.name, 0) >= 0)
        return refused(request_,
                       fmt::format("{}, which it uses, means something else in that file", in_quotes(need.name)));
      if (need.is_imported) imports_.push_back(write_import(is_new_ ? *home_ : *to_code_, need));
      else add_name(from_home, need);
    }
    if (!from_home.name.empty()) imports_.push_back(write_import(is_new_ ? *home_ : *to_code_, from_home));
    return {};
  }

  // `from old import a, b`
  static void add_name(NeededName& all, const NeededName& one) {
    all.module = one.module;
    all.name += (all.name.empty() ? "" : ", ") + one.name;
    all.item = all.name;
  }

  Result<void> move_module(NeededName& need) {
    if (!need.module.starts_with('.')) return {};
    if (is_python_ && folder_of_path(to_) != folder_of_path(home_file_->path))
      return refused(request_,
                     fmt::format("the import of {} says where it is seen from its own folder", in_quotes(need.name)));
    if (!is_python_) need.module = moved_module(need.module, home_file_->path, to_);
    return {};
  }

  Result<void> import_from_home(NeededName& need) {
    const auto module = module_between(to_, home_file_->path);
    if (!module)
      return refused(request_, fmt::format("it needs {} of its file, and it is not certain how to import that",
                                           in_quotes(need.name)));
    need.module = *module;
    needs_home_ = true;
    return is_python_ ? Result<void>{} : export_at_home(need);
  }

  std::optional<std::string> module_between(const std::string& from, const std::string& to) const {
    if (!is_python_) return relative_module(from, to, habit());
    for (const RenameSource& one : sources_.all())
      for (const syntax::Import& import : one.names.outline.imports) {
        if (import.target.starts_with('.') && folder_of_path(one.path()) != folder_of_path(from)) continue;
        const auto paths = sources_.resolve(one, import, "");
        if (paths.size() != 1) continue;
        if (auto name = sibling_module(import.target, paths.front(), from, to, request_.paths)) return name;
      }
    return usual_module(from, to, request_.paths);
  }

  // Some relative import, whose ending shows how this project writes them.
  std::string habit() const {
    for (const RenameSource& one : sources_.all())
      for (const syntax::Import& import : one.names.outline.imports)
        if (import.target.starts_with('.') && !sources_.resolve(one, import, "").empty()) return import.target;
    return "";
  }

  Result<void> export_at_home(const NeededName& need) {
    const CodeTree& tree = home_->tree;
    int at = CodeTree::k_root;
    for (const int use : home_->names.binding(need.binding).uses)
      if (home_->names.use(use).declares) at = tree.covering(home_->names.use(use).range);
    while (tree.parent(at) > CodeTree::k_root) at = tree.parent(at);
    if (tree.kind(at) == "export_statement") {
      if (!tree.has_token(at, "default")) return {};
      return refused(request_, fmt::format("it needs {}, which its file exports by default", in_quotes(need.name)));
    }
    for (const int use : home_->names.binding(need.binding).uses)
      if (tree.nearest(tree.covering(home_->names.use(use).range), "export_specifier") >= 0) return {};
    const std::size_t begin = tree.node(at).range.begin;
    if (exported_.insert(begin).second)
      plan_.places.push_back({home_file_->path, tree.node(at).line, {begin, begin}, "export "});
    return {};
  }

  // --- The file that it leaves.

  Result<void> leave_import() {
    if (!moving_.is_used_behind) return {};
    for (const int index : home_->names.binding(moving_.binding).uses) {
      const syntax::NameUse& use = home_->names.use(index);
      const int leaf = home_->tree.covering(use.range);
      if (home_->tree.nearest(leaf, "export_specifier") >= 0 ||
          (home_->tree.kind(home_->tree.parent(leaf)) == "export_statement"))
        return refused(request_, fmt::format("its file exports it by name at line {}", use.line.value));
    }
    const auto module = module_between(home_file_->path, to_);
    if (!module) return refused(request_, "its file still needs it, and it is not certain how to import it");
    const std::string line = write_import(*home_, import_of_item(*module, target_.name));
    add_line(home_->tree, home_file_->path, place_for_import(home_->tree), line);
    users_.insert(home_file_->path);
    return {};
  }

  bool reaches(const std::string& from, const std::string& to) const { return leads_to(request_.imports, from, to); }

  // Files that import each other are only half there when the other one is loaded.
  Result<void> check_circles() const {
    if (needs_home_ && (users_.contains(home_file_->path) || (reaches(home_file_->path, to_) && !is_new_)))
      return refused(request_,
                     fmt::format("{} and {} would import each other", in_quotes(home_file_->path), in_quotes(to_)));
    for (const std::string& user : users_) {
      const bool is_circle = (!is_new_ && reaches(to_, user)) ||
                             (needs_home_ && user != home_file_->path && reaches(home_file_->path, user));
      if (is_circle)
        return refused(request_, fmt::format("{} and {} would import each other", in_quotes(user), in_quotes(to_)));
    }
    if (is_new_) return {};
    // What is brought along may lead back.
    const auto leads = request_.imports.find(home_file_->path);
    if (leads == request_.imports.end()) return {};
    for (const std::string& one : leads->second)
      if (!imports_.empty() && one != to_ && reaches(one, to_))
        return refused(request_, fmt::format("{} imports {}", in_quotes(one), in_quotes(to_)));
    return {};
  }

  void take_out() {
    plan_.places.push_back({home_file_->path, home_->tree.node(moving_.statement).line,
                            lines_to_remove(home_->tree, moving_.statement), ""});
    for (const NeededName& need : moving_.needs) {
      const auto& uses = home_->names.binding(need.binding).uses;
      const bool is_unused =
          need.is_imported && std::ranges::all_of(uses, [&](int index) {
            const syntax::NameUse& use = home_->names.use(index);
            return use.declares || syntax::holds(home_->tree.node(moving_.statement).range, use.range);
          });
      if (is_unused)
        plan_.doubts.push_back(
            {home_file_->path, home_->names.use(uses.front()).line,
             fmt::format("nothing uses {} here any more, but its import may do something", in_quotes(need.name))});
    }
  }

  const MoveRequest& request_;
  const RenameSources& sources_;
  const RenameTarget& target_;
  const std::vector<RenameTarget>& others_;
  const std::string& to_;
  const RenameFile* home_file_ = nullptr;
  const RenameFile* to_file_ = nullptr;
  RenameFile empty_;
  std::optional<ReadCode> home_, to_code_;
  MovingCode moving_;
  bool is_new_ = false, is_python_ = false, is_taken_out_ = false, is_used_there_ = false, needs_home_ = false;
  std::set<std::string> users_;  // files that import the new one afterwards
  std::set<std::size_t> exported_;
  std::vector<std::string> imports_;
  RefactorPlan plan_;
};

}  // namespace

Result<RefactorPlan> plan_move(const MoveRequest& request, const base::CancelToken& cancel) {
  RenameRequest as_rename = request_for_symbol(request.name, request.file);
  as_rename.files = request.files;
  as_rename.paths = request.paths;
  OC_TRY(const SymbolChoice choice, choose_symbol(as_rename, cancel));
  if (!choice.target) return std::unexpected(choice.target.error());
  const RenameTarget& target = *choice.target;
  if (target.family != "python" && target.family != "javascript")
    return refused(request,
                   fmt::format("moving is not known for the language of {}", in_quotes(target.declared.front().path)));
  if (target.is_member || target.scope) return refused(request, "it is not at the top of its file");
  if (target.declared.size() != 1)
    return refused(request, fmt::format("it is declared {} times", target.declared.size()));
  OC_TRY(const RenameSources sources, RenameSources::read(as_rename, target.family, cancel));
  const std::vector<RenameTarget> others = choice.others();
  return Moving(request, sources, target, others).plan();
}

}  // namespace oc::context
