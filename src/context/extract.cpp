// SPDX-License-Identifier: Apache-2.0
#include "context/extract.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "context/code_lines.hpp"
#include "context/declared_type.hpp"
#include "context/import_paths.hpp"
#include "context/region_values.hpp"
#include "context/rename_words.hpp"

namespace oc::context {
namespace {

using base::ErrorKind;
using base::Result;
using syntax::CodeTree;
using syntax::NameUse;

constexpr std::string_view k_other_lines = "choose other lines, or ask the model: 'offline-coder refactor \"…\"'";

std::unexpected<base::Error> refused(const ExtractRequest& request, const std::string& why,
                                     std::string_view hint = k_other_lines) {
  const base::LineRange& lines = request.lines;
  const std::string which = lines.first == lines.last ? fmt::format("line {}", lines.first.value)
                                                      : fmt::format("lines {}-{}", lines.first.value, lines.last.value);
  return base::fail(ErrorKind::usage,
                    fmt::format("cannot extract {} of {}: {}", which, base::in_quotes(request.file.path), why),
                    std::string(hint));
}

class Extraction {
 public:
  Extraction(const ExtractRequest& request, const CodeTree& tree, const syntax::NameBindings& names,
             const syntax::CodeRegion& region)
      : request_(request),
        tree_(tree),
        names_(names),
        region_(region),
        text_(tree.text()),
        eol_(line_end_of(tree.text())),
        is_python_(tree.family() == "python"),
        method_(region.type >= 0 ? facts_of_method(tree, region.this_owner) : syntax::MethodFacts{}) {}

  Result<RefactorPlan> plan() {
    if (const std::string fault = find_kind(); !fault.empty()) return refused(request_, fault);
    if (const std::string fault = find_fault(); !fault.empty()) return refused(request_, fault);
    if (is_method_ && !request_.taken_at.empty())
      return refused(
          request_,
          fmt::format("the name {} is there already, at {}", base::in_quotes(request_.name), request_.taken_at.front()),
          "choose another name");
    auto values = find_region_values(tree_, names_, region_, self_);
    if (!values) return refused(request_, values.error());
    values_ = std::move(*values);
    if (const std::string fault = check_results(); !fault.empty()) return refused(request_, fault);
    for (const int binding : values_.parameters) {
      auto parameter = write_parameter(binding);
      if (!parameter) return refused(request_, parameter.error(), "write its type at its declaration");
      parameters_.push_back(std::move(*parameter));
    }
    measure();
    RefactorPlan made;
    made.kind = is_method_ ? "method" : "function";
    made.symbol = request_.name;
    made.places.push_back({request_.file.path, request_.lines.first, lines_, write_call()});
    made.places.push_back(write_function());
    if (is_method_) note_bases(made);
    put_in_order(made);
    return made;
  }

 private:
  bool uses_self() const {
    if (self_ < 0) return false;
    return std::ranges::any_of(names_.binding(self_).uses,
                               [&](int use) { return syntax::holds(region_.range, names_.use(use).range); });
  }

  // A method where the lines need what only methods have.
  std::string find_kind() {
    const bool is_direct = region_.type >= 0 && region_.owner == region_.this_owner;
    if (is_python_) {
      if (is_direct && !method_.self.empty()) {
        const int scope = names_.scope_at(region_.range);
        self_ = names_.resolve(method_.self, names_.scope(scope).function);
      }
      if (!uses_self() && region_.calls_super.value == 0) self_ = -1;
      if (self_ < 0 && region_.calls_super.value != 0) return "they name the class round them without 'self'";
      is_method_ = self_ >= 0;
      if (!is_method_ && region_.type >= 0 && has_private_name()) return "they use a private name of the class";
      if (!is_method_ && tree_.nearest(region_.owner, "class_definition") >= 0 && has_private_name())
        return "they use a private name of the class";
      return "";
    }
    is_method_ = region_.uses_this.value != 0;
    if (is_method_ && region_.type < 0) return "they use 'this', and there is no class round them";
    if (!is_method_ && tree_.nearest(region_.owner, "class_body") >= 0 && has_private_name())
      return "they use a private name of the class";
    if (is_method_ && method_.is_constructor && tree_.is_typescript() && tree_.text_of(region_.block).contains("this."))
      return "they are part of a constructor, which alone may give the fields their first values";
    return "";
  }

  bool has_private_name() const {
    const std::string_view code = text_.substr(region_.range.begin, region_.range.end - region_.range.begin);
    if (!is_python_) return tree_.find_inside(region_.block, "private_property_identifier") >= 0;
    for (std::size_t at = code.find("__"); at != std::string_view::npos; at = code.find("__", at + 2)) {
      std::size_t end = at;
      while (end < code.size() && (std::isalnum(static_cast<unsigned char>(code[end])) != 0 || code[end] == '_')) ++end;
      if (!code.substr(at, end - at).ends_with("__")) return true;
      at = end - 2;
    }
    return false;
  }

  std::string find_fault() const {
    const auto at = [](base::LineNumber line, std::string_view what) {
      return line.value == 0 ? std::string() : fmt::format("{} at line {}", what, line.value);
    };
    for (const std::string& fault :
         {at(region_.yields, "they hand out a value with 'yield',"),
          at(region_.uses_arguments, "they ask for all names or arguments of the function"),
          at(region_.says_outer, "they say of which function a name is,"),
          is_python_ ? "" : at(region_.calls_super, "they call the constructor of the class above"),
          region_.owner != CodeTree::k_root ? "" : at(region_.imports, "they import, which belongs to the file,"),
          region_.owner != CodeTree::k_root ? "" : at(region_.declares, "they declare, which belongs to the file,")})
      if (!fault.empty()) return fault;
    if (tree_.kind(region_.owner) == "lambda") return "they are part of a lambda";
    if (const int first = first_text(); first >= 0 && syntax::holds(region_.range, tree_.node(first).range))
      return "they begin with the text that says what the function is or how it is read";
    for (int at_node = region_.owner; at_node >= 0; at_node = tree_.parent(at_node))
      if (tree_.kind(at_node) == "internal_module" || tree_.kind(at_node) == "module") {
        if (at_node != CodeTree::k_root) return "they are part of a namespace";
      }
    return has_errors_near() ? "near a syntax error, so the code cannot be read for certain" : "";
  }

  // The docstring or the directive of what is round the lines.
  int first_text() const {
    const bool is_body = region_.owner == CodeTree::k_root ? region_.block == CodeTree::k_root
                                                           : tree_.parent(region_.block) == region_.owner;
    const auto statements = tree_.children(region_.block);
    if (!is_body || statements.empty() || tree_.kind(statements.front()) != "expression_statement") return -1;
    const auto parts = tree_.children(statements.front());
    return parts.size() == 1 && tree_.kind(parts.front()) == "string" ? statements.front() : -1;
  }

  bool has_errors_near() const { return tree_.has_errors() && tree_.find_inside(region_.top, "ERROR") >= 0; }

  bool is_declared_inside(int binding) const {
    return std::ranges::any_of(names_.binding(binding).uses, [&](int use) {
      return names_.use(use).declares && syntax::holds(region_.range, names_.use(use).range);
    });
  }

  std::string check_results() {
    if (is_python_) return "";
    std::size_t declared = 0;
    for (const int binding : values_.results) {
      if (!is_declared_inside(binding)) continue;
      ++declared;
      const std::string_view word = word_of(binding);
      if (!word_.empty() && word_ != word && (word == "var" || word_ == "var"))
        return "they declare names with 'var' and otherwise that are used behind them";
      word_ = word_.empty() || word_ == word ? word : "let";
      if (values_.results.size() > 1 && tree_.is_typescript() && word != "const" && has_type(binding))
        return fmt::format("the type that {} is declared with would be lost",
                           base::in_quotes(names_.binding(binding).name));
    }
    if (declared != 0 && declared != values_.results.size())
      return "they declare names that are used behind them, and change others as well";
    return "";
  }

  int declarator_of(int binding) const {
    for (const int use : names_.binding(binding).uses)
      if (names_.use(use).declares) return tree_.nearest(tree_.covering(names_.use(use).range), "variable_declarator");
    return -1;
  }

  std::string_view word_of(int binding) const {
    const int declarator = declarator_of(binding);
    if (declarator < 0) return "let";
    const int statement = tree_.parent(declarator);
    if (tree_.kind(statement) == "variable_declaration") return "var";
    return tree_.has_token(statement, "const") ? "const" : "let";
  }

  bool has_type(int binding) const { return tree_.child(declarator_of(binding), "type") >= 0; }

  std::expected<std::string, std::string> write_parameter(int binding) const {
    std::string name(names_.binding(binding).name);
    if (!tree_.is_typescript()) return name;
    auto type = find_declared_type(tree_, names_, binding, region_.range.begin);
    if (!type) return std::unexpected(type.error());
    return fmt::format("{}: {}", name, *type);
  }

  void measure() {
    lines_ = {begin_of_line(text_, region_.range.begin), end_of_line(text_, region_.range.end)};
    indent_ = indentation_at(text_, region_.range.begin);
    take_comments();
    const int head = is_method_ ? region_.this_owner : region_.top;
    outer_ = indentation_at(text_, tree_.node(head).range.begin);
    unit_ = unit_of_indentation();
  }

  // Comments on lines of their own at both ends, which were named, too.
  void take_comments() {
    const std::int64_t lines_above = line_at(text_, lines_.begin).value - request_.lines.first.value;
    std::size_t begin = lines_.begin;
    for (std::int64_t i = 0; i < lines_above && begin > 0; ++i) {
      begin = begin_of_line(text_, begin - 1);
      if (is_comment_line(begin)) lines_.begin = begin;
    }
    std::size_t end = lines_.end;
    for (std::int64_t line = line_at(text_, lines_.end - 1).value; line < request_.lines.last.value; ++line) {
      const bool is_comment = is_comment_line(end);
      end = end_of_line(text_, end);
      if (is_comment) lines_.end = end;
    }
  }

  bool is_comment_line(std::size_t begin) const {
    const std::string_view line = text_.substr(begin, end_of_line(text_, begin) - begin);
    return line.starts_with(indent_) && !base::is_blank(line);
  }

  // One level, as the code round the lines has it.
  std::string unit_of_indentation() const {
    for (int block = region_.block; block > CodeTree::k_root; block = tree_.parent(block)) {
      if (!syntax::is_among(tree_.kind(block), "block statement_block")) continue;
      const auto statements = tree_.children(block);
      if (statements.empty()) continue;
      const std::string_view inner = indentation_at(text_, tree_.node(statements.front()).range.begin);
      const std::string_view outer = indentation_at(text_, tree_.node(tree_.parent(block)).range.begin);
      if (inner.size() > outer.size() && inner.starts_with(outer)) return std::string(inner.substr(outer.size()));
    }
    for (std::size_t at = text_.find('\n'); at != std::string_view::npos; at = text_.find('\n', at + 1)) {
      const std::string_view indent = base::indentation(text_.substr(at + 1));
      if (!indent.empty() && (indent.size() > 1 || indent == "\t")) return std::string(indent);
    }
    return is_python_ ? "    " : "  ";
  }

  std::vector<std::string_view> names_of(const std::vector<int>& bindings) const {
    std::vector<std::string_view> found;
    for (const int one : bindings) found.push_back(names_.binding(one).name);
    return found;
  }

  bool ends_with_semicolon() const {
    const std::string_view last = tree_.text_of(region_.statements.back());
    if (last.ends_with(';')) return true;
    return text_.contains(";\n") || text_.contains(";\r\n");
  }

  std::string write_call() const {
    std::string target;
    if (is_method_) target = is_python_ ? std::string(method_.self) + "." : "this.";
    std::string call = fmt::format("{}{}({})", target, request_.name, fmt::join(names_of(values_.parameters), ", "));
    if (region_.awaits.value != 0) call = "await " + call;
    const auto results = names_of(values_.results);
    const std::string_view end = is_python_ || !ends_with_semicolon() ? "" : ";";
    if (values_.end == RegionEnd::returns) call = "return " + call;
    else if (is_python_ && !results.empty()) call = fmt::format("{} = {}", fmt::join(results, ", "), call);
    else if (results.size() == 1)
      call = fmt::format("{}{} = {}", word_.empty() ? "" : word_ + " ", results.front(), call);
    else if (!results.empty() && !word_.empty())
      call = fmt::format("{} {{ {} }} = {}", word_, fmt::join(results, ", "), call);
    else if (!results.empty())
      call = fmt::format("{}({{ {} }} = {})", follows_open_end() ? ";" : "", fmt::join(results, ", "), call);
    const bool has_end = text_[lines_.end - 1] == '\n';
    return fmt::format("{}{}{}{}", indent_, with_type(call), end, has_end ? eol_ : "");
  }

  // `let x: T = …` keeps its type.
  std::string with_type(const std::string& call) const {
    if (word_.empty() || values_.results.size() != 1 || values_.end == RegionEnd::returns) return call;
    const int type = tree_.child(declarator_of(values_.results.front()), "type");
    if (type < 0) return call;
    const std::string head = fmt::format("{} {}", word_, names_.binding(values_.results.front()).name);
    return head + std::string(tree_.text_of(type)) + call.substr(head.size());
  }

  // Would a parenthesis be read as the arguments of a call, because what stands before has no end?
  bool follows_open_end() const {
    const std::string_view before = base::trim_end(text_.substr(0, lines_.begin));
    return !before.empty() && !std::string_view(";{}").contains(before.back());
  }

  std::string write_return(std::string_view indent) const {
    const auto results = names_of(values_.results);
    if (results.empty()) return "";
    if (is_python_) return fmt::format("{}return {}{}", indent, fmt::join(results, ", "), eol_);
    const std::string_view end = ends_with_semicolon() ? ";" : "";
    if (results.size() == 1) return fmt::format("{}return {}{}{}", indent, results.front(), end, eol_);
    return fmt::format("{}return {{ {} }}{}{}", indent, fmt::join(results, ", "), end, eol_);
  }

  std::string write_head() const {
    std::vector<std::string> parameters = parameters_;
    if (is_method_ && is_python_) parameters.insert(parameters.begin(), std::string(method_.self));
    const std::string_view async = region_.awaits.value != 0 ? "async " : "";
    const std::string list = fmt::format("{}", fmt::join(parameters, ", "));
    if (is_python_) {
      const std::string above = is_method_ && method_.is_of_class ? fmt::format("{}@classmethod{}", outer_, eol_) : "";
      return fmt::format("{}{}{}def {}({}):{}", above, outer_, async, request_.name, list, eol_);
    }
    if (is_method_)
      return fmt::format("{}{}{}{}({}) {{{}", outer_, method_.is_static ? "static " : "", async, request_.name, list,
                         eol_);
    return fmt::format("{}{}function {}({}) {{{}", outer_, async, request_.name, list, eol_);
  }

  std::string write_body() const {
    const std::string inner = std::string(outer_) + unit_;
    std::string body = moved_lines(tree_, lines_, indent_, inner);
    if (!values_.locals.empty())
      body = fmt::format("{}let {}{}{}", inner, fmt::join(names_of(values_.locals), ", "),
                         ends_with_semicolon() ? ";" : "", eol_) +
             body;
    if (!body.ends_with('\n')) body += eol_;
    body += write_return(inner);
    if (!is_python_) body += fmt::format("{}}}{}", outer_, eol_);
    return write_head() + body;
  }

  PlannedPlace write_function() const {
    PlannedPlace place;
    place.path = request_.file.path;
    const std::string function = write_body();
    if (is_method_) {  // behind the method
      int holder = region_.this_owner;
      if (tree_.kind(tree_.parent(holder)) == "decorated_definition") holder = tree_.parent(holder);
      return behind(holder, function);
    }
    // Python's functions must be there when they are called; JavaScript's are known in all of the file.
    if (!is_python_ && region_.owner != CodeTree::k_root) return behind(region_.top, function);
    std::size_t at = begin_of_line(text_, tree_.node(region_.top).range.begin);
    if (region_.owner == CodeTree::k_root && region_.block == CodeTree::k_root) at = lines_.begin;
    else
      while (at > 0 && is_comment_above(at)) at = begin_of_line(text_, at - 1);
    place.range = {at, at};
    const std::string gap = is_python_ ? fmt::format("{}{}", eol_, eol_) : std::string(eol_);
    place.text = blank_above(at, is_python_ ? 2 : 1) + function + gap;
    place.line = line_at(text_, at);
    return place;
  }

  bool is_comment_above(std::size_t at) const {
    const std::size_t begin = begin_of_line(text_, at - 1);
    const std::size_t first = text_.find_first_not_of(" \t", begin);
    return begin < at && first < at && tree_.kind(tree_.covering({first, first + 1})) == "comment" &&
           tree_.parent(tree_.covering({first, first + 1})) == CodeTree::k_root &&
           !text_.substr(first).starts_with("#!");
  }

  std::string blank_above(std::size_t at, int wanted) const {
    if (base::is_blank(text_.substr(0, at))) return "";
    int blank = 0;
    while (blank < wanted) {
      const std::size_t begin = begin_of_line(text_, at - 1);
      if (!base::is_blank(text_.substr(begin, at - begin))) break;
      at = begin;
      ++blank;
    }
    std::string lines;
    for (; blank < wanted; ++blank) lines += eol_;
    return lines;
  }

  PlannedPlace behind(int node, const std::string& function) const {
    PlannedPlace place;
    place.path = request_.file.path;
    const std::size_t end = end_of_line(text_, tree_.node(node).range.end);
    place.range = {end, end};
    place.line = line_at(text_, end);
    const bool is_ended = end > 0 && text_[end - 1] == '\n';
    place.text = fmt::format("{}{}{}", is_ended ? "" : eol_, eol_, function);
    return place;
  }

  // The name may mean something in a class that is not known here.
  void note_bases(RefactorPlan& plan) const {
    const int bases =
        is_python_ ? tree_.child(region_.type, "superclasses") : tree_.child_of_kind(region_.type, "class_heritage");
    if (bases < 0 || tree_.text_of(bases) == "(object)" || tree_.text_of(bases) == "()") return;
    plan.doubts.push_back(
        {request_.file.path, tree_.node(region_.type).line,
         fmt::format("the class is derived: what it is derived from must have no {}", base::in_quotes(request_.name))});
  }

  const ExtractRequest& request_;
  const CodeTree& tree_;
  const syntax::NameBindings& names_;
  const syntax::CodeRegion& region_;
  std::string_view text_;
  std::string_view eol_;
  bool is_python_;
  syntax::MethodFacts method_;
  bool is_method_ = false;
  int self_ = -1;  // the binding
  RegionValues values_;
  std::vector<std::string> parameters_;
  std::string word_;  // "const", "let" or "var": the results are declared with it; "": they are there already
  syntax::ByteRange lines_;
  std::string_view indent_, outer_;
  std::string unit_;
};

std::string fault_of_new_name(const ExtractRequest& request, const CodeTree& tree) {
  if (std::string fault = fault_of_name(request.name, family_of(request.file.language->id)); !fault.empty())
    return fmt::format("{} {}", base::in_quotes(request.name), fault);
  for (int at = 0; at < tree.count(); ++at)
    if (tree.kind(at).ends_with("identifier") && tree.text_of(at) == request.name)
      return fmt::format("the name {} is there already, at line {}", base::in_quotes(request.name),
                         tree.node(at).line.value);
  return "";
}

}  // namespace

Result<RefactorPlan> plan_extract(const ExtractRequest& request) {
  const auto language = base::in_quotes(request.file.path);
  if (request.file.language == nullptr)
    return base::fail(ErrorKind::usage, fmt::format("the language of {} is not known", language));
  const auto tree = CodeTree::read(*request.file.language, request.file.text, {});
  if (!tree) return refused(request, "the file cannot be read as code");
  if (!syntax::NameBindings::can_read(*tree))
    return refused(request, fmt::format("extracting is not known for {}", request.file.language->display_name),
                   "ask the model: 'offline-coder refactor \"…\"'");
  if (const std::string fault = fault_of_new_name(request, *tree); !fault.empty())
    return refused(request, fault, "choose another name");
  const auto region = find_region(*tree, request.lines);
  if (!region) return refused(request, region.error());
  const syntax::NameBindings names = syntax::NameBindings::read(*tree);
  return Extraction(request, *tree, names, *region).plan();
}

}  // namespace oc::context
