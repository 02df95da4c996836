// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::tasks {
namespace {

using base::ErrorKind;
using base::Path;
using base::testing::ScratchFolder;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr const char* k_lock = ".import.lock";

class ModelImport : public testing::Test {
 protected:
  ModelImport() { EXPECT_TRUE(base::make_folder(source())); }
  Path source() const { return scratch_ / "source"; }
  Path library() const { return scratch_ / "library"; }
  Path write(std::string_view name, std::string_view bytes) const {
    EXPECT_TRUE(base::replace_file(source() / base::path_from_utf8(name), bytes));
    return source() / base::path_from_utf8(name);
  }
  static std::string read(const Path& file) {
    return base::read_file(file, base::ByteCount(10'000'000)).value_or("(none)");
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(library()))
      names.insert(base::to_utf8(entry.path().filename()));
    return names;
  }
  base::Result<ImportedModel> import(const Path& file, const std::string& name = "",
                                     ImportMode mode = ImportMode::copy) {
    const ModelProbe probe = [](const Path&) { return protocol::ModelFacts{}; };
    return import_model({file, library(), name, mode}, probe, [](auto, auto, auto) {}, cancel_);
  }

  ScratchFolder scratch_;
  base::CancelToken cancel_;
};

TEST_F(ModelImport, CopiesAndRecordsTheChecksum) {
  const auto imported = import(write("a.gguf", "GGUF bytes"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->outcome, ImportOutcome::imported);
  EXPECT_EQ(imported->model.name, "a");
  EXPECT_EQ(imported->model.parts.at(0).sha256, base::sha256("GGUF bytes"));
  EXPECT_EQ(read(library() / "a.gguf"), "GGUF bytes");
  EXPECT_EQ(read(library() / "a.gguf.sha256"), base::sha256("GGUF bytes") + "  a.gguf\n");
  EXPECT_THAT(files(), UnorderedElementsAre("a.gguf", "a.gguf.sha256", k_lock));
}

TEST_F(ModelImport, IsIdempotent) {
  const Path file = write("a.gguf", "GGUF bytes");
  ASSERT_TRUE(import(file));
  const auto before = base::find_file_facts(library() / "a.gguf");
  EXPECT_EQ(import(file)->outcome, ImportOutcome::already_there);
  EXPECT_EQ(import(library() / "a.gguf")->outcome, ImportOutcome::already_there);
  EXPECT_EQ(import(file, "", ImportMode::link)->outcome, ImportOutcome::already_there);
  EXPECT_EQ(base::find_file_facts(library() / "a.gguf"), before);
  ASSERT_TRUE(base::remove_file(library() / "a.gguf.sha256"));
  EXPECT_EQ(import(library() / "a.gguf")->model.parts.at(0).sha256, base::sha256("GGUF bytes"));
}

TEST_F(ModelImport, LinksAlsoThroughLinks) {
  write("blob", "GGUF linked");
  std::filesystem::create_symlink("blob", source() / "model.gguf");
  const auto imported = import(source() / "model.gguf", "", ImportMode::link);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->model.name, "model");
  EXPECT_TRUE(std::filesystem::equivalent(library() / "model.gguf", source() / "blob"));
  EXPECT_EQ(read(library() / "model.gguf"), "GGUF linked");
}

TEST_F(ModelImport, TakesAllPartsUnderAnotherNameToo) {
  write("m-00001-of-00003.gguf", "GGUF one");
  write("m-00002-of-00003.gguf", "GGUF two");
  const auto missing = import(source() / "m-00002-of-00003.gguf");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::model);
  EXPECT_THAT(missing.error().message, HasSubstr("m-00003-of-00003.gguf"));
  EXPECT_FALSE(std::filesystem::exists(library()));

  write("m-00003-of-00003.gguf", "GGUF three");
  const auto imported = import(source() / "m-00002-of-00003.gguf", "mine.gguf");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->model.name, "mine");
  EXPECT_THAT(files(), UnorderedElementsAre("mine-00001-of-00003.gguf", "mine-00002-of-00003.gguf",
                                            "mine-00003-of-00003.gguf", "mine.gguf.sha256", k_lock));
  EXPECT_EQ(imported->model.parts.at(2).sha256, base::sha256("GGUF three"));
}

TEST_F(ModelImport, NeverReplacesAnotherModel) {
  ASSERT_TRUE(import(write("a.gguf", "GGUF first")));
  for (const std::string_view other : {"GGUF other", "GGUF of another size"}) {
    const auto refused = import(write("a.gguf", other));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_EQ(read(library() / "a.gguf"), "GGUF first");
    EXPECT_EQ(read(library() / "a.gguf.sha256"), base::sha256("GGUF first") + "  a.gguf\n");
  }
  write("a-00001-of-00001.gguf", "GGUF split");
  EXPECT_EQ(import(source() / "a-00001-of-00001.gguf").error().kind, ErrorKind::conflict);
  EXPECT_TRUE(import(source() / "a-00001-of-00001.gguf", "b"));
}

TEST_F(ModelImport, APartThatCannotBeBroughtTakesTheOthersWithIt) {
  write("m-00001-of-00002.gguf", "GGUF one");
  write("m-00002-of-00002.gguf", "GGUF two");
  ASSERT_TRUE(base::make_folder(library()));
  ASSERT_TRUE(base::replace_file(library() / "m-00002-of-00002.gguf", "somebody's own"));
  const auto refused = import(source() / "m-00001-of-00002.gguf");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(files(), UnorderedElementsAre("m-00002-of-00002.gguf", k_lock));
  EXPECT_EQ(read(library() / "m-00002-of-00002.gguf"), "somebody's own");
}

TEST_F(ModelImport, ARecordedChecksumMustBeRight) {
  const Path file = write("a.gguf", "GGUF bytes");
  write("a.gguf.sha256", base::sha256("GGUF what was meant") + "  a.gguf\n");
  const auto refused = import(file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::model);
  EXPECT_THAT(refused.error().message, HasSubstr("damaged"));
  EXPECT_THAT(files(), UnorderedElementsAre(k_lock));
  write("a.gguf.sha256", base::sha256("GGUF bytes") + "  a.gguf\n");
  EXPECT_TRUE(import(file));
}

TEST_F(ModelImport, AModelThatTheProbeRefusesIsNotTouched) {
  const Path file = write("a.gguf", "text");
  const ModelProbe refuse = [](const Path&) -> base::Result<protocol::ModelFacts> {
    return base::fail(ErrorKind::model, "no model");
  };
  const auto refused = import_model({file, library(), "", ImportMode::copy}, refuse, [](auto, auto, auto) {}, cancel_);
  EXPECT_EQ(refused.error().message, "no model");
  EXPECT_FALSE(std::filesystem::exists(library()));
}

TEST_F(ModelImport, CancellingAtAnyStepLeavesNothing) {
  const std::string bytes = "GGUF" + std::string(3'000'000, 'x');
  write("m-00001-of-00002.gguf", bytes);
  write("m-00002-of-00002.gguf", bytes);
  const ModelProbe probe = [](const Path&) { return protocol::ModelFacts{}; };
  int steps = 1;
  for (int stop_at = 1; stop_at <= steps; ++stop_at) {
    const base::CancelToken cancel;
    int step = 0;
    const auto progress = [&](ImportStage stage, base::ByteCount done, base::ByteCount total) {
      EXPECT_LE(done, total);
      if (stage != ImportStage::checking && ++step == stop_at) cancel.request();
    };
    const auto imported =
        import_model({source() / "m-00001-of-00002.gguf", library(), "", ImportMode::copy}, probe, progress, cancel);
    if (imported) break;
    steps = stop_at + 1;
    EXPECT_EQ(imported.error().kind, ErrorKind::cancelled);
    EXPECT_THAT(files(), UnorderedElementsAre(k_lock)) << stop_at;
  }
  EXPECT_GT(steps, 10);  // two parts, copied and hashed in blocks
  EXPECT_EQ(files().size(), 4u);
}

TEST_F(ModelImport, RemovesWhatAKilledImportLeftAndNothingElse) {
  ASSERT_TRUE(base::make_folder(library()));
  for (const char* name : {".a.gguf.123-0.tmp", ".offline-coder-7-1.tmp", ".mine.tmp", "a.gguf.tmp"})
    ASSERT_TRUE(base::replace_file(library() / name, "x"));
  ASSERT_TRUE(import(write("a.gguf", "GGUF")));
  EXPECT_THAT(files(), UnorderedElementsAre("a.gguf", "a.gguf.sha256", k_lock, ".mine.tmp", "a.gguf.tmp"));
}

TEST_F(ModelImport, TwoImportsAtOnceDoNotMix) {
  ASSERT_TRUE(base::make_folder(library()));
  auto other = base::FileLock::try_acquire(library() / k_lock);
  ASSERT_TRUE(other && *other);
  EXPECT_EQ(import(write("a.gguf", "GGUF")).error().kind, ErrorKind::conflict);
  EXPECT_THAT(files(), UnorderedElementsAre(k_lock));
}

TEST_F(ModelImport, RefusesNamesThatAreNone) {
  const Path file = write("a.gguf", "GGUF");
  for (const std::string name :
       {"../x", "a/b", "a\\b", ".hidden", "-x", "a\nb", "x-00001-of-00002", "a.", "\xff", ".gguf"})
    EXPECT_EQ(import(file, name).error().kind, ErrorKind::usage) << name;
  EXPECT_EQ(import(source() / "missing.gguf").error().kind, ErrorKind::model);
  EXPECT_EQ(import(source()).error().kind, ErrorKind::model);
  EXPECT_FALSE(std::filesystem::exists(library()));
}

}  // namespace
}  // namespace oc::tasks
