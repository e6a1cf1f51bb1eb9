// Whoever has libtiff's messages keeps them, though Leptonica switches them off for the whole
// process whenever it opens a file.
#pragma once

namespace scrawl {

/// Puts back, when the last of those that live at a time is gone, what was set before the first.
class KeepTiffMessages {
 public:
  KeepTiffMessages();
  ~KeepTiffMessages();
  KeepTiffMessages(const KeepTiffMessages&) = delete;
  KeepTiffMessages& operator=(const KeepTiffMessages&) = delete;
};

}  // namespace scrawl
