// Text from outside, made fit for a terminal: file names, what messages quote of files, metadata.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scrawl {

/// Bytes of `text` that are shown at most; of a longer one its beginning and its end, with an
/// ellipsis between them.
inline constexpr std::size_t longest_message = 4000;

/// What steers a terminal, ends the line or reorders it, written as bash's $'...' has it: \n, \t
/// and \r, else \xNN for each byte. That are control characters (C0, C1, DEL), separators of lines,
/// the marks of bidirectional text, tags, and bytes that are not UTF-8. All else stays as it is.
std::string printable(std::string_view text, std::size_t longest = std::string_view::npos);

/// The same in JSON that nlohmann-json wrote: as \uNNNN, so that it is read back as it was.
std::string printable_json(std::string_view json);

}  // namespace scrawl
