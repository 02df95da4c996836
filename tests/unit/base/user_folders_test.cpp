// SPDX-License-Identifier: Apache-2.0
#include "base/user_folders.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "unit/base/scratch_folder.hpp"

namespace oc::base {
namespace {

using testing::ScratchFolder;

// Sets variables for one test; an empty value removes the variable.
class Environment {
 public:
  void set(const std::string& name, const std::string& value) {
    if (!before_.contains(name)) before_[name] = environment_variable(name.c_str()).value_or("");
    put(name, value);
  }
  Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    for (const auto& [name, value] : before_) put(name, value);
  }

 private:
  static void put(const std::string& name, const std::string& value) {
#ifdef _WIN32
    const std::u8string pair(reinterpret_cast<const char8_t*>((name + "=" + value).c_str()));
    ::_wputenv(Path(pair).c_str());
#else
    if (value.empty()) ::unsetenv(name.c_str());
    else ::setenv(name.c_str(), value.c_str(), 1);
#endif
  }
  std::map<std::string, std::string> before_;
};

TEST(EnvironmentVariable, UnsetAndEmptyAreTheSame) {
  Environment environment;
  environment.set("OC_TEST_VARIABLE", "");
  EXPECT_EQ(environment_variable("OC_TEST_VARIABLE"), std::nullopt);
  environment.set("OC_TEST_VARIABLE", "ż日😀");
  EXPECT_EQ(environment_variable("OC_TEST_VARIABLE"), "ż日😀");
  const std::string longer(2000, 'x');
  environment.set("OC_TEST_VARIABLE", longer);
  EXPECT_EQ(environment_variable("OC_TEST_VARIABLE"), longer);
}

TEST(UserFolders, OneVariableMovesThemAll) {
  const ScratchFolder folder;
  Environment environment;
  environment.set("OFFLINE_CODER_HOME", to_utf8(folder.path()));
  const auto folders = find_user_folders();
  ASSERT_TRUE(folders);
  for (const Path& path : {folders->config, folders->data, folders->state, folders->cache, folders->runtime}) {
    EXPECT_TRUE(is_inside(path, folder.path())) << display(path);
    EXPECT_NE(path, folder.path());
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST(UserFolders, ARelativeHomeIsMadeAbsolute) {
  Environment environment;
  environment.set("OFFLINE_CODER_HOME", "portable");
  const auto folders = find_user_folders();
  ASSERT_TRUE(folders);
  EXPECT_TRUE(is_inside(folders->data, std::filesystem::current_path() / "portable"));
}

#ifdef _WIN32

TEST(UserFolders, FollowTheProfile) {
  Environment environment;
  environment.set("OFFLINE_CODER_HOME", "");
  environment.set("APPDATA", "C:\\r");
  environment.set("LOCALAPPDATA", "C:\\l");
  const auto folders = find_user_folders().value();
  EXPECT_EQ(folders.config, Path("C:\\r\\offline-coder"));
  EXPECT_EQ(folders.data, Path("C:\\l\\offline-coder"));
  EXPECT_EQ(folders.state, Path("C:\\l\\offline-coder\\state"));
  EXPECT_EQ(folders.cache, Path("C:\\l\\offline-coder\\cache"));
  environment.set("APPDATA", "");
  environment.set("USERPROFILE", "C:\\u");
  EXPECT_EQ(find_user_folders().value().config, Path("C:\\u\\AppData\\Roaming\\offline-coder"));
  environment.set("USERPROFILE", "");
  const auto none = find_user_folders();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::configuration);
}

#else

TEST(UserFolders, FollowTheXdgRules) {
  Environment environment;
  environment.set("OFFLINE_CODER_HOME", "");
  environment.set("HOME", "/home/x");
  environment.set("XDG_CONFIG_HOME", "");
  environment.set("XDG_DATA_HOME", "/data");
  environment.set("XDG_STATE_HOME", "relative/is/ignored");
  environment.set("XDG_CACHE_HOME", "/cache");
  environment.set("XDG_RUNTIME_DIR", "/run/user/7");
  const auto folders = find_user_folders().value();
  EXPECT_EQ(folders.config, Path("/home/x/.config/offline-coder"));
  EXPECT_EQ(folders.data, Path("/data/offline-coder"));
  EXPECT_EQ(folders.state, Path("/home/x/.local/state/offline-coder"));
  EXPECT_EQ(folders.cache, Path("/cache/offline-coder"));
  EXPECT_EQ(folders.runtime, Path("/run/user/7/offline-coder"));
  environment.set("XDG_RUNTIME_DIR", "");
  environment.set("TMPDIR", "/tmp");
  EXPECT_TRUE(find_user_folders().value().runtime.string().starts_with("/tmp/offline-coder-"));
}

#endif

}  // namespace
}  // namespace oc::base
