// SPDX-License-Identifier: Apache-2.0
// Does a place mean the symbol? yes, no, or perhaps, and why only perhaps.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "context/rename_target.hpp"

namespace oc::context {

struct Verdict {
  enum class Kind { yes, no, perhaps } kind = Kind::no;
  std::string reason;  // of perhaps
};

class RenameJudge {
 public:
  // Everything must outlive the judge. `others`: the symbols of the same name that are not meant.
  RenameJudge(const RenameSources& sources, const RenameTarget& target, const std::vector<RenameTarget>& others);

  Verdict judge(const RenameSource& source, const syntax::NamePlace& place);

 private:
  Verdict code(const RenameSource& source, const syntax::NamePlace& place);
  Verdict declared(const RenameSource& source, const syntax::NamePlace& place) const;
  Verdict imported(const RenameSource& source, const syntax::NamePlace& place) const;
  Verdict free_name(const RenameSource& source, const syntax::NamePlace& place);
  Verdict free_name_in_type(const RenameSource& source, const syntax::NamePlace& place) const;
  Verdict free_member(const RenameSource& source, const syntax::NamePlace& place);
  Verdict free_qualified(const RenameSource& source, const syntax::NamePlace& place);
  Verdict own_name(const RenameSource& source, const syntax::NamePlace& place) const;
  Verdict own_member(const RenameSource& source, const syntax::NamePlace& place);
  Verdict own_qualified(const RenameSource& source, const syntax::NamePlace& place);
  Verdict own_key(const RenameSource& source, const syntax::NamePlace& place) const;
  Verdict of_type(const RenameSource& source, const std::string& type) const;

  // What the plain name means at the top of a file.
  Verdict meaning(const RenameSource& source);
  Verdict find_meaning(const RenameSource& source);
  Verdict meaning_in_c(const RenameSource& source, const syntax::NamePlace& place);
  Verdict by_imports(const RenameSource& source) const;
  bool knows_owner(const RenameSource& source) const;
  bool is_module(const RenameSource& source, const syntax::NamePlace& place) const;
  bool leads_home(const RenameSource& source, const syntax::Import& import) const;
  bool is_declared_otherwise(const RenameSource& source, std::string_view type) const;
  void find_homes();

  const RenameSources& sources_;
  const RenameTarget& target_;
  const std::vector<RenameTarget>& others_;
  std::set<std::string> homes_;  // files in which the name means the symbol, for those that import from them
  std::map<std::string, Verdict> meanings_;
};

}  // namespace oc::context
