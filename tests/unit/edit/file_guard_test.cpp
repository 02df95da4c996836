// SPDX-License-Identifier: Apache-2.0
#include "edit/file_guard.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

#ifndef _WIN32
#include <sys/stat.h>
#endif

namespace oc::edit {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Path;

class FileGuard : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::weakly_canonical(fs::temp_directory_path()) / fmt::format("oc-guard-{}", base::current_process_id());
    fs::remove_all(root_);
    workspace_ = root_ / "workspace";
    fs::create_directories(workspace_ / "src");
    write(workspace_ / "src/app.py");
    write(root_ / "outside.py");
  }
  void TearDown() override { fs::remove_all(root_); }

  static void write(const Path& path) { ASSERT_TRUE(base::replace_file(path, "x = 1\n")); }

  // "" when it may be changed, else the reason.
  std::string reason(const Path& path, const std::vector<Path>& permitted = {}) const {
    const auto checked = check_may_change(path, {workspace_, permitted});
    if (checked) return "";
    EXPECT_TRUE(checked.error().kind == ErrorKind::denied || checked.error().kind == ErrorKind::io) << path;
    return checked.error().message;
  }
  std::string reason_of(const std::string& name) const { return reason(workspace_ / base::path_from_utf8(name)); }

  Path root_;
  Path workspace_;
};

TEST_F(FileGuard, OrdinaryFilesMayBeChanged) {
  for (const char* name : {"src/app.py",
                           "new.py",
                           "src/deep/er/new.py",
                           "Makefile",
                           "package.json",
                           ".gitignore",
                           ".editorconfig",
                           "a b.py",
                           "über.py",
                           "src/git.py",
                           "src/.hidden/x.py",
                           "git/hooks.py",
                           "src/jenkins.py",
                           ".clang-format",
                           "CMakeLists.txt",
                           "pages/[id].tsx",
                           "src/a~b.py",
                           "backup~",
                           "x.git",
                           "docs/.github.md",
                           "src/main.rs",
                           "~x.py",
                           "vscode/tasks.json",
                           "Dockerfile",
                           "build.rs",
                           "profile",
                           "\xF0\x9F\x98\x80.py"})
    EXPECT_EQ(reason_of(name), "") << name;
}

TEST_F(FileGuard, FilesThatRunByThemselves) {
  for (const char* name : {".git/config",
                           ".git/hooks/pre-commit",
                           ".GIT/config",
                           ".Git/HEAD",
                           ".git./config",
                           ".git /config",
                           ".git. . /config",
                           ".git::$INDEX_ALLOCATION/config",
                           ".git:x",
                           "GIT~1/config",
                           "git~2/config",
                           "GITATT~1.TXT",
                           "src/.git/config",
                           "sub/mod/.git/hooks/x",
                           ".hg/hgrc",
                           ".svn/x",
                           ".jj/x",
                           ".vscode/tasks.json",
                           ".VSCode/settings.json",
                           ".idea/x.xml",
                           ".github/workflows/ci.yml",
                           ".GitHub/workflows/new.yml",
                           ".gitlab-ci.yml",
                           ".GITLAB-CI.YML",
                           ".circleci/config.yml",
                           ".husky/pre-commit",
                           ".githooks/pre-push",
                           ".devcontainer/devcontainer.json",
                           ".devcontainer.json",
                           ".envrc",
                           "src/.envrc",
                           ".ENVRC",
                           ".envrc.",
                           ".gitmodules",
                           ".gitattributes",
                           "Jenkinsfile",
                           "jenkinsfile",
                           "azure-pipelines.yml",
                           ".travis.yml",
                           ".pre-commit-config.yaml",
                           "lefthook.yml",
                           ".npmrc",
                           ".yarnrc.yml",
                           ".pnp.cjs",
                           ".cargo/config.toml",
                           ".mvn/extensions.xml",
                           ".ssh/authorized_keys",
                           ".offline-coder/config.yaml",
                           ".bashrc",
                           ".profile",
                           ".vimrc",
                           ".exrc",
                           ".nvim.lua",
                           ".dir-locals.el",
                           ".gdbinit",
                           ".mcp.json",
                           ".cursorrules",
                           ".claude/settings.json",
                           "sitecustomize.py",
                           "autorun.inf",
                           "desktop.ini",
                           ".\xC5\xBFsh/x",
                           ".hu\xC5\xBF\xE2\x84\xAAy/x",
                           ".g\xC4\xB1t/config",
                           ".bazelrc",
                           "rust-toolchain.toml",
                           "mise.toml",
                           "~/x.py"})
    EXPECT_NE(reason_of(name), "") << name;
}

TEST_F(FileGuard, NamesThatHideSomething) {
  for (const char* name :
       {".g\xE2\x80\x8Bit/config", "\xE2\x80\x8B.git/config", ".git\xEF\xBB\xBF/config", "app\xE2\x80\xAE.py",
        "a\nb.py", "a\x01.py", "a\tb.py", "a\x7F.py", "..\\..\\x.py", "src\\app.py", "\xE2\x80\x8D.py"}) {
    const Path path = workspace_ / base::path_from_utf8(name);
    EXPECT_NE(reason(path), "") << base::in_quotes(name);
#ifndef _WIN32
    EXPECT_NE(reason(path, {path}), "") << base::in_quotes(name);
#endif
  }
  const Path cut = workspace_ / base::path_from_utf8(std::string_view("src/app.py\0.txt", 15));
  EXPECT_NE(reason(cut, {cut}), "");
}

TEST_F(FileGuard, PlacesOutside) {
  for (const Path& path :
       {root_ / "outside.py", root_ / "new.py", workspace_ / "../outside.py", workspace_ / "src/../../new.py",
        Path("/etc/passwd"), Path("/"), workspace_, workspace_ / "src", workspace_ / "", workspace_ / "..",
        workspace_ / "src/..", root_ / "workspace2/x.py", workspace_ / "src/../../workspace2/x.py"})
    EXPECT_NE(reason(path), "") << path;
  EXPECT_EQ(reason(workspace_ / "src/../src/app.py"), "");
  EXPECT_EQ(reason(root_ / "outside.py", {root_ / "outside.py"}), "");
  EXPECT_NE(reason(root_ / "outside.py", {workspace_ / "outside.py"}), "");
}

TEST_F(FileGuard, FilesInPlaceOfFolders) {
  EXPECT_NE(reason(workspace_ / "src/app.py/x.py") + reason(workspace_ / std::string(300, 'x')), "");
}

#ifndef _WIN32
TEST_F(FileGuard, LinksAreNotFollowed) {
  fs::create_directories(root_ / "other");
  write(root_ / "other/x.py");
  fs::create_symlink(root_ / "outside.py", workspace_ / "out.py");
  fs::create_symlink(workspace_ / "src/app.py", workspace_ / "in.py");
  fs::create_symlink(root_ / "nowhere", workspace_ / "dangling.py");
  fs::create_directory_symlink(root_ / "other", workspace_ / "far");
  fs::create_directory_symlink(workspace_ / "src", workspace_ / "near");
  fs::create_directory_symlink(root_ / "nowhere", workspace_ / "no");
  fs::create_directory_symlink(workspace_ / "loop", workspace_ / "loop");
  for (const char* name :
       {"out.py", "in.py", "dangling.py", "far", "far/x.py", "far/new.py", "far/deep/new.py", "near/app.py",
        "near/new.py", "no/new.py", "no/deep/new.py", "loop/x.py", "src/../far/x.py"}) {
    const Path path = workspace_ / name;
    EXPECT_NE(reason(path), "") << name;
    EXPECT_NE(reason(path, {path}), "") << name << " permitted";
  }
}

TEST_F(FileGuard, TheWorkspaceMayBeReachedByALink) {
  fs::create_directory_symlink(workspace_, root_ / "link");
  const GuardOptions options{root_ / "link", {}};
  EXPECT_TRUE(check_may_change(root_ / "link/src/app.py", options));
  EXPECT_TRUE(check_may_change(root_ / "link/new/x.py", options));
  EXPECT_TRUE(check_may_change(workspace_ / "src/app.py", options));
  EXPECT_FALSE(check_may_change(root_ / "link/.git/config", options));
  EXPECT_FALSE(check_may_change(root_ / "outside.py", options));
}

TEST_F(FileGuard, FilesThatAreNotPlain) {
  fs::create_hard_link(workspace_ / "src/app.py", workspace_ / "hard.py");
  EXPECT_NE(reason_of("hard.py").find("hard links"), std::string::npos);
  EXPECT_NE(reason_of("src/app.py"), "");
  EXPECT_EQ(reason(workspace_ / "hard.py", {workspace_ / "hard.py"}), "");
  write(workspace_ / "fixed.py");
  fs::permissions(workspace_ / "fixed.py", fs::perms::owner_read);
  EXPECT_NE(reason_of("fixed.py").find("read-only"), std::string::npos);
  ASSERT_EQ(::mkfifo((workspace_ / "pipe").c_str(), 0600), 0);
  EXPECT_NE(reason_of("pipe").find("no regular file"), std::string::npos);
  EXPECT_NE(reason(workspace_ / "pipe", {workspace_ / "pipe"}), "");
  EXPECT_NE(reason(Path("/dev/null"), {Path("/dev/null")}), "");
}
#endif

TEST_F(FileGuard, AnExplicitYesCountsForThatNameAlone) {
  const Path config = workspace_ / ".git/config";
  EXPECT_EQ(reason(config, {config}), "");
  EXPECT_NE(reason(workspace_ / ".git/hooks/x", {config}), "");
}

TEST(RunsByItself, LooksAtEveryPart) {
  EXPECT_TRUE(runs_by_itself("a/.git/b"));
  EXPECT_TRUE(runs_by_itself(".envrc"));
  EXPECT_FALSE(runs_by_itself(".envrc/x.py"));
  EXPECT_FALSE(runs_by_itself("a/b.py"));
  EXPECT_FALSE(runs_by_itself(""));
}

}  // namespace
}  // namespace oc::edit
