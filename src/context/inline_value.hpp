// SPDX-License-Identifier: Apache-2.0
// An expression in place of a name or a call: what a definition stands for, and what it comes to at one use. Python,
// JavaScript and TypeScript. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/code_tree.hpp"
#include "syntax/name_bindings.hpp"

namespace oc::context {

// A text, read.
struct ReadCode {
  syntax::CodeTree tree;
  syntax::NameBindings names;
};

struct InlineParameter {
  std::string name;
  int binding = -1;
  int default_value = -1;  // node; -1: none
};

// What stands for the name: of the tree that it was read from.
struct InlineValue {
  enum class Kind { function, constant, variable } kind = Kind::constant;
  int binding = -1;
  int expression = -1;  // node
  int statement = -1;   // the whole definition
  int block = -1;       // that holds it
  std::vector<InlineParameter> parameters;
};

// The definition whose name is at these bytes; the reason, where nothing can be put in its place.
std::expected<InlineValue, std::string> find_inline_value(const ReadCode& home, const syntax::ByteRange& name);

// The reason where the name is no value, but gets one.
inline constexpr std::string_view k_given_value = "it is given a value here";

struct InlinedUse {
  syntax::ByteRange range;  // what is replaced: the name, `module.name`, or the call
  std::string text;
};

// `use`: where the name stands, in `site`, which may be `home` itself. The reason, where it is not certain.
std::expected<InlinedUse, std::string> inline_at(const ReadCode& home, const InlineValue& value, const ReadCode& site,
                                                 const syntax::ByteRange& use);

}  // namespace oc::context
