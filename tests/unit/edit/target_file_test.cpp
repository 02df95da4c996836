// SPDX-License-Identifier: Apache-2.0
#include "edit/target_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace oc::edit {
namespace {

using base::ErrorKind;
using base::Path;

class TargetFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("oc-edit-test-{}", base::current_process_id());
    std::filesystem::create_directories(folder_);
    file_ = folder_ / "file.txt";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string content() const { return base::read_file(file_, base::ByteCount(1'000'000)).value_or("(unreadable)"); }

  Path folder_;
  Path file_;
};

TEST_F(TargetFile, NewFilesAreCreatedOnce) {
  ASSERT_TRUE(write_new(file_, "a\nb"));
  EXPECT_EQ(content(), "a\nb");
  const auto again = write_new(file_, "other");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_EQ(again.error().message, fmt::format("cannot create {}: it exists", base::display(file_)));
  EXPECT_EQ(content(), "a\nb");
}

TEST_F(TargetFile, ExistingFilesAreReplaced) {
  ASSERT_TRUE(base::create_file(file_, "a\r\nb\r\n"));
  ASSERT_TRUE(write_existing(file_, "a\r\nb\r\n", "a\nc\nb\n"));
  EXPECT_EQ(content(), "a\r\nc\r\nb\r\n");
}

TEST_F(TargetFile, AnyOtherContentIsAConflict) {
  for (const std::string now : {"", "a", "A\n", "a\nlonger\n"}) {
    ASSERT_TRUE(base::replace_file(file_, now));
    const auto written = write_existing(file_, "a\n", "new\n");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::conflict);
    EXPECT_EQ(content(), now);
  }
  std::filesystem::remove(file_);
  const auto gone = write_existing(file_, "a\n", "new\n");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::conflict);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(TargetFile, AFolderIsNoFile) {
  const auto written = write_existing(folder_, "", "new\n");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::io);
}

TEST(FormOfFile, KeepsMarkAndLineEnds) {
  const std::string mark(base::k_byte_order_mark);
  EXPECT_EQ(in_form_of(mark + "a\r\n", "a\nb\n"), mark + "a\r\nb\r\n");
  EXPECT_EQ(in_form_of("a\n", mark + "b\r\n"), "b\n");
  EXPECT_EQ(in_form_of("", "a\nb"), "a\nb");
  EXPECT_EQ(in_form_of("a", "a\n"), "a\n");
}

TEST(FormOfFile, UnchangedLinesOfAMixedFileStayAsTheyAre) {
  EXPECT_EQ(in_form_of("a\nb\r\nc\n", "a\nb\nx\nc\n"), "a\nb\r\nx\nc\n");
  EXPECT_EQ(in_form_of("a\r\nb\nc\n", "b\nx\n"), "b\nx\r\n");
}

TEST(FormOfFile, IsStableAndChangesNothingButLineEnds) {
  std::mt19937 random(1);
  const auto text = [&random](bool is_mixed) {
    std::string out = random() % 4 == 0 ? std::string(base::k_byte_order_mark) : "";
    for (std::size_t n = random() % 8; n > 0; --n) {
      out += static_cast<char>('a' + random() % 3);
      out += is_mixed && random() % 2 == 0 ? "\r\n" : "\n";
    }
    return out;
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string old_bytes = text(true), new_text = text(i % 2 == 0);
    const std::string once = in_form_of(old_bytes, new_text);
    ASSERT_EQ(in_form_of(old_bytes, once), once);
    ASSERT_EQ(in_form_of(old_bytes, old_bytes), old_bytes);
    const auto plain = [](std::string_view s) {
      return base::to_lf(s.starts_with(base::k_byte_order_mark) ? s.substr(3) : s);
    };
    ASSERT_EQ(plain(once), plain(new_text));
  }
}

}  // namespace
}  // namespace oc::edit
