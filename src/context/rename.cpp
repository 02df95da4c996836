// SPDX-License-Identifier: Apache-2.0
#include "context/rename.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/rename_judge.hpp"
#include "context/rename_words.hpp"

namespace oc::context {
namespace {

using base::ErrorKind;
using base::Result;
using syntax::NamePlace;
using syntax::NameRole;

std::unexpected<base::Error> refused(const RenameRequest& request, const std::string& why, const std::string& hint) {
  return base::fail(ErrorKind::usage,
                    fmt::format("cannot rename {} to {}: {}", base::in_quotes(request.old_name),
                                base::in_quotes(request.new_name), why),
                    hint);
}

constexpr std::string_view k_other_name = "choose another name";

class Renaming {
 public:
  Renaming(const RenameRequest& request, const RenameSources& sources, const std::vector<RenameTarget>& others,
           const RenameTarget& target, const RenameTestimony* testimony = nullptr)
      : request_(request), sources_(sources), target_(target), judge_(sources, target, others), testimony_(testimony) {
    if (testimony_ != nullptr) named_.insert(testimony_->named.begin(), testimony_->named.end());
  }

  Result<RenamePlan> plan() {
    plan_.kind = syntax::to_string(target_.kind);
    plan_.symbol = target_.qualified;
    if (target_.is_of_trait)
      return refused(request_, "it belongs to the trait that it implements", "rename the method of the trait");
    for (const RenameSource& source : sources_.all()) read(source);
    OC_CHECK(check_new_name());
    note_file_names();
    if (testimony_ != nullptr) note_testimony();
    std::ranges::sort(plan_.doubts, {},
                      [](const RenameDoubt& one) { return std::tie(one.path, one.line, one.reason); });
    const auto same = [](const RenameDoubt& a, const RenameDoubt& b) {
      return a.path == b.path && a.line == b.line && a.reason == b.reason;
    };
    plan_.doubts.erase(std::unique(plan_.doubts.begin(), plan_.doubts.end(), same), plan_.doubts.end());
    return std::move(plan_);
  }

  // After plan().
  const std::vector<RenameSpot>& declarations() const { return declarations_; }
  const std::vector<RenameSpot>& open_spots() const { return open_spots_; }

 private:
  static bool is_comment(const NamePlace& place) {
    return place.role == NameRole::text && place.text == syntax::TextKind::comment;
  }

  void read(const RenameSource& source) {
    const std::string& path = source.path();
    const bool is_cut = source.names.outline.coverage == syntax::Coverage::cut;
    bool has_to_do_with_it = false;
    std::vector<RenameDoubt> comments;
    for (const NamePlace& place : source.names.places) {
      if (place.name != target_.name) continue;
      if (is_cut) {
        plan_.doubts.push_back({path, place.line, "the file cannot be read as a whole"});
        continue;
      }
      Verdict verdict = weigh(source, place, judge_.judge(source, place));
      if (verdict.kind == Verdict::Kind::no) continue;
      if (is_comment(place)) {
        comments.push_back({path, place.line, std::move(verdict.reason)});
        continue;
      }
      has_to_do_with_it = true;
      if (verdict.kind == Verdict::Kind::perhaps) plan_.doubts.push_back({path, place.line, std::move(verdict.reason)});
      else change(source, place);
    }
    // A word in a comment of a file that has nothing else of the symbol is a word.
    if (has_to_do_with_it) std::ranges::move(comments, std::back_inserter(plan_.doubts));
  }

  // The tree's verdict in the light of what the witness says.
  Verdict weigh(const RenameSource& source, const NamePlace& place, Verdict verdict) {
    using Kind = Verdict::Kind;
    const RenameSpot spot{source.path(), place.range};
    const bool is_code = place.role != NameRole::text || place.text == syntax::TextKind::macro;
    if (place.role == NameRole::declared && verdict.kind == Kind::yes) declarations_.push_back(spot);
    if (is_code && verdict.kind == Kind::perhaps) open_spots_.push_back(spot);
    if (testimony_ == nullptr) return verdict;
    const bool is_named = named_.erase(spot) > 0;
    if (!is_code) return verdict;
    const std::string& witness = testimony_->witness;
    const auto other = testimony_->others.find(spot);
    const std::string what = other == testimony_->others.end() ? "does not name it" : "says " + other->second;
    if (verdict.kind == Kind::yes && !is_named)
      plan_.unnamed.push_back({spot.path, place.line, fmt::format("{} {}", witness, what)});
    if (is_named) return {Kind::yes, ""};
    if (verdict.kind == Kind::perhaps) verdict.reason += fmt::format("; {} {}", witness, what);
    return verdict;
  }

  void note_testimony() {
    plan_.witness = testimony_->witness;
    std::ranges::copy(testimony_->refused, std::back_inserter(plan_.doubts));
    for (const RenameSpot& spot : named_) {  // those of places that were seen are gone by now
      const auto file = std::ranges::find(request_.files, spot.path, &RenameFile::path);
      if (file == request_.files.end()) continue;
      const std::string_view before = std::string_view(file->text).substr(0, spot.range.begin);
      plan_.doubts.push_back({spot.path, base::LineNumber(std::ranges::count(before, '\n') + 1),
                              fmt::format("{} names it, but the syntax tree sees no name there", plan_.witness)});
    }
  }

  void change(const RenameSource& source, const NamePlace& place) {
    std::string text = request_.new_name;
    if (place.is_short && place.role == NameRole::plain) text = fmt::format("{}: {}", place.name, request_.new_name);
    plan_.places.push_back({source.path(), place.line, place.range, std::move(text)});
    changed_.push_back({&source, &place});
  }

  std::string at(const RenameSource& source, const NamePlace& place) const {
    return fmt::format("{}:{}", source.path(), place.line.value);
  }

  // The new name must not mean anything yet where the old one is used or declared.
  Result<void> check_new_name() const {
    for (const RenameSource& source : sources_.all())
      for (const NamePlace& place : source.names.places)
        if (place.name == request_.new_name && place.role == NameRole::declared && is_beside_target(source, place))
          return refused(request_, fmt::format("that name exists already at {}", at(source, place)),
                         std::string(k_other_name));
    std::set<const RenameSource*> files;
    for (const auto& [source, place] : changed_) {
      if (place->role == NameRole::plain && RenameSources::hiding(*source, *place, request_.new_name) != Hiding::none)
        return refused(request_, fmt::format("a local name at {} would hide it", at(*source, *place)),
                       std::string(k_other_name));
      if (!target_.is_member && !target_.scope && place->role != NameRole::member && place->role != NameRole::qualified)
        files.insert(source);
    }
    for (const RenameSource* source : files)
      for (const NamePlace& place : source->names.places) {
        const bool means_files_own = (place.role == NameRole::plain && !place.is_short) ||
                                     (place.role == NameRole::imported && !place.is_aliased) ||
                                     (place.role == NameRole::local && place.scope_kind == syntax::ScopeKind::file);
        if (place.name == request_.new_name && means_files_own &&
            RenameSources::hiding(*source, place, request_.new_name) == Hiding::none)
          return refused(request_, fmt::format("that name has a meaning already at {}", at(*source, place)),
                         std::string(k_other_name));
      }
    return {};
  }

  bool is_beside_target(const RenameSource& source, const NamePlace& place) const {
    const syntax::Symbol& symbol = source.symbol(place.symbol);
    if (target_.scope) return target_.homes.contains(source.path()) && place.scope == *target_.scope;
    if (RenameSources::is_local(place)) return false;
    if (prefix_of_name(symbol.qualified_name) != target_.prefix) return false;
    if (target_.homes.contains(source.path())) return true;
    if (source.family == "c") return sources_.reaches(source, target_.homes);
    const auto folder = [](const std::string& path) { return path.substr(0, path.find_last_of('/') + 1); };
    return (source.family == "go" || source.family == "java") &&
           folder(source.path()) == folder(*target_.homes.begin());
  }

  // Java's public types give their files the name.
  void note_file_names() {
    if (target_.family != "java" || target_.is_member) return;
    for (const RenameTarget::Declared& one : target_.declared)
      if (one.path == target_.name + ".java" || one.path.ends_with("/" + target_.name + ".java")) {
        plan_.doubts.push_back({one.path, one.line, "the file is named after it: rename the file, too"});
        return;
      }
  }

  const RenameRequest& request_;
  const RenameSources& sources_;
  const RenameTarget& target_;
  RenameJudge judge_;
  RenamePlan plan_;
  std::vector<std::pair<const RenameSource*, const NamePlace*>> changed_;
  const RenameTestimony* testimony_;
  std::set<RenameSpot> named_;  // by the witness, and not met yet
  std::vector<RenameSpot> declarations_, open_spots_;
};

// The families of the languages in which the name is declared.
std::set<std::string> families_of(const RenameRequest& request) {
  std::set<std::string> families;
  for (const RenameFile& file : request.files)
    if (file.language != nullptr && can_rename(*file.language)) families.emplace(family_of(file.language->id));
  return families;
}

}  // namespace

std::string_view last_part_of_name(std::string_view qualified) {
  const std::size_t at = qualified.find_last_of(".:");
  return at == std::string_view::npos ? qualified : qualified.substr(at + 1);
}

bool can_rename(const syntax::Language& language) { return can_rename_in(family_of(language.id)); }

Result<RenamePlan> plan_rename(const RenameRequest& request, const base::CancelToken& cancel,
                               const RenameWitness& witness) {
  const std::string name(last_part_of_name(request.old_name));
  if (name == request.new_name) return refused(request, "that is its name", std::string(k_other_name));
  std::vector<RenameTarget> all;
  for (const std::string& family : families_of(request)) {
    OC_TRY(const RenameSources sources, RenameSources::read(request, family, cancel));
    std::ranges::move(find_targets(sources, name), std::back_inserter(all));
  }
  OC_TRY(const RenameTarget target, choose_target(all, request));
  if (const std::string fault = fault_of_name(request.new_name, target.family); !fault.empty())
    return refused(request, fmt::format("{} {}", base::in_quotes(request.new_name), fault), std::string(k_other_name));
  OC_TRY(const RenameSources sources, RenameSources::read(request, target.family, cancel));
  std::erase_if(all, [&](const RenameTarget& other) {
    return other.family != target.family || other.declared == target.declared;
  });
  Renaming alone(request, sources, all, target);
  OC_TRY(RenamePlan plan, alone.plan());
  if (!witness) return plan;
  OC_TRY(const auto testimony, witness(alone.declarations(), alone.open_spots()));
  if (!testimony) return plan;
  return Renaming(request, sources, all, target, &*testimony).plan();
}

}  // namespace oc::context
