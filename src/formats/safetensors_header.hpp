// The JSON header of a safetensors file. It is read event by event, and its limits are checked on
// the way: a tree of the largest header would take some 300 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/number_types.hpp"

namespace scrawl {

/// What the header says of one tensor. Where its data lie is relative to the end of the header.
struct TensorEntry {
  std::string name;
  NumberType type = NumberType::f32;
  std::vector<std::size_t> shape;
  std::size_t count = 1;  ///< of numbers
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  ///< in the header's order
  std::map<std::string, std::string> metadata;
};

/// Throws Error, without the file's name, for what is no such header: doubled keys (which would
/// hide one of two tensors), deep nesting, other types, and more tensors, dimensions or metadata
/// than any file has a use for.
SafetensorsHeader parse_safetensors_header(std::string_view text);

}  // namespace scrawl
