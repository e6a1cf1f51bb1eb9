// What a picture will take in memory, known before any of it is taken.
#pragma once

#include <cstddef>
#include <span>

namespace scrawl {

/// Upper bound of the bytes that decoding and reading this picture takes at its peak, from its
/// header. `page`, from 1, of those that count_pages() counts. Throws Error where the header is
/// damaged.
std::size_t decoding_cost(std::span<const std::byte> bytes, std::size_t page = 1);

}  // namespace scrawl
