#include "cli/standard_input.hpp"

#include "decoding/found_picture.hpp"
#include "files/files.hpp"
#include "formats/model_file.hpp"

namespace scrawl::cli {

Picture picture_named(const std::filesystem::path& file) {
  if (file != "-") return load_picture(file);
  return decode_picture(read_standard_input(max_picture_bytes), shown_name(file));
}

Model model_in(const std::filesystem::path& file) {
  if (file != "-") return load_model(file);
  return load_model(read_standard_input(max_model_bytes), shown_name(file));
}

std::vector<std::byte> model_bytes_in(const std::filesystem::path& file) {
  return file == "-" ? read_standard_input(max_model_bytes) : read_file(file, max_model_bytes);
}

}  // namespace scrawl::cli
