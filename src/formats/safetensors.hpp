// The safetensors format: named arrays of floats and a map of strings, in one file that Python
// opens with one call. https://huggingface.co/docs/safetensors: 8 bytes length, a JSON header, raw
// data.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

#include "formats/number_types.hpp"

namespace scrawl {

struct Safetensors {
  std::vector<Tensor> tensors;
  std::map<std::string, std::string> metadata;  ///< the header's __metadata__
};

/// The bytes of a file, F32 or F16; the data start at a multiple of 64 bytes. Throws Error for a
/// value that is too large for F16.
std::vector<std::byte> format_safetensors(const Safetensors& content,
                                          NumberType type = NumberType::f32);

/// Reads them back, tensors in the order of their data: F16, BF16, F32 and F64 as floats; integers
/// are left out. Throws Error, naming `name` and the field, for anything that is not whole and
/// consistent: lengths beyond the file, offsets that overlap or leave gaps, shapes that do not fit,
/// doubled names, other types.
Safetensors parse_safetensors(std::span<const std::byte> bytes, const std::filesystem::path& name);

}  // namespace scrawl
