// One picture in all formats and kinds of them, for tests of decoding.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace scrawl {

using Content = std::vector<std::byte>;

struct EncodedPicture {
  std::string kind;  ///< as "PNG, palette, interlaced"
  Content content;
};

/// HEIC and AVIF are among them where heif-enc is installed. `only`: this kind alone.
std::vector<EncodedPicture> encode_all_kinds(int width, int height, const std::string& only = "");

}  // namespace scrawl
