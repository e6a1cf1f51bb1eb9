#include "decoding/heif_size.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/core.h>
#include <map>

#include <scrawl/error.hpp>

#include "decoding/coded_frames.hpp"
#include "decoding/heif_items.hpp"

namespace scrawl {

namespace {

/// Images made of images made of images: more is no picture, and could go round in a circle.
constexpr int max_levels = 4;

/// An image that is made of others names each of them, as often as it is used. More is no picture.
constexpr std::size_t max_images = 1 << 16;

/// All that is decoded for a picture has at most so many times the pixels of its largest part, and
/// may have so many however small it is: layers can cover each other, but not by the thousand.
constexpr std::size_t max_covered = 4;
constexpr std::size_t min_decoded = 1'000'000;

/// Of one image, where sums must not overflow; no picture has so many.
constexpr std::size_t pixel_cap = std::size_t{1} << 40;

CodedFrames read_frames(const HeifItem& item) {
  const bool is_hevc = item.type == "hvc1";
  for (const HeifProperty& property : item.properties) {
    if (is_hevc && property.type == "hvcC") return read_hevc(property.content, item.data);
    // AV1 Codec ISO Media File Format Binding, 2.3.3: 4 bytes, then OBUs.
    if (!is_hevc && property.type == "av1C")
      return read_av1(property.content.subspan(take(property.content, 0, 4).size()), item.data);
  }
  throw Error("damaged: its coded image has no configuration");
}

/// The decoder's frames, the one that it works on, and libheif's copy. libaom keeps what it knows
/// of each block besides (measured: 15 bytes a pixel of 4:2:0 and 18 of 4:4:4 in all).
std::size_t cost_of(const HeifItem& item, const CodedFrames& coded) {
  const std::size_t known = item.type == "av01" ? 12 : 0;
  return 3 * coded.bytes() + known * std::min(pixels_of(coded.size), pixel_cap);
}

/// Goes through the images that are decoded for one.
class Survey {
 public:
  explicit Survey(const HeifItems& all) : all_(all) {
    for (const auto& [id, item] : all.items)
      for (const std::uint32_t of : item.auxiliary_to) auxiliaries_.emplace(of, id);
  }

  /// The image and all that it is made of.
  void visit(std::uint32_t id, int level) {
    const auto found = all_.items.find(id);
    if (found == all_.items.end()) throw Error(fmt::format("damaged: it has no item {}", id));
    if (level > max_levels)
      throw Error(fmt::format("damaged: images of images, more than {} deep", max_levels));
    if (++images_ > max_images)
      throw Error(fmt::format("damaged: it is made of more than {} images", max_images));
    const HeifItem& item = found->second;
    see_claims(item);
    if (item.type == "hvc1" || item.type == "av01") {
      see_coded(id, item);
    } else if (item.type == "grid" || item.type == "iovl" || item.type == "iden") {
      if (item.type != "iden") see_canvas(item);
      size_.parts = std::max(size_.parts, item.derived_of.size());
      for (const std::uint32_t part : item.derived_of) visit(part, level + 1);
    } else {
      throw Error(
          fmt::format("an image coded as {}, expected hvc1 (HEIC) or av01 (AVIF); save it "
                      "as PNG",
                      item.type));
    }
    const auto [first, last] = auxiliaries_.equal_range(id);
    for (auto auxiliary = first; auxiliary != last; ++auxiliary) {
      size_.has_alpha = true;
      visit(auxiliary->second, level + 1);
    }
  }

  const HeifSize& size() const { return size_; }

 private:
  void see(PictureSize size) {
    if (pixels_of(size) > pixels_of(size_.largest)) size_.largest = size;
  }

  /// ispe, ISO 23008-12, 6.5.3: what a viewer reserves, and no decoder goes by.
  void see_claims(const HeifItem& item) {
    for (const HeifProperty& property : item.properties)
      if (property.type == "ispe")
        see({read_big_endian(property.content, 4, 4), read_big_endian(property.content, 8, 4)});
  }

  /// ISO 23008-12, 6.6.2.3.2 (grid) and 6.6.2.2.2 (iovl).
  void see_canvas(const HeifItem& item) {
    const std::size_t number = (read_big_endian(item.data, 1, 1) & 1) != 0 ? 4 : 2;
    const std::size_t at = item.type == "grid" ? 4 : 10;
    see({read_big_endian(item.data, at, number), read_big_endian(item.data, at + number, number)});
  }

  void see_coded(std::uint32_t id, const HeifItem& item) {
    auto known = frames_.find(id);
    if (known == frames_.end()) known = frames_.emplace(id, read_frames(item)).first;
    const CodedFrames& coded = known->second;
    see(coded.size);
    size_.decoder = std::max(size_.decoder, cost_of(item, coded));
    size_.bit_depth = std::max(size_.bit_depth, coded.bit_depth);
    decoded_ += std::min(pixels_of(coded.size), pixel_cap);
    const std::size_t largest = std::max(pixels_of(size_.largest), min_decoded);
    if (decoded_ / max_covered > largest)
      throw Error(
          fmt::format("its parts have more than {} times its pixels; save it as PNG", max_covered));
  }

  const HeifItems& all_;
  std::multimap<std::uint32_t, std::uint32_t> auxiliaries_;  // by what they belong to
  std::map<std::uint32_t, CodedFrames> frames_;
  HeifSize size_;
  std::size_t images_ = 0;
  std::size_t decoded_ = 0;  // pixels
};

}  // namespace

HeifSize read_heif_size(Bytes file) {
  const HeifItems items = read_heif_items(file);
  Survey survey(items);
  survey.visit(items.primary, 0);
  return survey.size();
}

}  // namespace scrawl
