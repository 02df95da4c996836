// SPDX-License-Identifier: Apache-2.0
// Which symbol of a file a symbol of an answer's code stands for, and what of the file's the code leaves out. Compares
// two trees; decides no place.
#pragma once

#include <string>
#include <vector>

#include "edit/line_replacement.hpp"
#include "edit/symbol_tree.hpp"

namespace oc::edit {

class SymbolMatch {
 public:
  // `code_was_indented`: the code came as it stands in some block. Both trees must outlive this.
  enum class CodeMargin { none, indented };
  SymbolMatch(const SymbolTree& file, const SymbolTree& code, const syntax::Language* language, CodeMargin margin)
      : file_(file), code_(code), language_(language), margin_(margin) {}

  // The one that `in_code` stands for within a container; k_none: it is new. Refused where several could be meant, or
  // one that may be another: an overload, a method of the name of a function.
  OrRefusal<int> find_counterpart(int container, int in_code) const;

  // The name of something that the file's container has and the code's does not: a member at any depth, one of several
  // of a name, or some of the fields; "": nothing.
  std::string find_missing(int in_file, int in_code) const;

  // Why the code of a symbol cannot be all of it: it has no body where the file has one, or lost its "export".
  std::string find_loss(int in_file, int in_code) const;

 private:
  bool is_candidate(int in_file, int container, int in_code) const;
  bool is_claimed(int in_file, int in_code) const;
  bool is_method_alone(int in_file, int in_code) const;

  const SymbolTree& file_;
  const SymbolTree& code_;
  const syntax::Language* language_;
  CodeMargin margin_;
};

}  // namespace oc::edit
