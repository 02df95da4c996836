// SPDX-License-Identifier: Apache-2.0
#include "context/source_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace oc::context {
namespace {

using base::ByteCount;
using base::ErrorKind;
using ::testing::HasSubstr;

constexpr ByteCount k_limit{1000};

class SourceFileTest : public ::testing::Test {
 protected:
  base::Result<SourceFile> load(const std::string& name, const std::string& bytes) {
    return load_source_file(folder_.write(name, bytes), folder_.path(), k_limit);
  }
  TemporaryFolder folder_;
};

TEST_F(SourceFileTest, PlainText) {
  const auto file = load("src/a.py", "x = 1\ny = 'ż'\n");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->shown_path, "src/a.py");
  EXPECT_EQ(file->text, "x = 1\ny = 'ż'\n");
  EXPECT_EQ(file->bytes, file->text);
  EXPECT_EQ(file->line_end, base::LineEnd::lf);
  EXPECT_EQ(file->encoding, Encoding::utf8);
  EXPECT_EQ(file->byte_order_mark, ByteOrderMark::absent);
  EXPECT_TRUE(file->notes.empty());
}

TEST_F(SourceFileTest, EmptyFileIsFine) {
  const auto file = load("empty.py", "");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->text, "");
  EXPECT_EQ(count_lines(file->text), 0);
}

TEST_F(SourceFileTest, CrlfAndByteOrderMark) {
  const auto file = load("a.cs", "\xEF\xBB\xBFone\r\ntwo\r\n");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->text, "one\ntwo\n");
  EXPECT_EQ(file->bytes, "\xEF\xBB\xBFone\r\ntwo\r\n");
  EXPECT_EQ(file->line_end, base::LineEnd::crlf);
  EXPECT_EQ(file->byte_order_mark, ByteOrderMark::present);
}

TEST_F(SourceFileTest, NotUtf8IsLoadedAndSaysSo) {
  const auto file = load("latin.c", "int a;\r\n// caf\xE9\r\n// \xFF\r\n");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->text, "int a;\n// caf\xEF\xBF\xBD\n// \xEF\xBF\xBD\n");
  EXPECT_EQ(file->encoding, Encoding::repaired);
  ASSERT_EQ(file->notes.size(), 1u);
  EXPECT_THAT(file->notes[0], HasSubstr("'latin.c' is not UTF-8 (first at line 2)"));
}

TEST_F(SourceFileTest, BinaryIsRefused) {
  for (const std::string& bytes : {std::string("\x7F"
                                               "ELF\0\1",
                                               6),
                                   std::string(500, 'a') + std::string(1, '\0')}) {
    const auto file = load("a.out", bytes);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, ErrorKind::usage);
    EXPECT_THAT(file.error().message, HasSubstr("looks binary"));
  }
  const auto wide = load("a.txt", std::string("\xFF\xFEh\0i\0", 6));
  ASSERT_FALSE(wide);
  EXPECT_THAT(wide.error().message, HasSubstr("UTF-16"));
}

TEST_F(SourceFileTest, TooLargeNamesBothSizes) {
  const auto file = load("big.py", std::string(1001, 'x'));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::too_large);
  EXPECT_THAT(file.error().message, HasSubstr("1.00 kB"));
  EXPECT_TRUE(load("fits.py", std::string(1000, 'x')));
}

TEST_F(SourceFileTest, MissingAndFoldersAreInputErrors) {
  EXPECT_EQ(load_source_file(folder_.path() / "none.py", folder_.path(), k_limit).error().kind, ErrorKind::io);
  EXPECT_EQ(load_source_file(folder_.path(), folder_.path(), k_limit).error().kind, ErrorKind::io);
}

TEST_F(SourceFileTest, SecretsAreNeverRead) {
  for (const char* name : {".env", ".env.local", ".ENV", "prod.env", "server.pem", "tls.KEY", "id_rsa", "id_ed25519",
                           "credentials", "credentials.json", "credentials.csv", ".netrc", ".npmrc"}) {
    const auto file = load(name, "SECRET=hunter2\n");
    ASSERT_FALSE(file) << name;
    EXPECT_EQ(file.error().kind, ErrorKind::denied) << name;
    EXPECT_THAT(file.error().message, ::testing::Not(HasSubstr("hunter2")));
    EXPECT_FALSE(file.error().hint.empty());
  }
}

TEST_F(SourceFileTest, ALinkToASecretIsASecret) {
  const base::Path secret = folder_.write(".env", "SECRET=hunter2\n");
  std::error_code code;
  std::filesystem::create_symlink(secret, folder_.path() / "notes.txt", code);
  if (code) GTEST_SKIP() << "this system does not let us make symbolic links";
  EXPECT_EQ(load_source_file(folder_.path() / "notes.txt", folder_.path(), k_limit).error().kind, ErrorKind::denied);
}

TEST(SecretNames, WhatIsMadeToBeReadIsNotASecret) {
  for (const char* name : {"id_rsa.pub", ".env.example", "env.py", "environment.ts", "credentials.py", "keyboard.c",
                           "main.py", "key", "pem.go", "src/.env/notes.md"})
    EXPECT_FALSE(is_secret_name(name)) << name;
}

TEST(ShownPath, RelativeInsideAbsoluteOutside) {
  EXPECT_EQ(shown_path_of("/w/src/a.py", "/w"), "src/a.py");
  EXPECT_EQ(shown_path_of("/w/./src/../b.py", "/w/"), "b.py");
  EXPECT_EQ(shown_path_of("/other/a.py", "/w"), "/other/a.py");
  EXPECT_EQ(shown_path_of("/w/a\nb\x1b[2J.py", "/w"), "a?b?[2J.py");
  EXPECT_EQ(shown_path_of("/w/\xFF.py", "/w"), "\xEF\xBF\xBD.py");
}

TEST(CountLines, LastLineWithoutNewlineCounts) {
  EXPECT_EQ(count_lines(""), 0);
  EXPECT_EQ(count_lines("a"), 1);
  EXPECT_EQ(count_lines("a\n"), 1);
  EXPECT_EQ(count_lines("a\n\nb"), 3);
}

}  // namespace
}  // namespace oc::context
