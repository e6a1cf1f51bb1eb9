// Leptonica's and libtiff's messages go to standard error and name no file; ours do. Their switches
// are of the whole process, and belong to the program that we are a part of.
#pragma once

namespace scrawl {

/// Leptonica says nothing as long as one of these lives; when the last is gone, it says again what
/// it said before the first, and so does libtiff, whose messages Leptonica switches off for good
/// whenever it opens a file. Only a handler that a program has given to leptSetStderrHandler is
/// lost, since Leptonica does not tell what it was.
class QuietDecoders {
 public:
  QuietDecoders();
  ~QuietDecoders();
  QuietDecoders(const QuietDecoders&) = delete;
  QuietDecoders& operator=(const QuietDecoders&) = delete;
};

}  // namespace scrawl
