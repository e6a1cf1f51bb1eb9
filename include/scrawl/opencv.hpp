// Reads OpenCV's pictures: recognizer.read(scrawl::view_of(mat)).
#pragma once

#include <opencv2/core/mat.hpp>

#include <scrawl/image.hpp>

namespace scrawl {
inline namespace v0 {

/// A view of an OpenCV picture with 1, 3 (BGR) or 4 (BGRA) channels of 8 bits, or 1 of 16 bits.
/// `mat` still owns the pixels. Throws Error if it has another type.
inline ImageView view_of(const cv::Mat& mat) {
  const auto view = [&](PixelFormat format) {
    return ImageView{mat.data, static_cast<std::size_t>(mat.cols),
                     static_cast<std::size_t>(mat.rows), format,
                     static_cast<std::ptrdiff_t>(mat.step[0])};
  };
  if (mat.dims == 2) {
    if (mat.type() == CV_8UC1) return view(PixelFormat::gray);
    if (mat.type() == CV_8UC3) return view(PixelFormat::bgr);
    if (mat.type() == CV_8UC4) return view(PixelFormat::bgra);
    if (mat.type() == CV_16UC1) return view(PixelFormat::gray16);
  }
  throw Error("cv::Mat: expected CV_8UC1, CV_8UC3, CV_8UC4 or CV_16UC1",
              ErrorCode::invalid_argument);
}

}  // namespace v0
}  // namespace scrawl
