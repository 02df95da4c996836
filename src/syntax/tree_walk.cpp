// SPDX-License-Identifier: Apache-2.0
#include "syntax/tree_walk.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "syntax/rules.hpp"
#include "syntax/text_pieces.hpp"

namespace oc::syntax {
namespace {

// Deeper than any program that people write, and than what a tool generates to be read again.
constexpr std::size_t k_max_depth = 2000;
// Names longer than this are no names. Qualified ones stop growing at the second.
constexpr std::size_t k_max_name = 200;
constexpr std::size_t k_max_qualified_name = 500;
constexpr std::uint32_t k_none = std::numeric_limits<std::uint32_t>::max();
// Of a function with more local names, the last ones count: the walk stays linear.
constexpr std::size_t k_remembered_locals = 96;
constexpr std::uint32_t k_nodes_between_clock_looks = 4096;
constexpr std::uint32_t k_searched_children = 64;

bool is_type_kind(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::class_type:
    case SymbolKind::struct_type:
    case SymbolKind::union_type:
    case SymbolKind::interface_type:
    case SymbolKind::trait_type:
    case SymbolKind::enum_type: return true;
    default: return false;
  }
}

SymbolKind kind_in_type(SymbolKind kind) {
  if (kind == SymbolKind::function) return SymbolKind::method;
  if (kind == SymbolKind::variable) return SymbolKind::field;
  return kind;
}

// One of 64 bits for a name: most names are seen to be no local one without a comparison.
std::uint64_t letter_bit(std::string_view name) {
  const auto first = static_cast<unsigned char>(name.front());
  const auto last = static_cast<unsigned char>(name.back());
  return std::uint64_t{1} << ((first * 7U + last * 3U + name.size() * 13U) & 63U);
}

Mark begin_of(const TSNode& node) { return {ts_node_start_byte(node), ts_node_start_point(node).row}; }

ByteRange range_of(const TSNode& node) { return {ts_node_start_byte(node), ts_node_end_byte(node)}; }

}  // namespace

TreeWalk::TreeWalk(const Grammar& grammar, std::string_view text, const OutlineLimits& limits,
                   std::chrono::steady_clock::time_point deadline, Outline& outline)
    : grammar_(grammar), text_(text), limits_(limits), deadline_(deadline), outline_(outline) {}

TreeWalk::~TreeWalk() {
  if (cursor_.tree != nullptr) ts_tree_cursor_delete(&cursor_);
}

std::string_view TreeWalk::text(const TSNode& node) const {
  if (ts_node_is_null(node)) return {};
  const ByteRange range = range_of(node);
  if (range.begin >= text_.size() || range.end <= range.begin) return {};
  return text_.substr(range.begin, range.end - range.begin);
}

std::string_view TreeWalk::kind(const TSNode& node) const {
  return ts_node_is_null(node) ? std::string_view() : std::string_view(ts_node_type(node));
}

bool TreeWalk::is_kind(const TSNode& node, std::initializer_list<std::string_view> kinds) const {
  return !ts_node_is_null(node) && std::ranges::find(kinds, kind(node)) != kinds.end();
}

TSNode TreeWalk::field(const TSNode& node, std::string_view name) {
  if (ts_node_is_null(node)) return node;
  return ts_node_child_by_field_name(node, name.data(), static_cast<std::uint32_t>(name.size()));
}

TSNode TreeWalk::find_child(const TSNode& node, std::initializer_list<std::string_view> kinds) const {
  if (ts_node_is_null(node)) return node;
  const std::uint32_t count = std::min(ts_node_named_child_count(node), k_searched_children);
  for (std::uint32_t i = 0; i < count; ++i)
    if (const TSNode child = ts_node_named_child(node, i); is_kind(child, kinds)) return child;
  return {};
}

const Symbol* TreeWalk::scope_symbol() const {
  if (scopes_.empty() || scopes_.back().symbol < 0) return nullptr;
  return &outline_.symbols[static_cast<std::size_t>(scopes_.back().symbol)];
}

void TreeWalk::run(const TSNode& root) {
  cursor_ = ts_tree_cursor_new(root);
  push(root, grammar_.rule(ts_node_symbol(root)), Role::name);
  if (!ts_tree_cursor_goto_first_child(&cursor_)) return;
  while (true) {
    if (++visited_ % k_nodes_between_clock_looks == 0 && is_time_over()) {
      outline_.coverage = Coverage::cut;
      return;
    }
    if (enter(ts_tree_cursor_current_node(&cursor_))) continue;
    while (!ts_tree_cursor_goto_next_sibling(&cursor_)) {
      if (frames_.size() == 1 || !ts_tree_cursor_goto_parent(&cursor_)) return;
      leave();
    }
  }
}

bool TreeWalk::is_time_over() { return limits_.cancel.is_requested() || std::chrono::steady_clock::now() >= deadline_; }

bool TreeWalk::enter(const TSNode& node) {
  const CompiledRule& rule = grammar_.rule(ts_node_symbol(node));
  if (rule.step == Step::skip && rule.handler == nullptr) return false;
  opens_scope_ = false;
  const Role role = rule.uses_role ? role_here() : Role::name;
  bool descends = rule.handler == nullptr || rule.handler(*this, node) == Descend::yes;
  if (descends) {
    switch (rule.step) {
      case Step::skip: descends = false; break;
      case Step::leaf:
        refer(node, role == Role::name ? rule.others : role);
        descends = false;
        break;
      case Step::comment:
        note_comment(node);
        descends = false;
        break;
      case Step::attribute: note_attribute(node); break;
      case Step::end_wrap:
        frames_.back().wraps = false;
        descends = false;
        break;
      case Step::define: define_by_rule(node, rule); break;
      case Step::enter:
      case Step::modifiers:
      case Step::wrap:
      case Step::decorate: break;
    }
  }
  if (descends && frames_.size() >= k_max_depth) {
    outline_.coverage = Coverage::cut;
    descends = false;
  }
  if (descends && ts_tree_cursor_goto_first_child(&cursor_)) {
    push(node, rule, role);
    return true;
  }
  if (opens_scope_) close_scope();
  return false;
}

void TreeWalk::push(const TSNode& node, const CompiledRule& rule, Role role) {
  Frame frame;
  frame.rule = &rule;
  frame.node = node;
  frame.role = role;
  frame.has_scope = opens_scope_;
  if (rule.step == Step::wrap || rule.step == Step::decorate) {
    const bool nested = !frames_.empty() && frames_.back().wraps;
    frame.wraps = true;
    frame.outer = nested ? frames_.back().outer : begin_of(node);
    frame.head = nested ? frames_.back().head : find_head(node);
    if (rule.step == Step::decorate) frame.head.byte = k_none;
  }
  opens_scope_ = false;
  frames_.push_back(frame);
}

void TreeWalk::leave() {
  if (frames_.back().has_scope) close_scope();
  frames_.pop_back();
}

void TreeWalk::close_scope() {
  const Scope& scope = scopes_.back();
  if (scope.is_function) {
    locals_.resize(std::min<std::size_t>(scope.local_count, locals_.size()));
    if (--function_depth_ == 0) local_letters_ = 0;
  }
  scopes_.pop_back();
}

Role TreeWalk::role_here() const {
  const Frame& frame = frames_.back();
  Role role = frame.rule->others;
  if (frame.rule->field_count > 0) {
    const TSFieldId field = ts_tree_cursor_current_field_id(&cursor_);
    for (std::size_t i = 0; field != 0 && i < frame.rule->field_count; ++i)
      if (frame.rule->fields[i].field == field) role = frame.rule->fields[i].role;
  }
  if (role == Role::inherit) {
    const bool only_reads = frame.role == Role::local && (frame.rule->traits & k_reads) != 0;
    return only_reads ? Role::name : frame.role;
  }
  if (role != Role::tail) return role;
  switch (frame.role) {
    case Role::call: return Role::member_call;
    case Role::name:
    case Role::local: return Role::member;
    default: return frame.role;
  }
}

void TreeWalk::refer(const TSNode& node, Role role) {
  if (watch_ != nullptr && watch_->names->contains(text(node))) watch_->roles.emplace(ts_node_start_byte(node), role);
  if (role == Role::none) return;
  const std::string_view name = text(node);
  // The shell's $1 has a number for a name.
  if (name.empty() || name.size() > k_max_name || (name.front() >= '0' && name.front() <= '9')) return;
  if (role == Role::local) {
    // The name of the function whose scope begins here is not local to it.
    const bool names_scope = frames_.back().has_scope && scope_symbol() != nullptr &&
                             scope_symbol()->name_range.begin == ts_node_start_byte(node);
    if (!names_scope) declare_local(name);
    return;
  }
  if (role != Role::member && role != Role::member_call && is_local(name)) return;
  const bool is_call = role == Role::call || role == Role::member_call;
  outline_.references.push_back({.name = name,
                                 .kind = is_call              ? ReferenceKind::call
                                         : role == Role::type ? ReferenceKind::type
                                                              : ReferenceKind::name,
                                 .line = base::LineNumber(std::int64_t{ts_node_start_point(node).row} + 1)});
}

void TreeWalk::declare_local(std::string_view name) {
  if (function_depth_ == 0 || name.empty()) return;
  locals_.push_back(name);
  local_letters_ |= letter_bit(name);
}

bool TreeWalk::is_local(std::string_view name) const {
  if ((local_letters_ & letter_bit(name)) == 0) return false;
  const std::size_t count = std::min(locals_.size(), k_remembered_locals);
  for (std::size_t i = 0; i < count; ++i)
    if (locals_[locals_.size() - 1 - i] == name) return true;
  return false;
}

void TreeWalk::define_by_rule(const TSNode& node, const CompiledRule& rule) {
  if ((rule.traits & k_not_local) != 0 && is_in_function()) return;
  const TSNode name = rule.name == 0 ? TSNode{} : ts_node_child_by_field_id(node, rule.name);
  if (ts_node_is_null(name)) return;
  const TSNode body = rule.body == 0 ? TSNode{} : ts_node_child_by_field_id(node, rule.body);
  if ((rule.traits & k_needs_body) != 0 && ts_node_is_null(body)) return;
  const bool is_declaration =
      (rule.traits & k_declaration) != 0 || ((rule.traits & k_body_decides) != 0 && ts_node_is_null(body));
  define({.kind = rule.kind,
          .node = node,
          .name = name,
          .body = body,
          .shown_name = without_quotes(text(name)),
          .form = is_declaration ? SymbolForm::declaration : SymbolForm::definition,
          .traits = rule.traits});
}

int TreeWalk::define(const Definition& definition) {
  if (ts_node_is_null(definition.name)) return -1;
  const std::string_view name = definition.shown_name.empty() ? text(definition.name) : definition.shown_name;
  if (name.empty() || name.size() > k_max_name) return -1;
  Frame& frame = frames_.back();
  Mark begin = frame.wraps ? frame.outer : begin_of(definition.node);
  if (has_attribute_ && attribute_begin_.byte < begin.byte && is_only_blank(attribute_end_, begin.byte))
    begin = attribute_begin_;
  const Mark head = frame.wraps && frame.head.byte != k_none ? frame.head : find_head(definition.node);
  for (std::size_t i = frames_.size(); i > 0 && frames_[i - 1].wraps; --i) frames_[i - 1].wraps = false;
  has_attribute_ = false;
  // Where an error confuses the tree, a range may reach back over another symbol: then it is the node alone.
  if (!outline_.symbols.empty() && begin.byte < outline_.symbols.back().range.begin) begin = begin_of(definition.node);
  if (!outline_.symbols.empty() && begin.byte < outline_.symbols.back().range.begin) return -1;

  Symbol symbol;
  symbol.kind = is_in_type() ? kind_in_type(definition.kind) : definition.kind;
  symbol.form = definition.form;
  symbol.name = name;
  symbol.qualified_name = qualified_name(definition, name);
  const TSPoint end = ts_node_end_point(definition.node);
  symbol.range = {begin.byte, std::max(ts_node_end_byte(definition.node), begin.byte)};
  const std::uint32_t last_row = end.column == 0 && end.row > begin.row ? end.row - 1 : end.row;
  symbol.lines = {base::LineNumber(std::int64_t{begin.row} + 1), base::LineNumber(std::int64_t{last_row} + 1)};
  symbol.name_range = range_of(definition.name);
  std::size_t signature_end = symbol.range.end;
  if (!ts_node_is_null(definition.body)) {
    symbol.body = range_of(definition.body);
    signature_end = std::max<std::size_t>(symbol.body->begin, head.byte);
  }
  if (!ts_node_is_null(definition.head)) {
    signature_end = std::max<std::size_t>(ts_node_end_byte(definition.head), head.byte);
    symbol.body = {signature_end, std::max(symbol.range.end, signature_end)};
  }
  symbol.signature = make_signature(text_.substr(head.byte, signature_end - head.byte));
  symbol.doc = find_doc(definition, begin.byte);
  symbol.container = scopes_.empty() ? -1 : scopes_.back().symbol;
  outline_.symbols.push_back(std::move(symbol));
  const int index = static_cast<int>(outline_.symbols.size() - 1);
  if ((definition.traits & k_no_scope) == 0) {
    open_scope({});
    const Symbol& made = outline_.symbols.back();
    Scope& scope = scopes_.back();
    scope.qualified = made.qualified_name;
    scope.symbol = index;
    scope.is_type = is_type_kind(made.kind);
    scope.is_module = made.kind == SymbolKind::module || made.kind == SymbolKind::section;
    scope.is_function = (definition.traits & k_function) != 0;
    if (scope.is_function) ++function_depth_;
  }
  return index;
}

void TreeWalk::open_scope(std::string_view name) {
  if (opens_scope_) close_scope();  // one node opens one scope
  Scope scope;
  scope.local_count = static_cast<std::uint32_t>(locals_.size());
  if (!name.empty() && name.size() <= k_max_name) {
    scope.qualified = qualified_name({.kind = SymbolKind::class_type}, name);
    scope.is_type = true;
    scope.symbol = scopes_.empty() ? -1 : scopes_.back().symbol;
  }
  scopes_.push_back(std::move(scope));
  opens_scope_ = true;
}

void TreeWalk::open_unnamed_function() {
  open_scope({});
  Scope& scope = scopes_.back();
  if (scopes_.size() > 1) {
    const Scope& outer = scopes_[scopes_.size() - 2];
    scope.qualified = outer.qualified;
    scope.symbol = outer.symbol;
    scope.is_module = outer.is_module;
  } else {
    scope.qualified = rest_qualifier_;
    scope.is_module = true;
  }
  scope.is_function = true;
  ++function_depth_;
}

void TreeWalk::qualify_rest(std::string_view name) {
  if (name.size() <= k_max_name) rest_qualifier_ = name;
}

std::string TreeWalk::qualified_name(const Definition& definition, std::string_view name) const {
  const LanguageRules& language = grammar_.language_rules();
  const bool names_a_place = is_type_kind(definition.kind) || definition.kind == SymbolKind::module ||
                             definition.kind == SymbolKind::type_alias || definition.kind == SymbolKind::section;
  const bool in_module = scopes_.empty() || scopes_.back().is_module;
  const std::string& outer = scopes_.empty() ? rest_qualifier_ : scopes_.back().qualified;
  std::string qualified;
  if (!outer.empty() && outer.size() <= k_max_qualified_name) {
    qualified = outer;
    qualified += names_a_place || in_module ? language.module_separator : language.member_separator;
  }
  if (!definition.qualifier.empty() && definition.qualifier.size() <= k_max_name) {
    for (const char c : definition.qualifier)
      if (c != ' ' && c != '\n' && c != '\t' && c != '\r') qualified += c;
    qualified += language.member_separator;
  }
  qualified += name;
  return qualified;
}

// Behind attributes that stand in the node itself.
Mark TreeWalk::find_head(const TSNode& node) const {
  TSNode inner = node;
  Mark head = begin_of(node);
  for (int level = 0; level < 2; ++level) {
    const std::uint32_t count = std::min(ts_node_child_count(inner), k_searched_children);
    std::uint32_t i = 0;
    TSNode child{};
    for (; i < count; ++i) {
      child = ts_node_child(inner, i);
      head = begin_of(child);
      if (grammar_.rule(ts_node_symbol(child)).step != Step::attribute) break;
    }
    if (i == count && level == 0) return begin_of(node);
    // Modifiers may hold nothing but attributes: then the head is what follows them.
    if (i == count) return {std::min(ts_node_end_byte(inner), ts_node_end_byte(node)), head.row};
    if (grammar_.rule(ts_node_symbol(child)).step != Step::modifiers) break;
    inner = child;
  }
  return head;
}

bool TreeWalk::is_only_blank(std::uint32_t begin, std::uint32_t end) const {
  constexpr std::uint32_t k_longest_gap = 512;
  if (begin > end || end > text_.size() || end - begin > k_longest_gap) return false;
  return base::is_blank(text_.substr(begin, end - begin));
}

void TreeWalk::note_attribute(const TSNode& node) {
  // Only those beside a definition; inside one, the definition has begun already.
  const bool follows = has_attribute_ && is_only_blank(attribute_end_, ts_node_start_byte(node));
  if (!follows) attribute_begin_ = begin_of(node);
  attribute_end_ = ts_node_end_byte(node);
  has_attribute_ = true;
}

void TreeWalk::note_comment(const TSNode& node) {
  const Mark begin = begin_of(node);
  std::uint32_t i = begin.byte;
  while (i > 0 && (text_[i - 1] == ' ' || text_[i - 1] == '\t')) --i;
  // What stands behind code on its line is about that code. (Three bytes: a byte order mark.)
  const bool has_line = i == 0 || text_[i - 1] == '\n' || (i == 3 && text_.starts_with(base::k_byte_order_mark));
  if (!has_line) {
    has_comment_ = false;
    return;
  }
  const bool is_line = !text_.substr(begin.byte).starts_with("/*");
  const TSPoint end = ts_node_end_point(node);
  const bool follows = has_comment_ && is_line && comment_.is_line && comment_.end_row + 1 == begin.row &&
                       is_only_blank(comment_.end, begin.byte);
  if (!follows) comment_.begin = begin;
  comment_.is_line = is_line;
  comment_.end = ts_node_end_byte(node);
  comment_.end_row = end.column == 0 && end.row > begin.row ? end.row - 1 : end.row;
  has_comment_ = true;
}

std::string TreeWalk::find_doc(const Definition& definition, std::uint32_t range_begin) const {
  if ((definition.traits & k_docstring) != 0 && !ts_node_is_null(definition.body)) {
    const TSNode statement = ts_node_named_child(definition.body, 0);
    const TSNode first = ts_node_is_null(statement) ? statement : ts_node_named_child(statement, 0);
    if (is_kind(statement, {"string"})) return make_doc(text(statement));
    if (is_kind(statement, {"expression_statement"}) && is_kind(first, {"string"})) return make_doc(text(first));
  }
  if (!has_comment_) return {};
  for (const std::uint32_t begin : {range_begin, ts_node_start_byte(definition.node)}) {
    if (!is_only_blank(comment_.end, begin)) continue;
    const std::string_view gap = text_.substr(comment_.end, begin - comment_.end);
    const bool ends_line = comment_.end > 0 && text_[comment_.end - 1] == '\n';
    if (std::ranges::count(gap, '\n') + (ends_line ? 1 : 0) > 1) continue;
    return make_doc(text_.substr(comment_.begin.byte, comment_.end - comment_.begin.byte));
  }
  return {};
}

void TreeWalk::import(const TSNode& at, std::string_view target, ImportForm form, std::vector<std::string> names) {
  if (target.empty() || target.size() > k_max_qualified_name) return;
  outline_.imports.push_back({.target = std::string(target),
                              .names = std::move(names),
                              .form = form,
                              .line = base::LineNumber(std::int64_t{ts_node_start_point(at).row} + 1)});
}

}  // namespace oc::syntax
