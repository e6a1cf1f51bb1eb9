#include "files/mapped_file.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/core.h>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "files/files.hpp"

namespace scrawl {

namespace {

/// Where a file is mapped, for the signal handler; begin 0: nowhere.
struct Area {
  std::atomic<std::uintptr_t> begin = 0;
  std::atomic<std::uintptr_t> end = 0;
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

// What a signal handler may touch.
std::array<Area, 16> areas;
struct sigaction action_before {};

/// Puts zeros in place of all of a file from the page on that it does not have, so that whoever
/// wanted it goes on, to where the file is checked. Other faults are as if this were not here: the
/// instruction fails again, and the former handler is called.
void on_missing_page(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const int error = errno;
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (const Area& area : areas) {
    if (at < area.begin || at >= area.end) continue;
    std::byte* const from = static_cast<std::byte*>(info->si_addr) - at % page;
    const std::size_t size = area.end - (at - at % page);
    const void* const zeros =
        ::mmap(from, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    errno = error;
    if (zeros != MAP_FAILED) return;
  }
  ::sigaction(SIGBUS, &action_before, nullptr);
  errno = error;
}

void handle_missing_pages() {
  struct sigaction action {};
  action.sa_sigaction = on_missing_page;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, &action_before);
}

std::mutex& areas_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// False: there are too many.
bool add_area(std::span<const std::byte> bytes) {
  static std::once_flag handled;
  std::call_once(handled, handle_missing_pages);
  const std::lock_guard lock(areas_mutex());
  const auto area = std::ranges::find_if(areas, [](const Area& one) { return one.begin == 0; });
  if (area == areas.end()) return false;
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
  area->end = begin + bytes.size();
  area->begin = begin;
  return true;
}

void remove_area(std::span<const std::byte> bytes) {
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::lock_guard lock(areas_mutex());
  const auto area =
      std::ranges::find_if(areas, [begin](const Area& one) { return one.begin == begin; });
  if (area != areas.end()) area->begin = area->end = 0;
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& file)
    : name_(file), descriptor_(open_found_file(file).descriptor) {
  const auto fail = [&] {
    throw FileError(file, fmt::format("cannot map: {}", std::strerror(errno)), errno);
  };
  if (::fstat(descriptor_.get(), &opened_) != 0) fail();
  const auto size = static_cast<std::size_t>(opened_.st_size);
  if (size == 0) return;
  const void* const begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor_.get(), 0);
  if (begin == MAP_FAILED) fail();
  bytes_ = {static_cast<const std::byte*>(begin), size};
  if (add_area(bytes_)) return;
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  throw FileError(file, fmt::format("cannot map: {} files are mapped already", areas.size()));
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : name_(std::move(other.name_)),
      descriptor_(std::move(other.descriptor_)),
      opened_(other.opened_),
      bytes_(std::exchange(other.bytes_, {})) {}

MappedFile::~MappedFile() {
  if (bytes_.empty()) return;
  remove_area(bytes_);
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::check_unchanged() const {
  struct stat now {};
  if (::fstat(descriptor_.get(), &now) != 0)
    throw FileError(name_, fmt::format("cannot read: {}", std::strerror(errno)), errno);
  if (now.st_size != opened_.st_size) {
    throw FileError(name_, fmt::format("was {} bytes when it was opened and is {} now; leave it as "
                                       "it is while it is read, or put another in its place by mv",
                                       opened_.st_size, now.st_size));
  }
  const auto same = [](const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  };
  if (!same(now.st_mtim, opened_.st_mtim)) {
    throw FileError(name_,
                    "has been written to since it was opened; leave it as it is while it is read, "
                    "or put another in its place by mv");
  }
}

}  // namespace scrawl
