// The items of a HEIC or AVIF file, as ISO 23008-12 (HEIF) and ISO 14496-12 have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "decoding/bytes.hpp"

namespace scrawl {

struct HeifProperty {
  std::string type;
  Bytes content;
};

struct HeifItem {
  std::string type;                           ///< hvc1, av01, grid ...
  std::vector<HeifProperty> properties{};     ///< as they are associated with it
  std::vector<std::uint32_t> derived_of{};    ///< the items that it is made of, in their order
  std::vector<std::uint32_t> auxiliary_to{};  ///< the items that it is the alpha (or so) of
  std::vector<std::byte> data{};
};

struct HeifItems {
  std::uint32_t primary = 0;
  std::map<std::uint32_t, HeifItem> items;  ///< by number
};

/// Throws Error when a box is damaged, or stands where another of its kind does: readers would
/// take now this one, now that one.
HeifItems read_heif_items(Bytes file);

}  // namespace scrawl
