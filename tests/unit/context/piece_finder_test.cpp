// SPDX-License-Identifier: Apache-2.0
#include "context/piece_finder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "context/outline_text.hpp"
#include "context/request_words.hpp"
#include "workspace_fixture.hpp"

namespace oc::context {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

class PieceFinderTest : public WorkspaceTest {
 protected:
  void SetUp() override {
    WorkspaceTest::SetUp();
    write("shop/money.py", "def parse_amount(text):\n    return int(text)\n\n\ndef unused_thing():\n    pass\n");
    write("shop/cart.py",
          "from shop.money import parse_amount\n\n\nclass Cart:\n    def add_line(self, text):\n"
          "        return parse_amount(text)\n\n    def other(self):\n        pass\n");
    write("shop/report.py",
          "from shop.cart import Cart\n\n\ndef make_report():\n    cart = Cart()\n    cart.add_line('2')\n");
    write("tests/test_cart.py",
          "from shop.cart import Cart\n\n\ndef test_adds():\n    assert Cart().add_line('1') == 1\n");
    write(".env", "SECRET=parse_amount\n");
    for (int i = 0; i < 20; ++i)
      write("noise/n" + std::to_string(i) + ".py",
            "def noise_" + std::to_string(i) + "():\n    return 'weather report of today'\n");
  }

  std::vector<Piece> find(const PieceRequest& request) {
    ProjectIndex index = open();
    refresh(index);
    auto pieces = index.find_pieces(request);
    EXPECT_TRUE(pieces) << pieces.error().message;
    return pieces ? *pieces : std::vector<Piece>{};
  }
  static PieceRequest about(std::string text) { return {std::move(text), {}, base::TokenCount(1000)}; }
};

TEST_F(PieceFinderTest, ANamedSymbolComesFirstWithItsText) {
  const auto pieces = find(about("what does parse_amount do?"));
  ASSERT_FALSE(pieces.empty());
  EXPECT_EQ(pieces[0].path, "shop/money.py");
  EXPECT_EQ(pieces[0].text, "def parse_amount(text):\n    return int(text)\n");
  EXPECT_THAT(pieces[0].reason, HasSubstr("the request names parse_amount"));
  EXPECT_THAT(pieces, Contains(Field(&Piece::reason, HasSubstr("uses parse_amount"))));
}

TEST_F(PieceFinderTest, AMethodBringsWhatItUsesItsUsersAndItsTest) {
  PieceRequest request;
  request.budget = base::TokenCount(1000);
  request.focus.push_back({"shop/cart.py", base::LineRange{base::LineNumber(6), base::LineNumber(6)}});
  const auto pieces = find(request);
  const auto has = [&](const std::string& path, const std::string& reason) {
    EXPECT_THAT(pieces, Contains(testing::AllOf(Field(&Piece::path, path), Field(&Piece::reason, HasSubstr(reason)))));
  };
  has("shop/money.py", "uses parse_amount");
  has("shop/report.py", "uses");
  has("tests/test_cart.py", "a test of");
  EXPECT_THAT(pieces, Each(Field(&Piece::text, Not(HasSubstr("parse_amount(text)\n\n    def other")))));
}

TEST_F(PieceFinderTest, SecretsAndWhatTheFocusShowsAreNoPieces) {
  PieceRequest request = about("parse_amount SECRET");
  request.focus.push_back({"shop/money.py", std::nullopt});
  const auto pieces = find(request);
  EXPECT_THAT(pieces, Each(Field(&Piece::path, Not(HasSubstr(".env")))));
  EXPECT_THAT(pieces, Each(Field(&Piece::path, Not("shop/money.py"))));
}

TEST_F(PieceFinderTest, TheSameRequestGivesTheSamePieces) {
  const auto request = about("why does the cart report the wrong amount");
  EXPECT_EQ(find(request), find(request));
}

TEST_F(PieceFinderTest, AFileThatVanishedIsLeftOut) {
  ProjectIndex index = open();
  refresh(index);
  remove("shop/money.py");
  const auto pieces = index.find_pieces(about("parse_amount"));
  ASSERT_TRUE(pieces);
  EXPECT_THAT(*pieces, Each(Field(&Piece::path, Not("shop/money.py"))));
}

TEST_F(PieceFinderTest, AFileThatBecameALinkIsLeftOut) {
  ProjectIndex index = open();
  refresh(index);
  std::ofstream(root_ / "outside.py") << "def parse_amount(text):\n    return 'secret'\n";
  remove("shop/money.py");
  std::error_code code;
  std::filesystem::create_symlink(root_ / "outside.py", workspace() / "shop/money.py", code);
  if (code) GTEST_SKIP() << "no links here: " << code.message();
  const auto pieces = index.find_pieces(about("parse_amount"));
  ASSERT_TRUE(pieces);
  EXPECT_THAT(*pieces, Each(Field(&Piece::text, Not(HasSubstr("secret")))));
}

TEST_F(PieceFinderTest, ANameWithANewlineIsNotInTheMap) {
  write("bad\nname.py", "def parse_amount_badly():\n    pass\n");
  if (!std::filesystem::exists(workspace() / "bad\nname.py")) GTEST_SKIP() << "no such names here";
  write("user.py", "from shop.money import parse_amount\n\n\ndef run():\n    parse_amount_badly()\n");
  ProjectIndex index = open();
  refresh(index);
  const auto map = index.make_map({base::TokenCount(1000), "words"}, count_words);
  ASSERT_TRUE(map);
  EXPECT_THAT(map->text, Not(HasSubstr("bad")));
}

TEST_F(PieceFinderTest, TheMapFitsAndStaysWhenOnlyBodiesChange) {
  ProjectIndex index = open();
  refresh(index);
  const auto map = [&](std::int64_t budget) {
    return *index.make_map({base::TokenCount(budget), "words"}, count_words);
  };
  for (const int budget : {0, 1, 5, 12, 40, 1000}) {
    EXPECT_LE(map(budget).tokens.value, budget);
    EXPECT_LE(count_words(map(budget).text)->value, budget);
  }
  const std::string before = map(40).text;
  EXPECT_THAT(before, HasSubstr("shop/cart.py:\n  class Cart"));
  write("shop/money.py", "def parse_amount(text):\n    return int(text) + 0\n\n\ndef unused_thing():\n    pass\n");
  refresh(index);
  EXPECT_EQ(map(40).text, before);
  write("shop/money.py", "def parse_amount(text, base):\n    return int(text, base)\n");
  refresh(index);
  EXPECT_NE(map(40).text, before);
}

TEST(RequestWords, SymbolsAndPaths) {
  const RequestWords words =
      parse_request_words("Why does `load` in src/app/main.cpp call parse_url and a::b::c, see Foo.bar()?");
  EXPECT_THAT(words.paths, ElementsAre("src/app/main.cpp"));
  EXPECT_THAT(words.symbols, Contains(NamedSymbol{"load", true}));
  EXPECT_THAT(words.symbols, Contains(NamedSymbol{"parse_url", true}));
  EXPECT_THAT(words.symbols, Contains(NamedSymbol{"a::b::c", true}));
  EXPECT_THAT(words.symbols, Contains(NamedSymbol{"Foo.bar", true}));
  EXPECT_THAT(words.symbols, Contains(NamedSymbol{"call", false}));
}

TEST(OutlineText, ShowsWhatHoldsTheChosenOnes) {
  std::vector<SymbolRow> symbols(3);
  symbols[0].signature = "class A";
  symbols[1].signature = "void f()";
  symbols[1].container = 0;
  symbols[2].signature = "void g()";
  symbols[2].position = 2;
  symbols[2].container = 99;  // a damaged index
  EXPECT_EQ(outline_text(symbols, {1, 2, 7}), "class A\n  void f()\nvoid g()\n");
}

TEST(OutlineText, Kin) {
  for (const char* path : {"src/cart.hpp", "src/cart_posix.cpp", "tests/cart_test.cpp", "test_cart.py", "Cart.test.ts",
                           "CartTest.java", "a/cart_windows_test.cc"})
    EXPECT_EQ(kin_name(path), "cart") << path;
  EXPECT_EQ(kin_name("src/latest.cpp"), "latest");
  EXPECT_EQ(kin_name("web/index.js"), "");
  EXPECT_EQ(kin_name("_test"), "_test");
  EXPECT_EQ(kin_name(""), "");
}

TEST_F(PieceFinderTest, KinOfTheFocusComesFirst) {
  write("shop/tax.hpp", "int tax_of(int price);\n");
  write("shop/tax_posix.cpp", "#include \"tax.hpp\"\n\nint tax_of(int price) {\n  return price / 5;\n}\n");
  PieceRequest request = about("the weather report of today is wrong");
  request.focus.push_back({"shop/tax.hpp", std::nullopt});
  const auto pieces = find(request);
  ASSERT_FALSE(pieces.empty());
  EXPECT_EQ(pieces[0].path, "shop/tax_posix.cpp");
}

TEST(OutlineText, Tests) {
  for (const char* path :
       {"tests/a.py", "a/test_b.py", "src/foo_test.go", "web/a.test.ts", "spec/a_spec.rb", "FooTest.java"})
    EXPECT_TRUE(is_test_path(path)) << path;
  for (const char* path : {"src/a.py", "contest/a.py", "latest.cpp", "src/attest.c"})
    EXPECT_FALSE(is_test_path(path)) << path;
}

}  // namespace
}  // namespace oc::context
