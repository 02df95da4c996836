// SPDX-License-Identifier: Apache-2.0
#include "language_server/file_uri.hpp"

#include <gtest/gtest.h>

#include <string>

namespace oc::language_server {
namespace {

constexpr auto k_posix = PathStyle::posix;
constexpr auto k_windows = PathStyle::windows;

TEST(FileUri, EncodesAllThatIsNoPlainName) {
  EXPECT_EQ(uri_of_path("/home/ann/a.py", k_posix), "file:///home/ann/a.py");
  EXPECT_EQ(uri_of_path("/a b/ä#?%:\\.c", k_posix), "file:///a%20b/%C3%A4%23%3F%25%3A%5C.c");
  EXPECT_EQ(uri_of_path("C:\\a b\\c.py", k_windows), "file:///C:/a%20b/c.py");
  EXPECT_EQ(uri_of_path("\\\\box\\share\\c.py", k_windows), "file://box/share/c.py");
}

TEST(FileUri, GoesThereAndBack) {
  for (const std::string path : {"/", "/a", "/a b/ä#?%:\\.c", "/x/\xFF\x01.c"})
    EXPECT_EQ(path_of_uri(uri_of_path(path, k_posix), k_posix), path);
  for (const std::string path : {"C:/a b/c.py", "//box/share/c.py", "C:/ä/100%.c"})
    EXPECT_EQ(path_of_uri(uri_of_path(path, k_windows), k_windows), path);
}

TEST(FileUri, ReadsWhatOthersWrite) {
  EXPECT_EQ(path_of_uri("FILE:///a/%c3%A4", k_posix), "/a/ä");
  EXPECT_EQ(path_of_uri("file:/a", k_posix), "/a");
  EXPECT_EQ(path_of_uri("file://localhost/a", k_posix), "/a");
  EXPECT_EQ(path_of_uri("file:///c%3A/x", k_windows), "C:/x");
  EXPECT_EQ(path_of_uri("file:///c:/x", k_windows), "C:/x");
  EXPECT_EQ(path_of_uri("file:///C:%5Cx", k_windows), "C:/x");
}

TEST(FileUri, AllElseIsNoFile) {
  for (const std::string uri : {"", "file:", "file://", "http://a/b", "untitled:a", "a.py", "file:a", "file://box/a",
                                "file:///a?b", "file:///a#b", "file:///%", "file:///%4", "file:///%zz", "file:///%00"})
    EXPECT_EQ(path_of_uri(uri, k_posix), std::nullopt) << uri;
  EXPECT_EQ(path_of_uri("file:///a", k_windows), std::nullopt);
  EXPECT_EQ(path_of_uri("file:///", k_windows), std::nullopt);
}

}  // namespace
}  // namespace oc::language_server
