// MNIST's four files: their names, lengths and checksums.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <scrawl/dataset.hpp>

namespace scrawl {

/// A file that is known by its content.
struct KnownFile {
  std::string_view name;
  std::size_t bytes = 0;    ///< uncompressed
  std::string_view sha256;  ///< of the uncompressed content
};

inline constexpr std::array<KnownFile, 4> mnist_files{{
    {"train-images-idx3-ubyte", 47040016,
     "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
    {"train-labels-idx1-ubyte", 60008,
     "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
    {"t10k-images-idx3-ubyte", 7840016,
     "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
    {"t10k-labels-idx1-ubyte", 10008,
     "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
}};

/// verify_mnist for any files.
std::vector<FileCheck> verify_files(const std::filesystem::path& folder,
                                    std::span<const KnownFile> files);

/// Throws Error when `bytes` are not `file`'s; `name` is what the message calls them.
void require_content(const KnownFile& file, std::span<const std::byte> bytes,
                     std::string_view name);

}  // namespace scrawl
