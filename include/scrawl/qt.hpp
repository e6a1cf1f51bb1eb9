// Reads Qt's pictures: const QImage gray = image.convertToFormat(QImage::Format_Grayscale8);
// recognizer.read(scrawl::view_of(gray)).
#pragma once

#include <QImage>

#include <scrawl/image.hpp>

namespace scrawl {
inline namespace v0 {

/// A view of a Qt picture with the format Grayscale8, Grayscale16, RGB888, BGR888 or RGBA8888.
/// `image` still owns the pixels. Throws Error if it has another format, from which
/// QImage::convertToFormat() converts.
inline ImageView view_of(const QImage& image) {
  const auto view = [&](PixelFormat format) {
    return ImageView{image.constBits(), static_cast<std::size_t>(image.width()),
                     static_cast<std::size_t>(image.height()), format,
                     static_cast<std::ptrdiff_t>(image.bytesPerLine())};
  };
  switch (image.format()) {
    case QImage::Format_Grayscale8:
      return view(PixelFormat::gray);
    case QImage::Format_Grayscale16:
      return view(PixelFormat::gray16);
    case QImage::Format_RGB888:
      return view(PixelFormat::rgb);
    case QImage::Format_BGR888:
      return view(PixelFormat::bgr);
    case QImage::Format_RGBA8888:
      return view(PixelFormat::rgba);
    default:
      break;
  }
  throw Error("QImage: expected Grayscale8, Grayscale16, RGB888, BGR888 or RGBA8888",
              ErrorCode::invalid_argument);
}

}  // namespace v0
}  // namespace scrawl
