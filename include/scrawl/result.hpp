// A value or an error, for programs that do not catch exceptions.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <scrawl/error.hpp>
#include <scrawl/scrawl.h>

namespace scrawl {
/// The C++ interface for reading: headers on top of the C interface. The namespace is inline, so
/// that its names are those of scrawl.
inline namespace v0 {

/// A value or an error, which functions named try_... return.
template <typename T>
class Result {
 public:
  /// A value.
  Result(T value) : value_(std::move(value)) {}  // NOLINT: returned as what it holds
  /// An error.
  Result(Error error) : value_(std::move(error)) {}  // NOLINT

  /// Whether there is a value.
  explicit operator bool() const { return std::holds_alternative<T>(value_); }
  /// The value. Throws the error if there is no value.
  const T& value() const& {
    if (const Error* failed = error()) throw *failed;
    return std::get<T>(value_);
  }
  /// The value, to be moved from. Throws the error if there is no value.
  T&& value() && {
    if (const Error* failed = error()) throw *failed;
    return std::get<T>(std::move(value_));
  }
  /// The value, without a check: undefined if there is no value.
  const T& operator*() const { return *std::get_if<T>(&value_); }
  /// A member of the value, without a check: undefined if there is no value.
  const T* operator->() const { return std::get_if<T>(&value_); }
  /// The error, or nullptr if there is a value.
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
