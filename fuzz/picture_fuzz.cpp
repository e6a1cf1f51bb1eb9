// Any bytes: decoded or refused with Error, and looked through for a glyph; never a crash.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include <scrawl/error.hpp>
#include <scrawl/picture.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const scrawl::Picture picture =
        scrawl::decode_picture(std::as_bytes(std::span(data, size)), "fuzz");
    const auto found = scrawl::find_glyph(picture);
    if (found) {
      assert(found->box.x >= 0 && found->box.x + found->box.width <= picture.width);
      assert(found->box.y >= 0 && found->box.y + found->box.height <= picture.height);
    }
  } catch (const scrawl::Error&) {
  }
  return 0;
}
