#include "recognition/read_picture.hpp"

#include "recognition/read_one.hpp"
#include "recognition/read_page.hpp"

namespace scrawl {

Reading read_picture(const Picture& picture, const ReadOptions& options, const PageReader& reader,
                     const Classify& classify, const StopRequested& stop) {
  if (options.layout == Layout::one) return read_one(picture, options, classify, stop);
  return read_page(picture, options, reader, classify, stop);
}

}  // namespace scrawl
