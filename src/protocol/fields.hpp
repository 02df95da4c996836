// SPDX-License-Identifier: Apache-2.0
// Reading fields of a JSON object with errors that name them. Throws FieldError; codec.cpp turns it into an Error.
// Included by this folder's .cpp files only.
#pragma once

#include <stdexcept>
#include <string>

#include "protocol/words.hpp"

namespace oc::protocol {

struct FieldError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Json is nlohmann::json; a template so that the library stays out of headers.
template <class Json>
const Json* find_field(const Json& object, const char* name) {
  const auto it = object.find(name);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

template <class Json>
std::string text_field(const Json& object, const char* name, std::string fallback = {}) {
  const Json* field = find_field(object, name);
  if (field == nullptr) return fallback;
  if (!field->is_string()) throw FieldError(std::string("field '") + name + "' is not a text");
  return field->template get<std::string>();
}

template <class Number, class Json>
Number number_field(const Json& object, const char* name, Number fallback = {}) {
  const Json* field = find_field(object, name);
  if (field == nullptr) return fallback;
  if (!field->is_number()) throw FieldError(std::string("field '") + name + "' is not a number");
  if constexpr (std::is_integral_v<Number>)
    if (!field->is_number_integer()) throw FieldError(std::string("field '") + name + "' is not a whole number");
  return field->template get<Number>();
}

template <class Json>
bool flag_field(const Json& object, const char* name) {
  const Json* field = find_field(object, name);
  if (field == nullptr) return false;
  if (!field->is_boolean()) throw FieldError(std::string("field '") + name + "' is not true or false");
  return field->template get<bool>();
}

template <class Json>
const Json& list_field(const Json& object, const char* name) {
  static const Json empty = Json::array();
  const Json* field = find_field(object, name);
  if (field == nullptr) return empty;
  if (!field->is_array()) throw FieldError(std::string("field '") + name + "' is not a list");
  return *field;
}

template <class Json>
const Json& object_field(const Json& object, const char* name) {
  static const Json empty = Json::object();
  const Json* field = find_field(object, name);
  if (field == nullptr) return empty;
  if (!field->is_object()) throw FieldError(std::string("field '") + name + "' is not an object");
  return *field;
}

template <class Enum, std::size_t n, class Json>
Enum word_field(const Json& object, const char* name, const Words<Enum, n>& words, Enum fallback) {
  if (find_field(object, name) == nullptr) return fallback;
  const std::string word = text_field(object, name);
  const auto value = value_of(words, word);
  if (!value) throw FieldError(std::string("field '") + name + "' has the unknown value '" + word + "'");
  return *value;
}

}  // namespace oc::protocol
