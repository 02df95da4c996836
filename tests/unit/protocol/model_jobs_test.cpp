// SPDX-License-Identifier: Apache-2.0
#include "protocol/model_jobs.hpp"

#include <gtest/gtest.h>

namespace oc::protocol {
namespace {

TEST(JobLine, ComesBackAsItWas) {
  for (const JobLine& line :
       {JobLine(JobProgress{12, 290}), JobLine(QuantizedFile{4'290'000'000}), JobLine(Speed{25.5, 6.25, 1300, 0.75}),
        JobLine(base::Error{base::ErrorKind::model, "cannot load 'a\nb'", "get it again"})}) {
    const std::string text = encode_job_line(line);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const auto back = decode_job_line(text);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, line);
  }
}

TEST(JobLine, NeedsNoUtf8) {
  const auto back = decode_job_line(encode_job_line(base::Error{base::ErrorKind::model, "\xff\xfe", ""}));
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::holds_alternative<base::Error>(*back));
}

TEST(JobLine, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "x", "[]", "{}", R"({"type":"other"})", R"({"type":"progress","done":"1"})",
                           R"({"type":"speed","load_ms":[]})", R"({"type":7})"}) {
    const auto line = decode_job_line(text);
    ASSERT_FALSE(line) << text;
    EXPECT_EQ(line.error().kind, base::ErrorKind::engine);
  }
}

TEST(QuantType, IsReadInAnyCase) {
  EXPECT_EQ(parse_quant_type("q4_k"), QuantType::q4_k);
  EXPECT_EQ(parse_quant_type("Q4-0"), QuantType::q4_0);
  for (const char* other : {"", "Q4_K_M", "q4", "Q8_0", " Q4_K"}) EXPECT_FALSE(parse_quant_type(other)) << other;
}

}  // namespace
}  // namespace oc::protocol
