// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::tasks {
namespace {

using base::ByteCount;
using base::ErrorKind;
using base::Path;
using base::testing::ScratchFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Path write(const Path& file, std::size_t size = 4) {
  EXPECT_TRUE(base::make_folder(file.parent_path()));
  EXPECT_TRUE(base::replace_file(file, std::string(size, 'G')));
  return file;
}

std::vector<std::string> names_of(const base::Result<std::vector<LibraryModel>>& models) {
  std::vector<std::string> names;
  for (const LibraryModel& model : models.value()) names.push_back(model.name);
  return names;
}

TEST(PartName, IsReadAndWritten) {
  const PartName part{"Qwen2.5-Coder-7B", 2, 12};
  EXPECT_EQ(make_part_name(part), "Qwen2.5-Coder-7B-00002-of-00012.gguf");
  EXPECT_EQ(parse_part_name(make_part_name(part)), part);
  for (const std::string name :
       {"a.gguf", "a-00001-of-00002", "a-0001-of-0002.gguf", "a-00003-of-00002.gguf", "a-00000-of-00002.gguf",
        "a-00000-of-00000.gguf", "a-00001-of-0000x.gguf", "a-+0001-of-00002.gguf", "-00001-of-00002.gguf", ".gguf", ""})
    EXPECT_EQ(parse_part_name(name), std::nullopt) << name;
  EXPECT_EQ(model_name_of("a-00001-of-00002.gguf"), "a");
  EXPECT_EQ(model_name_of("a.b.GGUF"), "a.b");
  EXPECT_EQ(model_name_of("a"), "a");
  EXPECT_EQ(model_name_of(".gguf"), ".gguf");
}

TEST(Checksums, AreThoseOfSha256sum) {
  const std::string a(64, 'a'), b(64, 'b');
  const std::vector<Checksum> two{{"x y.gguf", a}, {"ż.gguf", b}};
  EXPECT_EQ(make_checksum_text(two), a + "  x y.gguf\n" + b + "  ż.gguf\n");
  EXPECT_EQ(parse_checksums(make_checksum_text(two)), two);
  EXPECT_EQ(parse_checksums(a + " *x y.gguf\r\n"), (std::vector<Checksum>{{"x y.gguf", a}}));
  for (const std::string& text :
       {std::string(), a, a + "  ", std::string(64, 'A') + "  x", a + "   \n\n" + a + " x", std::string("# comment")})
    EXPECT_THAT(parse_checksums(text + "\n" + b + "  last").back(), (Checksum{"last", b})) << text;
}

TEST(ModelLibrary, ListsTheFirstOfEachNameInTheFoldersOrder) {
  const ScratchFolder folder;
  write(folder / "one/b.gguf", 3);
  write(folder / "one/a.gguf", 5);
  write(folder / "two/a.gguf", 7);
  write(folder / "two/c.GGUF");
  write(folder / "two/c.gguf.sha256");
  write(folder / "two/.gguf");
  write(folder / "two/notes.txt");
  std::filesystem::create_directories(folder / "two/folder.gguf");
  std::filesystem::create_symlink("nowhere", folder / "two/broken.gguf");
  const ModelLibrary library({folder / "one", folder / "missing", folder / "two/notes.txt", folder / "two"});
  EXPECT_THAT(names_of(library.list()), ElementsAre("a", "b", "c"));
  EXPECT_EQ(library.list()->front().size, ByteCount(5));
  EXPECT_EQ(library.list()->back().path, folder / "two/c.GGUF");
}

TEST(ModelLibrary, ASplitModelIsOneModel) {
  const ScratchFolder folder;
  write(folder / "big-00002-of-00002.gguf", 3);
  const ModelLibrary library({folder.path()});
  ASSERT_THAT(names_of(library.list()), ElementsAre("big"));
  EXPECT_FALSE(library.list()->front().is_complete());
  const auto missing = library.find("big", folder.path());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::model);
  EXPECT_THAT(missing.error().message, HasSubstr("big-00001-of-00002.gguf"));

  write(folder / "big-00001-of-00002.gguf", 4);
  ASSERT_THAT(names_of(library.list()), ElementsAre("big"));
  const LibraryModel model = library.list()->front();
  EXPECT_TRUE(model.is_complete());
  EXPECT_EQ(model.size, ByteCount(7));
  EXPECT_EQ(model.path, folder / "big-00001-of-00002.gguf");
  EXPECT_EQ(library.find("./big-00002-of-00002.gguf", folder.path())->path, folder / "big-00001-of-00002.gguf");
  EXPECT_EQ(library.find("big", folder.path()).value(), model);
}

TEST(ModelLibrary, KnowsTheRecordedChecksums) {
  const ScratchFolder folder;
  const std::string digits(64, 'e');
  write(folder / "m-00001-of-00002.gguf");
  write(folder / "m-00002-of-00002.gguf");
  ASSERT_TRUE(base::replace_file(folder / "m.gguf.sha256", make_checksum_text({{{"m-00002-of-00002.gguf", digits}}})));
  const LibraryModel model = read_model(folder / "m-00001-of-00002.gguf");
  EXPECT_EQ(model.parts.at(0).sha256, "");
  EXPECT_EQ(model.parts.at(1).sha256, digits);
}

TEST(ModelLibrary, FindsByPathNameCaseAndBeginning) {
  const ScratchFolder folder;
  write(folder / "models/Qwen-7B.gguf");
  write(folder / "models/qwen-1.5b.gguf");
  write(folder / "models/deepseek.gguf");
  const Path elsewhere = write(folder / "here/elsewhere.gguf");
  const Path here = folder / "here";
  const ModelLibrary library({folder / "models"});
  EXPECT_EQ(library.find("Qwen-7B", here)->name, "Qwen-7B");
  EXPECT_EQ(library.find("qwen-7b", here)->name, "Qwen-7B");
  EXPECT_EQ(library.find("QWEN-7B.gguf", here)->name, "Qwen-7B");
  EXPECT_EQ(library.find("DEEP", here)->name, "deepseek");
  EXPECT_EQ(library.find("elsewhere.gguf", here)->path, elsewhere);
  EXPECT_EQ(library.find(base::to_utf8(elsewhere), folder.path())->path, elsewhere);
  EXPECT_EQ(library.find("../models/deepseek.gguf", here)->name, "deepseek");
}

TEST(ModelLibrary, SaysWhatIsThereWhenItFindsNothing) {
  const ScratchFolder folder;
  write(folder / "models/Qwen-7B.gguf");
  write(folder / "models/qwen-1.5b.gguf");
  const ModelLibrary library({folder / "models"});
  const auto error_of = [&](std::string_view name) { return library.find(name, folder.path()).error(); };
  EXPECT_EQ(error_of("qwen-7c").hint, "did you mean 'Qwen-7B'?");
  EXPECT_THAT(error_of("qwen").message, HasSubstr("several models: 'Qwen-7B', 'qwen-1.5b'"));
  EXPECT_THAT(error_of("llama").hint, HasSubstr("known are 'Qwen-7B', 'qwen-1.5b'"));
  EXPECT_THAT(error_of("").message, HasSubstr("no model called ''"));
  EXPECT_THAT(error_of("models/no.gguf").message, HasSubstr("there is no model file"));
  EXPECT_THAT(error_of("./models").message, HasSubstr("not a regular file"));
  EXPECT_THAT(ModelLibrary({}).find("x", folder.path()).error().hint, HasSubstr("model import"));
  for (const char* name : {"qwen-7c", "qwen", "llama", "", "models/no.gguf", "./models"})
    EXPECT_EQ(error_of(name).kind, ErrorKind::model) << name;
}

TEST(ModelLibrary, TheDefaultIsTheLargestThatFits) {
  const ScratchFolder folder;
  const ModelLibrary library({folder.path()});
  constexpr ByteCount k_plenty{1'000'000'000'000};
  EXPECT_EQ(library.choose_default(k_plenty).error().kind, ErrorKind::model);
  write(folder / "starter.gguf", 900);
  EXPECT_EQ(library.choose_default(k_plenty)->name, "starter");
  write(folder / "small.gguf", 10);
  write(folder / "middle.gguf", 500);
  write(folder / "partial-00001-of-00002.gguf", 800);
  EXPECT_EQ(library.choose_default(k_plenty)->name, "middle");
  EXPECT_EQ(library.choose_default(ByteCount(600'000'499))->name, "small");
  const base::Path middle = library.find("middle", folder.path())->path;
  EXPECT_EQ(library.choose_default(ByteCount(0), {middle})->name, "middle") << "it has its memory already";
  EXPECT_EQ(library.choose_default(k_plenty, {library.find("small", folder.path())->path})->name, "middle");
  EXPECT_EQ(library.choose_default(ByteCount(0))->name, "small");  // the engine says what is missing, in numbers
}

}  // namespace
}  // namespace oc::tasks
