// SPDX-License-Identifier: Apache-2.0
#include "syntax/language.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "base/text.hpp"

namespace oc::syntax {
namespace {

std::string id_of(const Language* language) { return language == nullptr ? "" : std::string(language->id); }
std::string id_of_file(const char* path, std::string_view first_line = {}) {
  return id_of(find_language_of_file(base::path_from_utf8(path), first_line));
}

TEST(Languages, TableIsConsistent) {
  EXPECT_GE(languages().size(), 35u);
  std::set<std::string_view> ids, extensions;
  for (const Language& language : languages()) {
    EXPECT_TRUE(ids.insert(language.id).second) << language.id;
    EXPECT_FALSE(language.display_name.empty()) << language.id;
    EXPECT_FALSE(language.fence.empty()) << language.id;
    EXPECT_EQ(language.fence.find(' '), std::string_view::npos) << language.id;
    EXPECT_EQ(find_language(language.id), &language);
    EXPECT_EQ(find_language(language.display_name), &language);
    EXPECT_EQ(find_language(language.fence), &language) << language.fence;
    std::istringstream words{std::string(language.extensions)};
    for (std::string word; words >> word;) {
      EXPECT_EQ(id_of_file(("folder/x." + word).c_str()), language.id) << word << " belongs to two languages";
      EXPECT_EQ(word.find_first_of(".ABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::string::npos) << word;
    }
    std::istringstream aliases{std::string(language.aliases)};
    for (std::string word; aliases >> word;) EXPECT_EQ(id_of(find_language(word)), language.id) << word;
    std::istringstream programs{std::string(language.interpreters)};
    for (std::string word; programs >> word;)
      EXPECT_EQ(id_of(find_language_of_shebang("#!/usr/bin/env " + word)), language.id) << word;
  }
}

TEST(LanguageOfFile, ByExtension) {
  EXPECT_EQ(id_of_file("src/app.py"), "python");
  EXPECT_EQ(id_of_file("A.JAVA"), "java");
  EXPECT_EQ(id_of_file("x.d.ts"), "typescript");
  EXPECT_EQ(id_of_file("include/a.h"), "c");
  EXPECT_EQ(id_of_file("notes.txt"), "");
  EXPECT_EQ(id_of_file("folder.py/file"), "");
}

TEST(LanguageOfFile, ByName) {
  EXPECT_EQ(id_of_file("a/CMakeLists.txt"), "cmake");
  EXPECT_EQ(id_of_file("Makefile"), "makefile");
  EXPECT_EQ(id_of_file("makefile"), "makefile");
  EXPECT_EQ(id_of_file("Dockerfile.dev"), "dockerfile");
  EXPECT_EQ(id_of_file("Makefile.py"), "python");  // what it ends with says more
  EXPECT_EQ(id_of_file(".bashrc"), "shell");
  EXPECT_EQ(id_of_file(".py"), "");  // a hidden file called "py"
  EXPECT_EQ(id_of_file(""), "");
  EXPECT_EQ(id_of_file("żółw.rs"), "rust");
}

TEST(LanguageOfFile, ByShebangWhenTheNameSaysNothing) {
  EXPECT_EQ(id_of_file("run", "#!/usr/bin/env python3\nprint()"), "python");
  EXPECT_EQ(id_of_file("run.rb", "#!/usr/bin/env python3"), "ruby");
  EXPECT_EQ(id_of_file("run", "print()"), "");
}

TEST(LanguageByName, Aliases) {
  EXPECT_EQ(id_of(find_language("py")), "python");
  EXPECT_EQ(id_of(find_language(" C++ ")), "cpp");
  EXPECT_EQ(id_of(find_language("golang")), "go");
  EXPECT_EQ(id_of(find_language("ts")), "typescript");
  EXPECT_EQ(id_of(find_language(".rs")), "rust");
  EXPECT_EQ(id_of(find_language("C#")), "csharp");
  EXPECT_EQ(find_language(""), nullptr);
  EXPECT_EQ(find_language("."), nullptr);
  EXPECT_EQ(find_language("klingon"), nullptr);
}

TEST(Shebang, Forms) {
  EXPECT_EQ(id_of(find_language_of_shebang("#!/bin/bash -e")), "shell");
  EXPECT_EQ(id_of(find_language_of_shebang("#! /usr/bin/python3.11\r\n")), "python");
  EXPECT_EQ(id_of(find_language_of_shebang("#!/usr/bin/env -S node --no-warnings")), "javascript");
  EXPECT_EQ(id_of(find_language_of_shebang("#!/usr/bin/env LANG=C perl")), "perl");
  EXPECT_EQ(id_of(find_language_of_shebang("#!/usr/bin/Rscript")), "r");
  for (const char* line : {"", "#", "#!", "#!/usr/bin/env", "#!/usr/bin/env -", "#!3.1", "# !/bin/sh"})
    EXPECT_EQ(find_language_of_shebang(line), nullptr) << line;
}

}  // namespace
}  // namespace oc::syntax
