// SPDX-License-Identifier: Apache-2.0
#include "context/trace_pieces.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace oc::context {
namespace {

using ::testing::HasSubstr;

constexpr base::ByteCount k_limit{100000};

std::string lines(int count) {
  std::string text;
  for (int n = 1; n <= count; ++n) text += fmt::format("line {}\n", n);
  return text;
}

class TracePiecesTest : public ::testing::Test {
 protected:
  TracePieces load(std::vector<Frame> frames, Trace::Kind kind = Trace::Kind::python,
                   const std::vector<SourceFile>& named = {}) {
    Trace trace;
    trace.kind = kind;
    trace.frames = std::move(frames);
    auto loaded = load_trace_pieces(trace, workspace_, named, k_limit);
    EXPECT_TRUE(loaded);
    return loaded ? std::move(*loaded) : TracePieces{};
  }
  Frame frame(const std::string& path, int line, const std::string& function = {}) {
    return {path, line, 0, function, {}};
  }
  SourceFile named(const base::Path& path) { return *load_source_file(path, workspace_, k_limit); }

  TemporaryFolder folder_;
  base::Path workspace_ = [this] {
    std::filesystem::create_directories(folder_.path() / "work");
    return folder_.path() / "work";
  }();
};

TEST_F(TracePiecesTest, TwelveLinesOnEitherSide) {
  folder_.write("work/src/a.py", lines(100));
  const TracePieces result = load({frame("src/a.py", 50), frame("src/a.py", 3), frame("./src/../src/a.py", 100)});
  ASSERT_EQ(result.pieces.size(), 3u);
  EXPECT_EQ(result.pieces[0].path, "src/a.py");
  EXPECT_EQ(result.pieces[0].lines, (base::LineRange{base::LineNumber(38), base::LineNumber(62)}));
  EXPECT_TRUE(result.pieces[0].text.starts_with("line 38\n"));
  EXPECT_TRUE(result.pieces[0].text.ends_with("line 62\n"));
  EXPECT_EQ(result.pieces[0].reason, "line 50, named by the trace");
  EXPECT_EQ(result.pieces[0].need, Need::optional);
  EXPECT_EQ(result.pieces[1].lines, (base::LineRange{base::LineNumber(1), base::LineNumber(15)}));
  EXPECT_EQ(result.pieces[2].lines, (base::LineRange{base::LineNumber(88), base::LineNumber(100)}));
  EXPECT_TRUE(result.skipped.empty());
}

TEST_F(TracePiecesTest, AbsolutePathsInside) {
  const base::Path file = folder_.write("work/a.py", lines(3));
  const TracePieces result = load({frame(base::to_utf8(file), 2)});
  ASSERT_EQ(result.pieces.size(), 1u);
  EXPECT_EQ(result.pieces[0].path, "a.py");
}

TEST_F(TracePiecesTest, OutsideIsNeverRead) {
  const base::Path outside = folder_.write("other/b.py", lines(3));
  const TracePieces result = load({frame(base::to_utf8(outside), 1), frame("../other/b.py", 1), frame("/etc/passwd", 1),
                                   frame("src/../../other/b.py", 1)});
  EXPECT_TRUE(result.pieces.empty());
  ASSERT_EQ(result.skipped.size(), 4u);
  for (const SkippedFrame& skipped : result.skipped) EXPECT_EQ(skipped.reason, "outside the workspace");
}

TEST_F(TracePiecesTest, LinksOutOfTheWorkspaceAreNotFollowed) {
  folder_.write("other/b.py", lines(3));
  folder_.write("work/real.py", lines(3));
  std::error_code code;
  std::filesystem::create_directory_symlink(folder_.path() / "other", workspace_ / "link", code);
  std::filesystem::create_symlink(workspace_ / "real.py", workspace_ / "alias.py", code);
  if (code) GTEST_SKIP() << "this system does not let us make symbolic links";
  const TracePieces result = load({frame("link/b.py", 1), frame("alias.py", 1)});
  ASSERT_EQ(result.skipped.size(), 1u);
  EXPECT_EQ(result.skipped[0].reason, "a link that leads out of the workspace");
  ASSERT_EQ(result.pieces.size(), 1u);
  EXPECT_EQ(result.pieces[0].path, "real.py");
}

TEST_F(TracePiecesTest, AWorkspaceThatIsItselfALink) {
  folder_.write("work/a.py", lines(3));
  std::error_code code;
  std::filesystem::create_directory_symlink(workspace_, folder_.path() / "alias", code);
  if (code) GTEST_SKIP() << "this system does not let us make symbolic links";
  workspace_ = folder_.path() / "alias";
  const TracePieces result =
      load({frame(base::to_utf8(workspace_ / "a.py"), 1), frame(base::to_utf8(folder_.path() / "work/a.py"), 2)});
  EXPECT_EQ(result.pieces.size(), 2u);
}

TEST_F(TracePiecesTest, WhatMayNotBeShownIsSkipped) {
  folder_.write("work/.env", "SECRET=1\n");
  folder_.write("work/a.bin.py", std::string("a\0b", 3));
  folder_.write("work/short.py", "one\n");
  std::filesystem::create_directories(workspace_ / "folder.py");
  const TracePieces result = load({frame(".env", 1), frame("a.bin.py", 1), frame("short.py", 2), frame("gone.py", 1),
                                   frame("folder.py", 1), frame(std::string(5000, 'x'), 1), frame("<stdin>", 1)});
  EXPECT_TRUE(result.pieces.empty());
  ASSERT_EQ(result.skipped.size(), 7u);
  EXPECT_THAT(result.skipped[0].reason, HasSubstr("secrets"));
  EXPECT_THAT(result.skipped[1].reason, HasSubstr("binary"));
  EXPECT_EQ(result.skipped[2].reason, "the file has 1 line");
  EXPECT_EQ(result.skipped[3].reason, "no such file in the workspace");
}

TEST_F(TracePiecesTest, NotesOfTheFilesAreHandedOn) {
  folder_.write("work/a.py", "caf\xE9\n");
  const TracePieces result = load({frame("a.py", 1), frame("./a.py", 1)});
  EXPECT_EQ(result.pieces.size(), 2u);
  EXPECT_EQ(result.notes.size(), 1u);
}

TEST_F(TracePiecesTest, NamedFilesMatchByTheEndOfTheirPath) {
  const SourceFile file = named(folder_.write("work/deep/src/main.py", lines(30)));
  const TracePieces bare = load({frame("main.py", 4), frame("src/main.py", 4)}, Trace::Kind::python, {file});
  ASSERT_EQ(bare.pieces.size(), 2u);
  EXPECT_EQ(bare.pieces[0].path, "deep/src/main.py");
  const TracePieces windows = load({frame("src\\main.py", 4)}, Trace::Kind::msvc, {file});
  EXPECT_EQ(windows.pieces.size(), 1u);
}

TEST_F(TracePiecesTest, ANamedFileOutsideIsTheUsersOwnChoice) {
  const SourceFile file = named(folder_.write("other/main.py", lines(30)));
  const TracePieces result = load({frame(base::to_utf8(file.path), 4)}, Trace::Kind::python, {file});
  ASSERT_EQ(result.pieces.size(), 1u);
}

TEST_F(TracePiecesTest, AFileOfTheWorkspaceIsNotMistakenForANamedOne) {
  const SourceFile file = named(folder_.write("work/util.py", lines(30)));
  folder_.write("work/pkg/util.py", "other\n");
  const TracePieces result = load({frame("pkg/util.py", 1)}, Trace::Kind::python, {file});
  ASSERT_EQ(result.pieces.size(), 1u);
  EXPECT_EQ(result.pieces[0].path, "pkg/util.py");
}

TEST_F(TracePiecesTest, JavasBareNames) {
  const SourceFile one = named(folder_.write("work/src/main/java/com/a/Main.java", lines(30)));
  const SourceFile two = named(folder_.write("work/src/main/java/com/b/Main.java", lines(30)));
  folder_.write("work/src/main/java/com/b/Other.java", lines(30));
  const TracePieces result =
      load({frame("Main.java", 4, "com.b.Main.run"), frame("Other.java", 2, "app//com.b.Other$1.go"),
            frame("Main.java", 5, "org.Main.run")},
           Trace::Kind::java, {one, two});
  ASSERT_EQ(result.pieces.size(), 2u);
  EXPECT_EQ(result.pieces[0].path, "src/main/java/com/b/Main.java");
  EXPECT_EQ(result.pieces[1].path, "src/main/java/com/b/Other.java");
  ASSERT_EQ(result.skipped.size(), 1u);
  EXPECT_EQ(result.skipped[0].reason, "more than one of the named files is called so");
  const TracePieces alone = load({frame("Main.java", 5, "org.Main.run")}, Trace::Kind::java, {one});
  EXPECT_EQ(alone.pieces.size(), 1u);
}

TEST_F(TracePiecesTest, DependenciesComeLast) {
  folder_.write("work/node_modules/x/a.js", lines(3));
  folder_.write("work/b.js", lines(3));
  const TracePieces result = load({frame("node_modules/x/a.js", 1), frame("b.js", 1)}, Trace::Kind::node);
  ASSERT_EQ(result.pieces.size(), 2u);
  EXPECT_EQ(result.pieces[0].path, "b.js");
}

TEST_F(TracePiecesTest, NoWorkspaceIsAnError) {
  const auto result = load_trace_pieces({}, workspace_ / "none", {}, k_limit);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, base::ErrorKind::io);
}

TEST_F(TracePiecesTest, FewFilesAreHeldInMemory) {
  std::vector<Frame> frames;
  for (int n = 0; n < 60; ++n) {
    folder_.write(fmt::format("work/f{}.py", n), lines(3));
    frames.push_back(frame(fmt::format("f{}.py", n), 1));
  }
  const TracePieces result = load(std::move(frames));
  EXPECT_EQ(result.pieces.size(), 32u);
  EXPECT_EQ(result.skipped.size(), 28u);
}

}  // namespace
}  // namespace oc::context
