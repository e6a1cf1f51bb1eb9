#include "server/counted_collection.hpp"

#include <cstddef>
#include <sys/stat.h>

namespace scrawl {

namespace fs = std::filesystem;

CollectionCounts CountedCollection::count(const fs::path& folder) {
  const std::lock_guard guard(lock_);
  return recount(folder);
}

CollectionCounts CountedCollection::add(const fs::path& folder, GlyphView glyph, int digit) {
  const std::lock_guard guard(lock_);
  const std::string id = glyph_id(glyph);
  const bool known = is_known(folder);
  const Places before = places_of(folder, id);
  add_correction(folder, glyph, digit);
  return known ? update(folder, id, before) : recount(folder);
}

std::optional<CollectionCounts> CountedCollection::remove(const fs::path& folder,
                                                          const std::string& id) {
  const std::lock_guard guard(lock_);
  const bool known = is_known(folder);
  const Places before = places_of(folder, id);
  if (!remove_correction(folder, id)) return std::nullopt;
  return known && before != Places{} ? update(folder, id, before) : recount(folder);
}

CountedCollection::Times CountedCollection::times_of(const fs::path& folder) {
  Times times{};
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    struct stat status {};
    if (::stat((folder / std::to_string(digit)).c_str(), &status) == 0)
      times[digit] = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  }
  return times;
}

CountedCollection::Places CountedCollection::places_of(const fs::path& folder,
                                                       const std::string& id) {
  Places places{};
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    std::error_code ignored;
    places[digit] =
        fs::exists(fs::symlink_status(folder / std::to_string(digit) / (id + ".png"), ignored));
  }
  return places;
}

bool CountedCollection::is_known(const fs::path& folder) const {
  return counts_ && times_ == times_of(folder);
}

CollectionCounts CountedCollection::recount(const fs::path& folder) {
  counts_ = count_corrections(folder);
  times_ = times_of(folder);
  return *counts_;
}

/// After a change of one glyph, which was in these places.
CollectionCounts CountedCollection::update(const fs::path& folder, const std::string& id,
                                           const Places& before) {
  const Places after = places_of(folder, id);
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    counts_->digits[digit] += (after[digit] ? 1 : 0) - (before[digit] ? 1 : 0);
    counts_->size += (after[digit] ? 1 : 0) - (before[digit] ? 1 : 0);
  }
  times_ = times_of(folder);
  return *counts_;
}

}  // namespace scrawl
