// What C++ throws, as C is told it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <fmt/core.h>
#include <new>
#include <stdexcept>
#include <string_view>

#include <scrawl/error.hpp>
#include <scrawl/scrawl.h>

#include "files/excerpt.hpp"

namespace scrawl {

/// Writes as much of it as the caller's struct has room for.
inline scrawl_status fail(scrawl_error* error, scrawl_status status,
                          std::string_view message) noexcept {
  constexpr std::size_t begin = offsetof(scrawl_error, message);
  if (error == nullptr || error->size <= begin) return status;
  error->status = status;
  const std::size_t room = std::min(error->size - begin, sizeof error->message) - 1;
  const std::string_view shown = beginning(message, room);
  std::memcpy(error->message, shown.data(), shown.size());
  error->message[shown.size()] = '\0';
  return status;
}

/// Calls `body`, and says what became of it.
template <typename Body>
scrawl_status guarded(scrawl_error* error, const Body& body) noexcept {
  try {
    body();
    return SCRAWL_OK;
  } catch (const std::bad_alloc&) {
    return fail(error, SCRAWL_OUT_OF_MEMORY, "out of memory");
  } catch (const std::logic_error& wrong) {  // invalid_argument, length_error
    return fail(error, SCRAWL_INVALID_ARGUMENT, wrong.what());
  } catch (const Error& wrong) {
    return fail(error, static_cast<scrawl_status>(wrong.code()), wrong.what());
  } catch (const std::exception& wrong) {
    return fail(error, SCRAWL_INVALID_INPUT, wrong.what());
  } catch (...) {
    return fail(error, SCRAWL_INVALID_INPUT, "an unknown exception");
  }
}

template <typename T>
T& require(T* pointer, const char* name) {
  if (pointer == nullptr) throw std::invalid_argument(fmt::format("{} is NULL", name));
  return *pointer;
}

/// A struct of the caller's, which may be of an older version of scrawl or of a newer one: fields
/// that it does not have keep their defaults; those that this version does not have must be zero.
template <typename Struct>
Struct from_c(const Struct& given, Struct defaults, const char* name, const char* initializer) {
  constexpr std::size_t largest = 4096;  // what no version will have: not initialized
  const std::size_t size = given.size;
  if (size < sizeof size || size > largest)
    throw std::invalid_argument(
        fmt::format("{}.size is {}: begin with {}", name, size, initializer));
  const auto* bytes = reinterpret_cast<const std::byte*>(&given);
  std::memcpy(&defaults, bytes, std::min(size, sizeof defaults));
  if (size > sizeof defaults && std::any_of(bytes + sizeof defaults, bytes + size,
                                            [](std::byte byte) { return byte != std::byte{0}; }))
    throw std::invalid_argument(
        fmt::format("{} has fields that this version of scrawl does not know", name));
  return defaults;
}

}  // namespace scrawl
