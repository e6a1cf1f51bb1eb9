#include "recognition/read_picture.hpp"

#include "picture/page.hpp"
#include "picture/turn.hpp"
#include "recognition/read_one.hpp"
#include "recognition/read_page.hpp"

namespace scrawl {

namespace {

/// One digit alone does not tell how it lies.
Reading read_turned(const Picture& picture, const ReadOptions& options, const Classify& classify,
                    const StopRequested& stop) {
  const int degrees = degrees_of(options.turn);
  if (degrees == 0) return read_one(picture, options, classify, stop);
  check_picture(picture);
  const Picture upright = turn(picture, degrees);
  Reading reading = read_one(upright, options, classify, stop);
  reading.turn = options.turn;
  for (Digit& digit : reading.digits)
    digit.box = turn(digit.box, degrees_back(options.turn), upright.width, upright.height);
  return reading;
}

}  // namespace

Reading read_picture(const Picture& picture, const ReadOptions& options, const PageReader& reader,
                     const Classify& classify, const StopRequested& stop) {
  if (options.layout == Layout::one) return read_turned(picture, options, classify, stop);
  return read_page(picture, options, reader, classify, stop);
}

}  // namespace scrawl
