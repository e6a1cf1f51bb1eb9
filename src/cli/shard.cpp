#include "cli/shard.hpp"

#include <zlib.h>

#include "files/number_of_text.hpp"

namespace scrawl::cli {

bool Shard::holds(std::string_view name) const {
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(name.data()), name.size());
  return crc % count == number - 1;
}

std::optional<Shard> shard_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto count = number_of_text<std::uint32_t>(text.substr(slash + 1), 1, max_shards);
  if (!count) return std::nullopt;
  const auto number = number_of_text<std::uint32_t>(text.substr(0, slash), 1, *count);
  if (!number) return std::nullopt;
  return Shard{*number, *count};
}

}  // namespace scrawl::cli
