// A value, or why there is none: for those who would rather not catch exceptions.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <scrawl/error.hpp>
#include <scrawl/scrawl.h>

namespace scrawl {
inline namespace v0 {

/// What a function named try_... gives.
template <typename T>
class Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT: returned as what it holds
  Result(Error error) : value_(std::move(error)) {}  // NOLINT

  explicit operator bool() const { return std::holds_alternative<T>(value_); }
  /// Throws the error where there is no value.
  const T& value() const& {
    if (const Error* failed = error()) throw *failed;
    return std::get<T>(value_);
  }
  T&& value() && {
    if (const Error* failed = error()) throw *failed;
    return std::get<T>(std::move(value_));
  }
  /// Undefined where there is no value.
  const T& operator*() const { return *std::get_if<T>(&value_); }
  const T* operator->() const { return std::get_if<T>(&value_); }
  /// nullptr where there is a value.
  const Error* error() const { return std::get_if<Error>(&value_); }

 private:
  std::variant<T, Error> value_;
};

namespace detail {

inline Error to_error(const scrawl_error& error) {
  return Error(error.message, static_cast<ErrorCode>(error.status));
}

}  // namespace detail

}  // namespace v0
}  // namespace scrawl
