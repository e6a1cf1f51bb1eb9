// The pages of the pictures that a command line names, one after another.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/inputs.hpp"
#include "picture/picture.hpp"

namespace scrawl::cli {

/// A page of a file, or why there is none.
struct PageInput {
  Input input;
  std::size_t page = 1;   ///< from 1
  std::size_t count = 1;  ///< of the file
  /// The file, where it had to be read to count its pages.
  std::shared_ptr<const std::vector<std::byte>> content = nullptr;

  /// "scan.tif page 2", or the file's name alone where it has one page.
  std::string name() const;
};

/// Throws Error when it cannot be decoded.
Picture decode_page(const PageInput& page);

/// Goes through the pages of `inputs`, which have to outlive it. Where one of them is `out`, which
/// -o names, the next page is an OptionError.
class Pages {
 public:
  Pages(Inputs& inputs, std::filesystem::path out) : inputs_(inputs), out_(std::move(out)) {}

  /// Nothing when there are no more.
  std::optional<PageInput> next();

  /// Whether the next file has several pages, all of which are still to come.
  bool has_several();

 private:
  void look_at_next();

  Inputs& inputs_;
  std::filesystem::path out_;
  std::optional<PageInput> next_;
};

}  // namespace scrawl::cli
