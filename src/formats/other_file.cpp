#include "formats/other_file.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>

#include "formats/pth.hpp"
#include "formats/zip.hpp"

namespace scrawl {

namespace {

using namespace std::string_view_literals;

constexpr const char* to_import = "make a model of it first: scrawl import";
constexpr const char* as_data_set = "as data sets are; expected a model";

struct Signature {
  std::size_t at;
  std::string_view bytes;
};

constexpr Signature pictures[] = {{0, "\x89PNG\r\n\x1a\n"sv},
                                  {0, "\xff\xd8\xff"sv},
                                  {0, "GIF8"sv},
                                  {0, "II*\0"sv},
                                  {0, "MM\0*"sv},
                                  {8, "WEBP"sv},
                                  {4, "ftyp"sv},
                                  {0, "%PDF"sv},
                                  {0, "BM"sv},
                                  {0, "P1"sv},
                                  {0, "P2"sv},
                                  {0, "P3"sv},
                                  {0, "P4"sv},
                                  {0, "P5"sv},
                                  {0, "P6"sv}};

bool has(std::string_view text, Signature signature) {
  return text.size() >= signature.at && text.substr(signature.at).starts_with(signature.bytes);
}

/// The entries' names stand in an archive as they are.
OtherFile zip_archive(std::string_view text) {
  const auto holds = [&](std::string_view name) { return text.find(name) != text.npos; };
  if (holds("model.weights.h5")) return {fmt::format("a file of Keras; {}", to_import)};
  if (holds("data.pkl")) return {fmt::format("a file of PyTorch; {}", to_import)};
  if (holds(".npy")) return {fmt::format("an archive of NumPy arrays, {}", as_data_set), true};
  return {fmt::format("a zip archive; if PyTorch or Keras wrote it, {}", to_import)};
}

/// Protocols 2 to 5; before them a pickle was text.
bool is_pickle(std::string_view text) {
  return text.size() > 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5 && text.back() == '.';
}

/// Two zeros, the type of its values, and how many dimensions they have.
bool is_idx(std::string_view text) {
  return text.size() >= 4 && text.starts_with("\0\0"sv) && text[2] >= 8 && text[2] <= 14 &&
         text[3] >= 1 && text[3] <= 4;
}

/// As far as one has to look to be sure.
bool begins_as_text(std::string_view text) {
  return std::ranges::none_of(text.substr(0, 256), [](unsigned char c) {
    return c == 0x7F || (c < ' ' && c != '\t' && c != '\n' && c != '\r');
  });
}

std::optional<OtherFile> known_text(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.starts_with('{') || text.starts_with('['))
    return OtherFile{"text in JSON; expected a model"};
  if (text.starts_with('<'))
    return OtherFile{"HTML or XML, perhaps a web page that was saved in the file's place"};
  if (text.starts_with("version https://git-lfs"))
    return OtherFile{"what Git LFS leaves in a file's place; git lfs pull fetches the file"};
  if (text.substr(0, 256).find_first_of(",;\t") != text.npos)
    return OtherFile{fmt::format("a CSV file, {}", as_data_set), true};
  return std::nullopt;
}

}  // namespace

std::optional<OtherFile> recognize_other_file(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.empty())
    return OtherFile{"an empty file; was it cut off when it was written or copied?"};
  if (is_zip(bytes)) return zip_archive(text);
  if (is_pth(bytes)) return OtherFile{fmt::format("a file of PyTorch; {}", to_import)};
  if (text.starts_with("\x89HDF\r\n\x1a\n"))
    return OtherFile{fmt::format("an HDF5 file; if Keras wrote it, {}", to_import)};
  if (is_pickle(text))
    return OtherFile{
        "a pickle of Python, which could run anything; save the weights by "
        "torch.save(model.state_dict(), \"model.pth\"), and make a model of that: scrawl import"};
  if (is_idx(text)) return OtherFile{fmt::format("an IDX file, {}", as_data_set), true};
  if (text.starts_with("\x93NUMPY"))
    return OtherFile{fmt::format("a NumPy array, {}", as_data_set), true};
  if (text.starts_with("\x1f\x8b")) return OtherFile{"packed by gzip; unpack it first: gunzip"};
  if (begins_as_text(text))
    if (auto known = known_text(text)) return known;
  if (std::ranges::any_of(pictures, [&](Signature picture) { return has(text, picture); }))
    return OtherFile{"a picture; expected a model. To read a picture: scrawl read"};
  return std::nullopt;
}

}  // namespace scrawl
