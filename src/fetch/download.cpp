#include "fetch/download.hpp"

#include <array>
#include <chrono>
#include <curl/curl.h>
#include <exception>
#include <fmt/core.h>
#include <new>
#include <span>
#include <thread>
#include <utility>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

constexpr long connect_seconds = 5;  // an offline machine should get to the next source soon
constexpr long stalled_seconds = 10;
constexpr long stalled_speed = 1000;  // bytes a second
constexpr int max_attempts = 10;
constexpr std::chrono::milliseconds pause_between_attempts{300};

/// One body on its way.
struct Transfer {
  CURL* curl;
  std::size_t limit;
  const DownloadProgress& on_progress;
  std::vector<std::byte> body{};
  std::size_t resumed_at = 0;
  bool too_long = false;
  std::exception_ptr failure{};  ///< no exception may pass through libcurl's C

  void take(std::span<const std::byte> bytes) {
    too_long = bytes.size() > limit - body.size();
    if (too_long) return;
    body.insert(body.end(), bytes.begin(), bytes.end());
    curl_off_t announced = -1;  // of this response: what is left of the body
    curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    const auto total = announced < 0 ? 0 : resumed_at + static_cast<std::uint64_t>(announced);
    if (on_progress) on_progress(body.size(), total);
  }
};

std::size_t on_bytes(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    transfer.take(std::as_bytes(std::span(bytes, size)));
  } catch (...) {
    transfer.failure = std::current_exception();
  }
  return transfer.too_long || transfer.failure ? 0 : size;  // 0 ends the transfer
}

CURLcode attempt(Transfer& transfer) {
  transfer.resumed_at = transfer.body.size();
  curl_easy_setopt(transfer.curl, CURLOPT_RESUME_FROM_LARGE,
                   static_cast<curl_off_t>(transfer.resumed_at));
  const CURLcode code = curl_easy_perform(transfer.curl);
  if (transfer.failure) std::rethrow_exception(transfer.failure);
  return code;
}

/// Whether another attempt makes sense; if so, prepares it.
bool may_try_again(Transfer& transfer, CURLcode code) {
  if (transfer.too_long) return false;
  if (code == CURLE_RANGE_ERROR) {  // the server cannot resume: from the start
    transfer.body.clear();
    return true;
  }
  return transfer.body.size() > transfer.resumed_at;
}

std::string reason(const Transfer& transfer, CURLcode code, const char* details) {
  if (transfer.too_long) return fmt::format("the body is longer than {} bytes", transfer.limit);
  return *details != '\0' ? details : curl_easy_strerror(code);
}

}  // namespace

Downloader::Downloader(const std::string& protocols) : curl_(curl_easy_init(), curl_easy_cleanup) {
  CURL* curl = curl_.get();
  if (curl == nullptr) throw std::bad_alloc();
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols.c_str());  // redirects included
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);  // an error page is not a body
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);     // we may be on any thread
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stalled_seconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, stalled_speed);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "scrawl");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
}

std::vector<std::byte> Downloader::get(const std::string& url, std::size_t limit,
                                       const DownloadProgress& on_progress) {
  Transfer transfer{.curl = curl_.get(), .limit = limit, .on_progress = on_progress};
  std::array<char, CURL_ERROR_SIZE> details{};
  curl_easy_setopt(transfer.curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(transfer.curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(transfer.curl, CURLOPT_ERRORBUFFER, details.data());
  CURLcode code = attempt(transfer);
  for (int i = 1; i < max_attempts && code != CURLE_OK && may_try_again(transfer, code); ++i) {
    std::this_thread::sleep_for(pause_between_attempts);
    code = attempt(transfer);
  }
  curl_easy_setopt(transfer.curl, CURLOPT_ERRORBUFFER, nullptr);
  if (code == CURLE_OK) return std::move(transfer.body);
  throw Error(fmt::format("{}: {}", url, reason(transfer, code, details.data())));
}

}  // namespace scrawl
