// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_import.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "tasks/model_library.hpp"

namespace oc::tasks {
namespace {

using base::ErrorKind;

// One import from beginning to end. What it made so far goes with it unless it came to the end.
class Import {
 public:
  Import(const ImportRequest& request, const ImportProgress& progress, const base::CancelToken& cancel)
      : request_(request), progress_(progress), cancel_(cancel) {}
  Import(const Import&) = delete;
  Import& operator=(const Import&) = delete;
  ~Import() {
    for (const base::Path& file : made_) (void)base::remove_file(file);  // the error that led here is told already
  }

  base::Result<ImportedModel> run(const ModelProbe& probe);

 private:
  base::Result<void> find_source();
  base::Result<void> check_folder() const;
  base::Result<void> check_space() const;
  void remove_leftovers() const;
  base::Result<void> bring(const ModelPart& part, const base::Path& target);
  base::Result<void> copy(const ModelPart& part, const base::Path& target);
  base::Result<std::string> hash(const base::Path& file);
  base::Path target_of(std::size_t part) const;
  void tell(ImportStage stage, base::ByteCount done) const { progress_(stage, done, source_.size); }

  const ImportRequest& request_;
  const ImportProgress& progress_;
  const base::CancelToken& cancel_;
  LibraryModel source_;
  std::string name_;
  base::ByteCount brought_;  // bytes of the parts that are done
  std::vector<base::Path> made_;
  std::vector<Checksum> checksums_;
};

base::Result<void> Import::find_source() {
  OC_TRY(const auto facts, base::find_file_facts(request_.file));
  if (facts && !facts->is_regular)
    return base::fail(ErrorKind::model,
                      fmt::format("{} is not a model: it is not a regular file", base::display(request_.file)),
                      "give the path of a .gguf file");
  source_ = read_model(request_.file);
  OC_CHECK(check_complete(source_));
  name_ = request_.name.empty() ? source_.name : model_name_of(request_.name);
  return check_model_name(name_, "--name");
}

base::Path Import::target_of(std::size_t part) const {
  const int count = static_cast<int>(source_.parts.size());
  const bool is_split = parse_part_name(base::to_utf8(source_.path.filename())).has_value();
  return request_.folder /
         base::path_from_utf8(is_split ? make_part_name({name_, static_cast<int>(part) + 1, count}) : name_ + ".gguf");
}

// Two models of one name, a split one and a whole one, would hide each other.
base::Result<void> Import::check_folder() const {
  OC_TRY(const auto models, ModelLibrary({request_.folder}).list());
  const auto same = std::ranges::find(models, name_, &LibraryModel::name);
  if (same == models.end() || same->path.filename() == target_of(0).filename()) return {};
  return base::fail(
      ErrorKind::conflict,
      fmt::format("another model is called {} already: {}", base::in_quotes(name_), base::display(same->path)),
      "give this one another name with --name");
}

base::Result<void> Import::check_space() const {
  if (request_.mode == ImportMode::link) return {};
  base::ByteCount needed;
  for (std::size_t i = 0; i < source_.parts.size(); ++i)
    if (const auto there = base::find_file_facts(target_of(i)); there && !*there) needed += source_.parts[i].size;
  std::error_code code;
  const auto space = std::filesystem::space(request_.folder, code);
  if (code || space.available >= static_cast<std::uintmax_t>(needed.value)) return {};
  return base::fail(ErrorKind::io,
                    fmt::format("cannot copy {} to {}: it needs {}, {} are free", base::display(request_.file),
                                base::display(request_.folder), base::format_bytes(needed),
                                base::format_bytes(base::ByteCount(static_cast<std::int64_t>(space.available)))),
                    "free some space, or link the file with --link");
}

// Temporary files of imports that were killed: while this one holds the lock there is no other.
void Import::remove_leftovers() const {
  std::error_code code;
  std::vector<base::Path> leftovers;
  std::filesystem::directory_iterator entry(request_.folder, code);
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
    const std::string name = base::to_utf8(entry->path().filename());
    const bool is_ours = name.starts_with(".offline-coder-") || (name.starts_with('.') && name.contains(".gguf."));
    if (is_ours && name.ends_with(".tmp")) leftovers.push_back(entry->path());
  }
  for (const base::Path& file : leftovers) (void)base::remove_file(file);  // costs space, nothing else
}

base::Result<void> Import::copy(const ModelPart& part, const base::Path& target) {
  const auto on_progress = [](base::ByteCount done, void* user) {
    const auto& self = *static_cast<const Import*>(user);
    self.tell(ImportStage::copying, self.brought_ + done);
    return !self.cancel_.is_requested();
  };
  return base::copy_file(part.path, target, on_progress, this);
}

base::Result<std::string> Import::hash(const base::Path& file) {
  return base::sha256_of_file(file, [this](base::ByteCount done) {
    tell(ImportStage::hashing, brought_ + done);
    return !cancel_.is_requested();
  });
}

base::Result<void> Import::bring(const ModelPart& part, const base::Path& target) {
  OC_TRY(const auto there, base::find_file_facts(target));
  std::error_code code;
  const bool is_same_file = there && std::filesystem::equivalent(part.path, target, code);
  std::string sha256;
  if (there && !is_same_file) {
    const bool may_be_same = there->is_regular && there->size == part.size;
    if (may_be_same) {
      OC_TRY(sha256, hash(part.path));
    }
    OC_TRY(const std::string other, may_be_same ? hash(target) : std::string());
    if (!may_be_same || sha256 != other)
      return base::fail(ErrorKind::conflict, fmt::format("another file is called {} already", base::display(target)),
                        "give this one another name with --name, or remove that file");
  } else if (!there) {
    const base::Path file = std::filesystem::canonical(part.path, code);  // a link to a link would break with it
    OC_CHECK(request_.mode == ImportMode::link ? base::link_file(code ? part.path : file, target) : copy(part, target));
    made_.push_back(target);
  }
  if (sha256.empty()) {
    OC_TRY(sha256, hash(target));
  }
  if (!part.sha256.empty() && part.sha256 != sha256)
    return base::fail(ErrorKind::model,
                      fmt::format("{} is damaged: its SHA-256 is {}, recorded beside it is {}",
                                  base::display(part.path), sha256, part.sha256),
                      "get the file again; if it is meant to be so, remove that record");
  checksums_.push_back({base::to_utf8(target.filename()), sha256});
  brought_ += part.size;
  return {};
}

base::Result<ImportedModel> Import::run(const ModelProbe& probe) {
  OC_CHECK(find_source());
  tell(ImportStage::checking, base::ByteCount(0));
  OC_TRY(protocol::ModelFacts facts, probe(source_.path));
  OC_CHECK(base::make_folder(request_.folder));
  OC_TRY(const auto lock, base::FileLock::try_acquire(request_.folder / ".import.lock"));
  if (!lock)
    return base::fail(ErrorKind::conflict,
                      fmt::format("another import into {} is running", base::display(request_.folder)),
                      "wait until it is done");
  remove_leftovers();
  OC_CHECK(check_folder());
  OC_CHECK(check_space());
  for (std::size_t i = 0; i < source_.parts.size(); ++i) OC_CHECK(bring(source_.parts[i], target_of(i)));
  OC_CHECK(base::replace_file(checksum_path(request_.folder, name_), make_checksum_text(checksums_)));
  const ImportOutcome outcome = made_.empty() ? ImportOutcome::already_there : ImportOutcome::imported;
  made_.clear();
  return ImportedModel{read_model(target_of(0)), std::move(facts), outcome};
}

}  // namespace

base::Result<ImportedModel> import_model(const ImportRequest& request, const ModelProbe& probe,
                                         const ImportProgress& progress, const base::CancelToken& cancel) {
  return Import(request, progress, cancel).run(probe);
}

}  // namespace oc::tasks
