// Several NumPy arrays in a zip archive (.npz), of which one has images and another labels; Keras'
// mnist.npz has those of both parts.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "dataset/images.hpp"

namespace scrawl {

/// The arrays of a part, or of a whole that has none. Throws Error, beginning with `name`.
Images images_of_npz(std::span<const std::byte> bytes, const std::string& name, Part part);

/// The labels of an archive that has no images.
std::vector<std::uint8_t> labels_of_npz(std::span<const std::byte> bytes, const std::string& name,
                                        Part part);

/// Whether there are images of both parts.
bool npz_is_split(std::span<const std::byte> bytes, const std::string& name);

}  // namespace scrawl
