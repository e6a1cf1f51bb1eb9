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

Model pytorch_model_in(const std::filesystem::path& file, const ImportOptions& options) {
  if (file != "-") return import_pytorch(file, options);
  return import_pytorch(read_standard_input(max_model_bytes), shown_name(file), options);
}

}  // namespace scrawl::cli
