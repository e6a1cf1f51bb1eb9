#include "decoding/alpha.hpp"

namespace scrawl {

void lay_over_background(std::vector<std::uint8_t>& pixels) {
  VisibleInk ink;
  for (std::size_t at = 0; at < pixels.size(); at += 4)
    ink.add({pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]});
  const OverBackground over(ink.background(pixels.size() / 4));
  std::uint8_t* out = pixels.data();
  for (std::size_t at = 0; at < pixels.size(); at += 4)
    for (std::size_t c = 0; c < 3; ++c) *out++ = over(pixels[at + c], pixels[at + 3]);
  pixels.resize(pixels.size() / 4 * 3);
}

}  // namespace scrawl
