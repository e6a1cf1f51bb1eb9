#include "decoding/format.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/core.h>
#include <string_view>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t at;
  std::string_view bytes;
};

struct KnownFormat {
  Signature signature;
  Format format;
};

constexpr std::array known_formats{
    KnownFormat{{0, "\x89PNG\r\n\x1a\n"sv}, Format::png},
    KnownFormat{{0, "\xff\xd8\xff"sv}, Format::jpeg},
    KnownFormat{{0, "II*\0"sv}, Format::tiff},
    KnownFormat{{0, "MM\0*"sv}, Format::tiff},
    KnownFormat{{0, "BM"sv}, Format::bmp},
    KnownFormat{{0, "GIF87a"sv}, Format::gif},
    KnownFormat{{0, "GIF89a"sv}, Format::gif},
    KnownFormat{{8, "WEBP"sv}, Format::webp},
    KnownFormat{{0, "P1"sv}, Format::pnm},
    KnownFormat{{0, "P2"sv}, Format::pnm},
    KnownFormat{{0, "P3"sv}, Format::pnm},
    KnownFormat{{0, "P4"sv}, Format::pnm},
    KnownFormat{{0, "P5"sv}, Format::pnm},
    KnownFormat{{0, "P6"sv}, Format::pnm},
    KnownFormat{{4, "ftyphei"sv}, Format::heif},
    KnownFormat{{4, "ftyphev"sv}, Format::heif},
    KnownFormat{{4, "ftypmif1"sv}, Format::heif},
    KnownFormat{{4, "ftypmsf1"sv}, Format::heif},
    KnownFormat{{4, "ftypavif"sv}, Format::heif},
    KnownFormat{{4, "ftypavis"sv}, Format::heif},
};

/// Formats that people are likely to try, so that the message can name what they have.
struct OtherFormat {
  Signature signature;
  std::string_view name;
};

constexpr std::array other_formats{
    OtherFormat{{0, "%PDF"sv}, "a PDF"},         OtherFormat{{0, "%!"sv}, "PostScript"},
    OtherFormat{{4, "jP  "sv}, "JPEG 2000"},     OtherFormat{{4, "ftyp"sv}, "a film"},
    OtherFormat{{0, "<"sv}, "SVG, HTML or XML"}, OtherFormat{{0, "PK"sv}, "a ZIP archive"},
};

bool matches(Bytes bytes, Signature signature) {
  if (bytes.size() < signature.at + signature.bytes.size()) return false;
  return std::equal(signature.bytes.begin(), signature.bytes.end(), bytes.begin() + signature.at,
                    [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
}

std::string_view name_other(Bytes bytes) {
  for (const OtherFormat& other : other_formats)
    if (matches(bytes, other.signature)) return other.name;
  return "something else";
}

}  // namespace

std::string_view to_string(Format format) {
  switch (format) {
    case Format::png:
      return "PNG";
    case Format::jpeg:
      return "JPEG";
    case Format::tiff:
      return "TIFF";
    case Format::bmp:
      return "BMP";
    case Format::gif:
      return "GIF";
    case Format::webp:
      return "WebP";
    case Format::pnm:
      return "PNM";
    case Format::heif:
      return "HEIC or AVIF";
  }
  return "";
}

Format detect_format(Bytes bytes) {
  if (bytes.empty()) throw Error("the file is empty");
  for (const KnownFormat& known : known_formats)
    if (matches(bytes, known.signature)) return known.format;
  throw Error(
      fmt::format("not a picture that can be read: found {}, expected PNG, JPEG, TIFF, BMP, "
                  "GIF, WebP, PNM, HEIC or AVIF; save it as PNG",
                  name_other(bytes)));
}

}  // namespace scrawl
