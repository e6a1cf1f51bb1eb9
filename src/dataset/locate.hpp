// Where a data set's files are.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <scrawl/dataset.hpp>

namespace scrawl {

/// The two files of a part.
enum class Content { images, labels };

/// MNIST's name for a file, e.g. train-images-idx3-ubyte.
std::string idx_name(Part part, Content content);

/// Whether there is anything by that name, which may not even be looked at.
bool is_there(const std::filesystem::path& file);

/// Where MNIST's files may be in its folder: torchvision has made the two others.
inline constexpr std::array<std::string_view, 3> mnist_places{"", "raw", "MNIST/raw"};

/// The file `name` in one of the `places` in `folder`, plain or with .gz, with a dash or a dot
/// before idx. What is there but may not be looked at counts as found, so that opening it tells
/// why. Empty when there is none.
std::filesystem::path locate(const std::filesystem::path& folder, std::string_view name,
                             std::span<const std::string_view> places = mnist_places);

}  // namespace scrawl
