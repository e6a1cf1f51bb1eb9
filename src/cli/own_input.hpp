// Commands that would write over what they read.
#pragma once

#include <filesystem>
#include <vector>

namespace scrawl::cli {

/// Throws OptionError where `out`, which `option` names, is the file `input`, under whatever name:
/// by a link or another way to it. Either may be empty; - is a stream, and what is no regular file
/// (a pipe, a device) loses nothing by being written to.
void refuse_own_input(const std::filesystem::path& out, const char* option,
                      const std::filesystem::path& input);

/// The same for models, where "builtin" is no file.
void refuse_own_models(const std::filesystem::path& out, const char* option,
                       const std::vector<std::filesystem::path>& models);

/// The same for all files of a data set, as --data takes it: both parts, and pictures by digit.
void refuse_own_data(const std::filesystem::path& out, const char* option,
                     const std::filesystem::path& data);

}  // namespace scrawl::cli
