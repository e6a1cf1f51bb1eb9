// Files are written whole or not at all.
#include "files/files.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>

#include "files/folder_lock.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

std::vector<std::byte> filled(std::byte value, std::size_t size) {
  return std::vector<std::byte>(size, value);
}

TEST(WriteFile, ReplacesWhatWasThere) {
  const ScratchFolder scratch;
  const auto file = scratch / "a" / "b" / "file";
  make_folder_of(file);
  write_file(file, filled(std::byte{1}, 1000));
  write_file(file, filled(std::byte{2}, 10));
  EXPECT_EQ(read_file(file, 100), filled(std::byte{2}, 10));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}), 1);
}

TEST(WriteFile, NamesTheFolderThatIsMissingAndMakesNone) {
  const ScratchFolder scratch;
  const auto file = scratch / "missing" / "file";
  try {
    write_file(file, filled(std::byte{1}, 10));
    ADD_FAILURE() << "wrote into a folder that is missing";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_EQ(error.what(), file.string() + ": cannot write: the folder " +
                                (scratch / "missing").string() + " is missing; make it first");
  }
  EXPECT_THROW(require_folder_of(file), FileError);
  EXPECT_NO_THROW(require_folder_of(scratch / "file"));
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(MakeFolderOf, FollowsALinkToWhereTheFileWouldBe) {
  const ScratchFolder scratch;
  std::filesystem::create_symlink(scratch / "far" / "target", scratch / "link");
  make_folder_of(scratch / "link");
  EXPECT_TRUE(std::filesystem::is_directory(scratch / "far"));
  make_folder_of("file");  // in the current folder
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

std::string failure_to_write(const std::filesystem::path& file, std::size_t size = 10) {
  try {
    write_file(file, filled(std::byte{1}, size));
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(WriteFile, SaysWhatIsThereInsteadOfAFile) {
  const ScratchFolder scratch;
  const std::string folder = scratch.path();
  std::filesystem::create_symlink("loop", scratch / "loop");
  std::filesystem::create_symlink("nowhere/at/all", scratch / "dangling");
  std::ofstream(scratch / "file") << "content";
  ASSERT_EQ(mkfifo((scratch / "pipe").c_str(), 0600), 0);
  for (const auto& [name, problem] :
       {std::pair("loop", "cannot write: Too many levels of symbolic links"),
        {"pipe", "cannot write: it is a pipe, not a file"}}) {
    EXPECT_EQ(failure_to_write(scratch / name), folder + "/" + name + ": " + problem);
    EXPECT_EQ(refusal(scratch / name), folder + "/" + name + ": " + problem);
  }
  EXPECT_EQ(refusal(folder), folder + ": cannot write: Is a directory");
  for (const char* inner : {"loop/x", "file/x", "pipe/x", "loop/x/y"}) {
    EXPECT_NE(failure_to_write(scratch / inner), "none") << inner;
    EXPECT_NE(refusal(scratch / inner), "none") << inner;
  }
  EXPECT_EQ(refusal(scratch / "loop/x"),
            folder + "/loop/x: cannot write: Too many levels of symbolic links");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 4);
}

/// As the file system says no more room, or a limit on the size of files is reached.
TEST(WriteFile, ThatFailsInTheMiddleNamesTheFileAndLeavesTheOldOneAlone) {
  const ScratchFolder scratch;
  const auto file = scratch / "model";
  write_file(file, filled(std::byte{7}, 100));
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{5000, 5000};
    setrlimit(RLIMIT_FSIZE, &limit);
    const bool said =
        failure_to_write(file, 1'000'000) == file.string() + ": cannot write: File too large";
    _exit(said ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "what it said named another file, or nothing";
  EXPECT_EQ(read_file(file, 1000), filled(std::byte{7}, 100));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
}

/// In a container every start may have the same number.
TEST(WriteFile, IsNotKeptByWhatAnotherProcessOfItsNumberLeft) {
  const ScratchFolder scratch;
  const std::string last = temporary_name("x");  // x.<process>.<number>.part
  const unsigned number = static_cast<unsigned>(std::stoul(last.substr(last.find('.', 2) + 1)));
  const auto left = [&](unsigned i) {
    return scratch /
           ("model." + std::to_string(getpid()) + "." + std::to_string(number + i) + ".part");
  };
  for (const unsigned i : {1U, 2U, 3U}) std::ofstream(left(i)) << "left";
  EXPECT_EQ(failure_to_write(scratch / "model"), "none");
  for (const unsigned i : {1U, 2U, 3U}) EXPECT_TRUE(std::filesystem::exists(left(i)));
  EXPECT_EQ(read_file(scratch / "model", 100), filled(std::byte{1}, 10));
}

TEST(Leftovers, AreTemporariesOfProcessesThatAreGoneOrOld) {
  const ScratchFolder scratch;
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  const std::string gone = std::to_string(child);
  const std::string here = std::to_string(getpid());
  for (const std::string& name : {"a." + gone + ".0.part", "b.x." + gone + ".12.part"}) {
    std::ofstream(scratch / name) << "left";
    EXPECT_TRUE(is_leftover(scratch / name)) << name;
  }
  for (const std::string& name :
       {"a." + here + ".0.part", std::string("a.part"), "a." + gone + ".part",
        "a." + gone + ".0.png", "." + gone + ".0.part", "a." + gone + ".-1.part",
        std::string("a.0.0.part"), std::string("a.99999999999.0.part"), "a." + gone + ".0x.part"}) {
    std::ofstream(scratch / name) << "not ours to remove";
    EXPECT_FALSE(is_leftover(scratch / name)) << name;
  }
  remove_leftovers(scratch.path());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 9);
  const auto old = scratch / ("a." + here + ".0.part");
  std::filesystem::last_write_time(
      old, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_TRUE(is_leftover(old));
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

/// Without a word where it waits: the test's time limit ends it.
TEST(ReadFoundFile, ReadsRegularFilesAloneAndNeverWaits) {
  const ScratchFolder scratch;
  std::ofstream(scratch / "file") << "content";
  std::filesystem::create_symlink("file", scratch / "link");
  std::filesystem::create_symlink("loop", scratch / "loop");
  std::filesystem::create_symlink("pipe", scratch / "link to pipe");
  ASSERT_EQ(mkfifo((scratch / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_found_file(scratch / "file", 10).size(), 7U);
  EXPECT_EQ(read_found_file(scratch / "link", 10).size(), 7U);
  const auto problem = [](const std::filesystem::path& file, std::size_t limit = 10) {
    try {
      read_found_file(file, limit);
    } catch (const FileError& error) {
      EXPECT_EQ(error.file(), file);
      EXPECT_EQ(error.what(), file.string() + ": " + error.problem());
      return error.problem();
    }
    return std::string("none");
  };
  EXPECT_EQ(problem(scratch / "pipe"), "cannot read: it is a pipe, not a file");
  EXPECT_EQ(problem(scratch / "link to pipe"), "cannot read: it is a pipe, not a file");
  EXPECT_EQ(problem(scratch / "loop"), "cannot open: Too many levels of symbolic links");
  EXPECT_EQ(problem(scratch.path()), "cannot read: Is a directory");
  EXPECT_EQ(problem("/dev/zero"), "cannot read: it is a device, not a file");
  EXPECT_EQ(problem(scratch / "file", 6), "too long: 7 bytes, at most 6");
  EXPECT_EQ(problem("-"), "cannot open: No such file or directory") << "it is a name like others";
}

TEST(ReadFile, ReadsAPipeThatTheUserNames) {
  const ScratchFolder scratch;
  const auto pipe = scratch / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << "content"; });
  EXPECT_EQ(read_file(pipe, 10).size(), 7U);
  writer.join();
}

// ---- FolderLock

TEST(FolderLockTest, LetsOneInAtATimeAmongThreadsAndProcesses) {
  const ScratchFolder scratch;
  const auto count = scratch / "count";  // what several add to without a lock loses some
  write_file(count, filled(std::byte{0}, 1));
  const auto add = [&] {
    for (int i = 0; i < 20; ++i) {
      const FolderLock lock(scratch.path());
      auto bytes = read_file(count, 10);
      bytes[0] = static_cast<std::byte>(std::to_integer<int>(bytes[0]) + 1);
      std::ofstream(count, std::ios::binary).put(static_cast<char>(bytes[0]));
    }
  };
  const pid_t child = fork();
  if (child == 0) {
    add();
    _exit(0);
  }
  std::thread other(add);
  add();
  other.join();
  waitpid(child, nullptr, 0);
  EXPECT_EQ(read_file(count, 10), filled(std::byte{60}, 1));
}

TEST(FolderLockTest, IsNotWaitedForLongerThanAsked) {
  const ScratchFolder scratch;
  const FolderLock held(scratch.path());
  try {
    const FolderLock second(scratch.path(), std::chrono::milliseconds(20));
    ADD_FAILURE() << "two hold it";
  } catch (const FileError& error) {
    EXPECT_NE(error.problem().find("another program has held"), std::string::npos);
  }
  EXPECT_THROW(FolderLock(scratch / "none"), FileError);
}

TEST(FolderLockTest, EndsWithItsProcess) {
  const ScratchFolder scratch;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const FolderLock held(scratch.path());
    [[maybe_unused]] const ssize_t put = write(ready[1], "x", 1);
    for (;;) pause();
  }
  char held = 0;
  ASSERT_EQ(read(ready[0], &held, 1), 1);
  EXPECT_THROW(FolderLock(scratch.path(), std::chrono::milliseconds(0)), FileError);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_NO_THROW(FolderLock(scratch.path(), std::chrono::milliseconds(0)));
}

TEST(FolderLockTest, IsNotKeptByAChildThatWasForkedMeanwhile) {
  const ScratchFolder scratch;
  pid_t child = 0;
  {
    const FolderLock held(scratch.path());
    child = fork();
    if (child == 0)
      for (;;) pause();
  }
  EXPECT_NO_THROW(FolderLock(scratch.path(), std::chrono::milliseconds(0)));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace scrawl
