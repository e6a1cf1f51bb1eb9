// A share of the pictures, for each of several processes that know nothing of each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace scrawl::cli {

inline constexpr std::uint32_t max_shards = 1'000'000;

/// The pictures whose name's CRC-32 is `number` - 1 modulo `count`: the same on every machine, in
/// every version, whatever else is read, and each picture is in one shard of `count`.
struct Shard {
  std::uint32_t number = 1;  ///< from 1
  std::uint32_t count = 1;   ///< at most max_shards

  /// `name`: as it is named or found, byte by byte.
  bool holds(std::string_view name) const;
};

/// Of "3/16". Nothing where it is none.
std::optional<Shard> shard_of(std::string_view text);

}  // namespace scrawl::cli
