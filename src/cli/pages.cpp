#include "cli/pages.hpp"

#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <span>
#include <string_view>
#include <utility>

#include <scrawl/error.hpp>

#include "cli/own_input.hpp"
#include "cli/standard_input.hpp"
#include "decoding/found_picture.hpp"
#include "files/files.hpp"

namespace scrawl::cli {

namespace {

using Content = std::vector<std::byte>;

/// Whether the file has to be read to know its pages: it begins as files do that can have several,
/// or can be read but once.
bool may_have_pages(const std::string& file) {
  std::error_code ignored;
  if (file == "-") return true;
  if (!std::filesystem::exists(file, ignored)) return false;
  if (!std::filesystem::is_regular_file(file, ignored)) return true;
  std::array<char, 4> begin{};
  std::ifstream(file, std::ios::binary).read(begin.data(), begin.size());
  const std::string_view signature(begin.data(), begin.size());
  using namespace std::string_view_literals;
  return signature == "II*\0"sv || signature == "MM\0*"sv || signature == "%PDF"sv;
}

Content read(const Input& input) {
  if (input.file == "-") return read_standard_input(max_picture_bytes);
  return input.found ? read_found_file(input.file, max_picture_bytes)
                     : read_file(input.file, max_picture_bytes);
}

/// Its first page.
PageInput first_page(Input input) {
  PageInput first{std::move(input)};
  if (!first.input.error.empty() || !may_have_pages(first.input.file)) return first;
  try {
    first.content = std::make_shared<const Content>(read(first.input));
  } catch (const FileError& error) {
    first.input.error = error.problem();
    return first;
  }
  try {
    first.count = count_pages(*first.content);
  } catch (const Error&) {
    // Decoding it will say what is wrong with it.
  }
  return first;
}

}  // namespace

std::string PageInput::name() const {
  const std::string file = shown_name(input.file).string();
  return count == 1 ? file : fmt::format("{} page {}", file, page);
}

Picture decode_page(const PageInput& page) {
  const Input& input = page.input;
  if (page.content)
    return decode_picture(*page.content, page.name(), max_picture_pixels, page.page);
  return input.found ? load_found_picture(input.file) : load_picture(input.file);
}

void Pages::look_at_next() {
  if (next_) return;
  std::optional<Input> input = inputs_.next();
  if (!input) return;
  refuse_own_input(out_, "-o", input->file);
  next_ = first_page(*std::move(input));
}

bool Pages::has_several() {
  look_at_next();
  return next_ && next_->count > 1;
}

std::optional<PageInput> Pages::next() {
  look_at_next();
  if (!next_) return std::nullopt;
  PageInput page = *std::exchange(next_, std::nullopt);
  if (page.page < page.count) {
    next_ = page;
    ++next_->page;
  }
  return page;
}

}  // namespace scrawl::cli
