// What had another name before 0.1 was released, and is still read: in files and in the
// environment. Nothing is written so. All of it is here, but for the options in
// cli/renamed_options.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace scrawl {

struct Renamed {
  std::string_view old_name;
  std::string_view name;
};

// of old files
inline constexpr std::array renamed_model_keys{
    Renamed{"scrawl.normalisation", "scrawl.normalization"},
    Renamed{"scrawl.ranges", "scrawl.activation_ranges"}};

inline constexpr Renamed renamed_builtin{"box", "builtin"};  // as the value of --model and --from

inline constexpr std::array renamed_checkpoint_keys{
    Renamed{"setting.average", "setting.weight ema"},
    Renamed{"position.right", "position.correct"}};
inline constexpr Renamed renamed_checkpoint_prefix{"average.", "weight_ema."};  // of tensors

// The user's things: what stands under the old name alone is used on.
inline constexpr Renamed renamed_corrections{"hand", "corrections"};
inline constexpr Renamed renamed_personal_model{"hand.safetensors", "personal.safetensors"};
inline constexpr Renamed renamed_corrections_variable{"SCRAWL_HAND", "SCRAWL_CORRECTIONS"};

/// Gives entries with old keys their new ones; who has both keeps the new.
template <std::size_t count>
void rename_keys(const std::array<Renamed, count>& renamed,
                 std::map<std::string, std::string>& metadata) {
  for (const Renamed& key : renamed) {
    auto old = metadata.extract(std::string(key.old_name));
    if (old.empty()) continue;
    old.key() = key.name;
    metadata.insert(std::move(old));
  }
}

}  // namespace scrawl
