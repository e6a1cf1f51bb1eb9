// Bytes as text, for JSON (RFC 4648, section 4).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scrawl {

std::string to_base64(std::span<const std::byte> bytes);

/// Nothing when `text` is not base64, with its padding, and that alone.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace scrawl
