// NumPy's arrays (.npy): a header that is a Python dict as text, then the numbers.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace scrawl {

bool is_npy(std::span<const std::byte> bytes);

/// An array of (n, 28, 28), (n, 784), (n, 28, 28, 1) or (n, 1, 28, 28) as bytes from 0 to 255:
/// values of which none is above 1 are shares of 255. Throws Error, beginning with `name`, for all
/// else; nothing that a file holds is ever executed.
std::vector<std::uint8_t> images_of_npy(std::span<const std::byte> bytes, const std::string& name);

/// An array of (n) or (n, 1) digits. Throws as images_of_npy.
std::vector<std::uint8_t> labels_of_npy(std::span<const std::byte> bytes, const std::string& name);

}  // namespace scrawl
