// Files are written whole or not at all.
#include "files/files.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <signal.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>

#include "scratch.hpp"

namespace scrawl {
namespace {

std::vector<std::byte> filled(std::byte value, std::size_t size) {
  return std::vector<std::byte>(size, value);
}

TEST(WriteFile, MakesMissingFoldersAndReplacesWhatWasThere) {
  const ScratchFolder scratch;
  const auto file = scratch / "a" / "b" / "file";
  write_file(file, filled(std::byte{1}, 1000));
  write_file(file, filled(std::byte{2}, 10));
  EXPECT_EQ(read_file(file, 100), filled(std::byte{2}, 10));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}), 1);
}

TEST(WriteFile, LeavesTheOldFileAndNoOtherWhereItCannotWrite) {
  const ScratchFolder scratch;
  const auto file = scratch / "folder";
  std::filesystem::create_directories(file / "not empty");
  EXPECT_THROW(write_file(file, filled(std::byte{1}, 10)), Error);
  EXPECT_TRUE(std::filesystem::is_directory(file));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
}

TEST(WriteFile, FollowsLinksAndLeavesDevicesAlone) {
  const ScratchFolder scratch;
  std::filesystem::create_symlink(scratch / "target", scratch / "link");
  write_file(scratch / "link", filled(std::byte{3}, 10));
  EXPECT_TRUE(std::filesystem::is_symlink(scratch / "link"));
  EXPECT_EQ(read_file(scratch / "target", 100), filled(std::byte{3}, 10));
  ASSERT_EQ(mkfifo((scratch / "pipe").c_str(), 0600), 0);
  EXPECT_THROW(write_file(scratch / "pipe", filled(std::byte{1}, 10)), Error);
  EXPECT_TRUE(std::filesystem::is_fifo(scratch / "pipe"));
}

std::string refusal(const std::filesystem::path& file) {
  try {
    require_writable(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(RequireWritable, AnEmptyNameIsSaidToBeOne) {
  EXPECT_EQ(refusal(""), "'': the file name is empty");
  EXPECT_THROW(write_file("", filled(std::byte{1}, 10)), Error);
  try {
    read_file("", 10);
    ADD_FAILURE() << "read a file without a name";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "'': the file name is empty");
  }
}

TEST(RequireWritable, TriesTheFolderAndLeavesNothing) {
  const ScratchFolder scratch;
  std::ofstream(scratch / "file") << "content";
  EXPECT_EQ(refusal(scratch / "file"), "none");
  EXPECT_EQ(refusal(scratch / "new"), "none");
  EXPECT_EQ(refusal(scratch / "a" / "b" / "new"), "none");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
  // Root may write wherever a folder's permissions forbid it, but not these.
  EXPECT_EQ(refusal("/proc/x").find("/proc/x: cannot write: "), 0U) << refusal("/proc/x");
  EXPECT_EQ(refusal("/proc/none/x").find("/proc/none/x: cannot write: "), 0U);
  EXPECT_EQ(refusal("/dev/null/x"), "/dev/null/x: cannot write: Not a directory");
  EXPECT_NE(refusal(scratch / "file" / "a" / "x"), "none");
}

TEST(WriteFile, KilledAtAnyMomentLeavesTheOldOrTheNewFileWhole) {
  const ScratchFolder scratch;
  const auto file = scratch / "checkpoint";
  constexpr std::size_t size = 3'000'000;
  write_file(file, filled(std::byte{0}, size));
  for (int round = 0; round < 25; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      for (unsigned i = 1;; ++i) write_file(file, filled(static_cast<std::byte>(i & 0xFFU), size));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500 + 731 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const auto content = read_file(file, size);
    ASSERT_EQ(content.size(), size);
    ASSERT_EQ(content, filled(content[0], size)) << "a mixture after kill " << round;
  }
}

TEST(ReadFile, NamesWhatIsWrong) {
  const ScratchFolder scratch;
  const auto message = [](const std::filesystem::path& file, std::size_t limit) {
    try {
      read_file(file, limit);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  EXPECT_NE(message(scratch / "none", 10).find("none: cannot open"), std::string::npos);
  EXPECT_NE(message(scratch.path(), 10).find("directory"), std::string::npos);
  std::ofstream(scratch / "long") << "more than ten bytes";
  EXPECT_NE(message(scratch / "long", 10).find("too long"), std::string::npos);
  EXPECT_NE(message("/dev/zero", 10'000'000).find("too long"), std::string::npos);
}

}  // namespace
}  // namespace scrawl
