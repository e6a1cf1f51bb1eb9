// Reads tar archives (POSIX ustar), as far as npm's packages need it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "dataset/stream.hpp"

namespace scrawl {

/// The regular files of an archive by their path in it. Throws Error when it is cut off or broken,
/// or when its files have more than `limit` bytes together.
std::map<std::string, std::vector<std::byte>> read_tar(const Stream& archive, std::size_t limit);

}  // namespace scrawl
