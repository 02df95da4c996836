// SPDX-License-Identifier: Apache-2.0
#include "context/file_analysis.hpp"

#include <algorithm>
#include <bit>

#include "base/path.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "context/reference_list.hpp"
#include "context/search_terms.hpp"
#include "context/source_file.hpp"
#include "syntax/language.hpp"

namespace oc::context {
namespace {

// Data files repeat few words or hold nothing but different ones; this is enough to find them by.
constexpr std::size_t k_most_terms = 6000;
constexpr int k_most_repeats = 4;
constexpr std::size_t k_bytes_a_term = 24;  // about, of code; a guess that is too low costs little
constexpr std::size_t k_hash_digits = 32;

// A term that occurs n times stands there 1 + log2(n) times: search counts them again.
std::string join_terms(const TermCounts& counts, std::int64_t& total) {
  std::string joined;
  for (const auto& [term, count] : counts) {
    const int repeats = std::min(k_most_repeats, static_cast<int>(std::bit_width(static_cast<unsigned>(count))));
    total += repeats;
    for (int i = 0; i < repeats; ++i) {
      joined += term;
      joined += ' ';
    }
  }
  return joined;
}

std::string terms_of(std::string_view text) {
  TermCounts counts;
  count_terms(text, counts, k_most_terms);
  std::int64_t total = 0;
  return join_terms(counts, total);
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

void read_outline(const syntax::Language& language, std::string_view text, syntax::OutlineReader& reader,
                  const base::CancelToken& cancel, FileAnalysis& analysis) {
  syntax::OutlineLimits limits;
  limits.cancel = cancel;
  auto outline = reader.read(language, text, limits);
  if (!outline) return;
  analysis.references = pack_references(outline->references);
  analysis.symbols = std::move(outline->symbols);
  if (analysis.symbols.size() > k_most_symbols) analysis.symbols.resize(k_most_symbols);
  analysis.imports = std::move(outline->imports);
}

}  // namespace

std::string hash_of_contents(std::string_view bytes) { return base::sha256(bytes).substr(0, k_hash_digits); }

FileAnalysis analyse_file(std::string_view path, std::string_view bytes, syntax::OutlineReader& reader,
                          const base::CancelToken& cancel) {
  FileAnalysis analysis;
  analysis.hash = hash_of_contents(bytes);
  analysis.skipped = classify_contents(path, bytes);
  if (analysis.skipped) return analysis;
  analysis.lines = count_lines(bytes);
  const auto* language = syntax::find_language_of_file(base::path_from_utf8(path), first_line(bytes));
  if (language != nullptr) {
    analysis.language = language->id;
    read_outline(*language, bytes, reader, cancel, analysis);
  }
  TermCounts counts;
  counts.reserve(std::min(k_most_terms, bytes.size() / k_bytes_a_term));
  count_terms(bytes, counts, k_most_terms);
  analysis.body_terms = join_terms(counts, analysis.term_count);
  analysis.path_terms = terms_of(path);
  std::string names;
  for (const syntax::Symbol& symbol : analysis.symbols) names.append(symbol.name).append(" ");
  analysis.symbol_terms = terms_of(names);
  return analysis;
}

}  // namespace oc::context
