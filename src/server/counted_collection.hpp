// The user's collection as the server changes it: each change tells how many glyphs there are, and
// takes as long with 100,000 as with ten.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include <scrawl/glyph.hpp>
#include <scrawl/personalization.hpp>

namespace scrawl {

/// Safe to use from any thread. All throw what count_corrections, add_correction and
/// remove_correction do.
class CountedCollection {
 public:
  /// Lists all, and finds whatever others have changed.
  CollectionCounts count(const std::filesystem::path& folder);

  /// These list all only where another program has changed the collection since.
  CollectionCounts add(const std::filesystem::path& folder, GlyphView glyph, int digit);
  /// Nothing when there is no such glyph.
  std::optional<CollectionCounts> remove(const std::filesystem::path& folder,
                                         const std::string& id);

 private:
  using Times = std::array<std::int64_t, digit_count>;
  using Places = std::array<bool, digit_count>;

  static Times times_of(const std::filesystem::path& folder);
  static Places places_of(const std::filesystem::path& folder, const std::string& id);
  bool is_known(const std::filesystem::path& folder) const;
  CollectionCounts recount(const std::filesystem::path& folder);
  CollectionCounts update(const std::filesystem::path& folder, const std::string& id,
                          const Places& before);

  std::mutex lock_;
  std::optional<CollectionCounts> counts_;
  Times times_{};  // when the folder of each digit last changed, as far as counts_ knows
};

}  // namespace scrawl
