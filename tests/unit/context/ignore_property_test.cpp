// SPDX-License-Identifier: Apache-2.0
// The same files as git finds, in trees, rules and indexes made at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.hpp"
#include "context/discovery.hpp"
#include "unit/context/git_workplace.hpp"
#include "unit/context/temporary_folder.hpp"

#ifndef _WIN32
#include <sys/stat.h>

namespace oc::context {
namespace {

using std::filesystem::path;

// Names that rules can confuse; not UTF-8, with spaces and with what is special in patterns.
const std::vector<std::string> k_names = {"a",   "b",           "ab",      "abc", "foo",  "bar",   "foo.o", "a.c",
                                          "A.C", "Foo",         "b.o",     "x y", "end ", "#hash", "!bang", "[x]",
                                          "a*b", "back\\slash", "caf\xE9", "-",   "z-a",  "1",     "42",    "_"};
const std::vector<std::string> k_pieces = {"a",
                                           "b",
                                           "ab",
                                           "foo",
                                           "bar",
                                           "o",
                                           "c",
                                           "x y",
                                           "Foo",
                                           "A",
                                           "*",
                                           "*",
                                           "**",
                                           "?",
                                           ".",
                                           "\\",
                                           "\\*",
                                           "\\#",
                                           "\\!",
                                           "\\[",
                                           "[ab]",
                                           "[!a]",
                                           "[^b]",
                                           "[a-z]",
                                           "[A-Z]",
                                           "[[:alpha:]]",
                                           "[[:digit:]_]",
                                           "[[:upper:]]",
                                           "[]x]",
                                           "[!]]",
                                           "[a",
                                           "[z-a]",
                                           "[[:nope:]]",
                                           "[\\]x]",
                                           "[a-]",
                                           "[--0]",
                                           "[x/y]",
                                           "***",
                                           " ",
                                           "\\ ",
                                           "caf\xE9",
                                           "#",
                                           "!",
                                           "\t",
                                           "1",
                                           "."};
const std::vector<std::string> k_plain_rules = {
    "*.o", "foo",  "/foo", "a/",   "/a/",     "foo/*",   "!foo/a", "**/b", "a/**",  "a/**/b",  "**",    "*",
    "!*/", "!*.c", "!a",   "!*.o", "/*",      "!/foo",   "*/",     "/",    "//",    "a//b",    "./a",   "../a",
    "",    "#a",   "!",    "!#a",  "foo/**/", "**/foo/", "*.[oc]", "a**",  "a**/b", "/**/foo", "**/a/*"};

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  // Below `limit`.
  std::size_t number(std::size_t limit) { return engine_() % limit; }
  bool one_in(std::size_t n) { return number(n) == 0; }
  const std::string& one_of(const std::vector<std::string>& choices) { return choices[number(choices.size())]; }

 private:
  std::mt19937 engine_;
};

std::string make_rule(Random& random) {
  if (random.one_in(3)) return random.one_of(k_plain_rules);
  std::string rule = random.one_in(4) ? "!" : "";
  if (random.one_in(4)) rule += '/';
  const std::size_t parts = 1 + random.number(3);
  for (std::size_t part = 0; part < parts; ++part) {
    if (part > 0) rule += '/';
    if (random.one_in(5)) rule += "**";
    else
      for (std::size_t pieces = 1 + random.number(3); pieces > 0; --pieces) rule += random.one_of(k_pieces);
  }
  if (random.one_in(4)) rule += '/';
  if (random.one_in(10)) rule += ' ';
  return rule;
}

std::string make_rules(Random& random) {
  std::string text = random.one_in(12) ? "\xEF\xBB\xBF" : "";
  const std::string end = random.one_in(8) ? "\r\n" : "\n";
  for (std::size_t lines = 1 + random.number(5); lines > 0; --lines) text += make_rule(random) + end;
  if (random.one_in(4)) text.resize(text.size() - end.size());
  return text;
}

void write(const path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

// One tree: folders, files of all kinds, ignore files, and an index of some of the files.
class RandomRepository {
 public:
  explicit RandomRepository(unsigned seed) : random_(seed) {
    const bool is_folded = random_.one_in(6);
    make_repository(folder_.path(), is_folded ? "\tignorecase = true\n" : "");
    fill(folder_.path(), 0);
    // Where case does not count git takes a tracked "foo" for a "Foo" beside it; no such file system has both.
    if (!is_folded) track_some();
    // Only now: git adds nothing below the top of another repository.
    for (const path& folder : folders_) add_repository_at(folder);
    if (random_.one_in(3)) write(folder_.path() / ".git" / "info" / "exclude", make_rules(random_));
    if (random_.one_in(3)) write(surroundings_.home().path() / "excludes", make_rules(random_));
    write(surroundings_.home().path() / ".gitconfig", "[core] excludesFile = ~/excludes ; mine\n");
  }

  path pick_workspace() {
    return folders_.empty() || random_.one_in(2) ? folder_.path() : folders_[random_.number(folders_.size())];
  }
  std::string rules() const { return rules_; }

 private:
  void fill(const path& folder, int depth) {
    if (random_.one_in(depth == 0 ? 1 : 3)) {
      const std::string text = make_rules(random_);
      rules_ += folder.string() + ":\n" + text + "\n";
      write(folder / ".gitignore", text);
    }
    for (std::size_t count = 1 + random_.number(7); count > 0; --count) {
      const path entry = folder / random_.one_of(k_names);
      std::error_code code;
      if (std::filesystem::exists(std::filesystem::symlink_status(entry, code))) continue;
      if (depth < 3 && random_.one_in(3)) {
        std::filesystem::create_directory(entry);
        folders_.push_back(entry);
        fill(entry, depth + 1);
      } else if (random_.one_in(15)) {
        std::filesystem::create_symlink(random_.one_in(2) ? ".." : "nowhere", entry);
        files_.push_back(entry);
      } else if (random_.one_in(25)) {
        ASSERT_EQ(::mkfifo(entry.c_str(), 0600), 0);
      } else {
        write(entry, "x");
        files_.push_back(entry);
      }
    }
  }

  void track_some() {
    std::vector<std::string> arguments = {"update-index", "--add"};
    const std::size_t fixed = arguments.size();
    if (random_.one_in(3)) arguments.insert(arguments.begin(), {"-c", "index.version=4"});
    if (!folders_.empty() && random_.one_in(4)) {
      // In a place of its own: git refuses an index in which files lie below a submodule.
      const path submodule = folders_[random_.number(folders_.size())] / "submodule";
      std::filesystem::create_directory(submodule);
      write(submodule / "inside", "x");
      arguments.insert(arguments.end(), {"--cacheinfo", "160000," + std::string(40, '1') + "," +
                                                            submodule.lexically_relative(folder_.path()).string()});
    }
    arguments.push_back("--");
    for (const path& file : files_)
      if (random_.one_in(5)) arguments.push_back(file.lexically_relative(folder_.path()).string());
    if (arguments.size() <= fixed + 1) return;
    const base::Exit exit = run_git(folder_.path(), arguments);
    ASSERT_EQ(exit.code, 0) << exit.errors;
  }

  void add_repository_at(const path& folder) {
    if (random_.one_in(12)) make_repository(folder);
    else if (random_.one_in(25)) std::filesystem::create_directory(folder / ".git");
    else if (random_.one_in(25)) add_pointer_at(folder);
    else if (random_.one_in(25)) write(folder / ".git", "gitdir: ../nowhere\n");
  }

  // As a worktree or a submodule has it.
  void add_pointer_at(const path& folder) {
    make_repository(surroundings_.home().path() / "other");
    write(folder / ".git", "gitdir: " + (surroundings_.home().path() / "other" / ".git").string() + "\n");
  }

  CleanSurroundings surroundings_;
  TemporaryFolder folder_;
  Random random_;
  std::vector<path> folders_;
  std::vector<path> files_;
  std::string rules_;
};

// What git names and there is, a folder with its '/'.
std::set<std::string> parse_listing(std::string_view output, const path& workspace) {
  std::set<std::string> found;
  while (!output.empty()) {
    std::string name(output.substr(0, output.find('\0')));
    output.remove_prefix(name.size() + 1);
    std::error_code code;
    const auto status = std::filesystem::symlink_status(workspace / name, code);
    if (!std::filesystem::exists(status)) continue;
    if (std::filesystem::is_directory(status) && !name.ends_with('/')) name += '/';
    found.insert(name);
  }
  return found;
}

std::set<std::string> listing_of(const Discovery& discovery) {
  std::set<std::string> found;
  for (const FoundFile& file : discovery.files) found.insert(file.path);
  for (const SkippedPath& skipped : discovery.skipped)
    if (skipped.reason != SkipReason::special) found.insert(skipped.path);  // git does not know those
  return found;
}

// Set to look further than a unit test may.
unsigned tree_count() {
  const char* const wanted = std::getenv("OC_IGNORE_TREES");
  constexpr unsigned usual = 80;
  return wanted == nullptr ? usual : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
}

TEST(IgnoreProperty, TheSameFilesAsGit) {
  if (!has_git()) GTEST_SKIP() << "git is not installed";
  unsigned compared = 0;
  for (unsigned seed = 1; seed <= tree_count(); ++seed) {
    RandomRepository repository(seed);
    if (testing::Test::HasFatalFailure()) return;
    const path workspace = repository.pick_workspace();
    const base::Exit git = run_git(workspace, {"ls-files", "-co", "--exclude-standard", "-z"});
    if (git.code != 0) continue;  // a folder in which git wants to do nothing
    ++compared;
    const Discovery found = discover(workspace);
    ASSERT_EQ(listing_of(found), parse_listing(git.output, workspace)) << "seed " << seed << " in " << workspace << "\n"
                                                                       << repository.rules();
    ASSERT_TRUE(std::ranges::is_sorted(found.files, {}, &FoundFile::path)) << "seed " << seed;
  }
  EXPECT_GT(compared, tree_count() * 9 / 10);
}

}  // namespace
}  // namespace oc::context

#endif
