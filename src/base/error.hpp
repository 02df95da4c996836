// SPDX-License-Identifier: Apache-2.0
// The one error shape of the project. Kinds answer "what can the caller do?"; src/cli/exit_code.cpp maps them to exit
// codes, nothing else does. Messages: what was attempted, on what, why not; lower case, no full stop, 'quotes' round
// user data. The hint is an action. Nothing here throws.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace oc::base {

enum class ErrorKind {
  negative,       // done, but the answer is no: a check failed, nothing to offer
  usage,          // the request is wrong: fix the command
  configuration,  // a configuration file or variable is wrong
  model,          // the model is missing or unusable
  too_large,      // does not fit the context window
  conflict,       // a file changed meanwhile
  denied,         // refused by policy or by the user
  engine,         // the engine died, did not start or broke the protocol
  io,             // the operating system said no
  internal,       // our bug
  cancelled,      // the user or the client said stop
};

// The kind's word in JSON and on the wire, e.g. "too_large".
std::string_view to_string(ErrorKind kind);
// The kind of a word; `internal` for an unknown one (a newer peer may know more kinds).
ErrorKind error_kind_from(std::string_view word);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string hint;  // what to do; may be empty

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint = {}) {
  return std::unexpected(Error{kind, std::move(message), std::move(hint)});
}

}  // namespace oc::base

#define OC_CONCAT_INNER(a, b) a##b
#define OC_CONCAT(a, b) OC_CONCAT_INNER(a, b)
// OC_TRY(auto text, read_file(path)): declares `text`, or returns the error from the enclosing function.
#define OC_TRY(declaration, ...)                                                                              \
  auto OC_CONCAT(oc_try_, __LINE__) = (__VA_ARGS__);                                                          \
  if (!OC_CONCAT(oc_try_, __LINE__)) return std::unexpected(std::move(OC_CONCAT(oc_try_, __LINE__)).error()); \
  declaration = std::move(*OC_CONCAT(oc_try_, __LINE__))
// OC_CHECK(write_file(…)): returns the error of a Result<void> (or drops the value of another).
#define OC_CHECK(...) \
  if (auto oc_check_result = (__VA_ARGS__); !oc_check_result) return std::unexpected(std::move(oc_check_result).error())
