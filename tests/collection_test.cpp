// A collection of corrections that several change at once, that was left by killed processes, that
// holds what is no glyph, and that is large.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <set>
#include <signal.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <time.h>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "dataset_files.hpp"
#include "decoding/write_png.hpp"
#include "network/random.hpp"
#include "personalization/pictures_by_digit.hpp"
#include "process.hpp"
#include "scratch.hpp"
#include "training/outlier.hpp"

namespace scrawl {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::expect_mentions;

Glyph some_glyph(std::uint64_t number) {
  return draw_rare_style(Random({7, number})).glyph;
}

fs::path file_of(const fs::path& folder, int digit, const Glyph& glyph) {
  return folder / std::to_string(digit) / (glyph_id(glyph) + ".png");
}

/// As the disk has it, before anything heals it.
std::vector<int> digits_of(const fs::path& folder, const Glyph& glyph) {
  std::vector<int> digits;
  for (int digit = 0; digit < 10; ++digit)
    if (fs::exists(file_of(folder, digit, glyph))) digits.push_back(digit);
  return digits;
}

std::size_t unfinished_in(const fs::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    count += entry.path().extension() == ".part" ? 1 : 0;
  return count;
}

/// Runs `body(i)` for i below `count` in processes of their own that all begin at once; whether all
/// of them returned.
bool in_processes(int count, const std::function<void(int)>& body) {
  int gate[2];
  if (pipe(gate) != 0) return false;
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    close(gate[1]);
    char open_at_end = 0;
    [[maybe_unused]] const ssize_t got = read(gate[0], &open_at_end, 1);
    try {
      body(i);
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  close(gate[0]);
  close(gate[1]);
  bool all = true;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    all = all && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return all;
}

// ---- Several at once

TEST(CollectionAtOnce, TwoProcessesLeaveAGlyphUnderOneOfTheirDigits) {
  const ScratchFolder folder;
  for (std::uint64_t round = 0; round < 100; ++round) {
    const Glyph glyph = some_glyph(round);
    if (round % 2 == 1) add_correction(folder.path(), glyph, 1);
    ASSERT_TRUE(
        in_processes(2, [&](int i) { add_correction(folder.path(), glyph, i == 0 ? 3 : 5); }));
    const std::vector<int> digits = digits_of(folder.path(), glyph);
    ASSERT_EQ(digits.size(), 1U) << "round " << round;
    ASSERT_TRUE(digits[0] == 3 || digits[0] == 5);
  }
  EXPECT_EQ(load_collection(folder.path()).files.size(), 100U);
}

TEST(CollectionAtOnce, ThreadsLeaveAGlyphUnderOneOfTheirDigits) {
  const ScratchFolder folder;
  for (std::uint64_t round = 0; round < 100; ++round) {
    const Glyph glyph = some_glyph(round);
    std::atomic<int> waiting{4};
    std::vector<std::thread> threads;
    for (int digit = 0; digit < 4; ++digit) {
      threads.emplace_back([&, digit] {
        for (--waiting; waiting > 0;) std::this_thread::yield();
        add_correction(folder.path(), glyph, digit);
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(digits_of(folder.path(), glyph).size(), 1U) << "round " << round;
  }
}

TEST(CollectionAtOnce, TwoCommandsLeaveAGlyphUnderOneOfTheirDigits) {
  const ScratchFolder home;
  const fs::path picture = fs::path(SCRAWL_SOURCE) / "examples/pictures/2-marker.png";
  for (int round = 0; round < 8; ++round) {
    const pid_t first = start_scrawl({"teach", picture, "3"}, home);
    const pid_t second = start_scrawl({"teach", picture, "5"}, home);
    EXPECT_EQ(finish(first, home).code, 0);
    EXPECT_EQ(finish(second, home).code, 0);
    EXPECT_EQ(list_corrections(home / "scrawl/corrections").size(), 1U);
    fs::remove_all(home / "scrawl/corrections");
  }
}

/// While a glyph goes to and fro, whoever lists the collection sees it once.
TEST(CollectionAtOnce, AReaderSeesAGlyphThatMovesOnce) {
  const ScratchFolder folder;
  const Glyph glyph = some_glyph(1);
  add_correction(folder.path(), glyph, 9);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) add_correction(folder.path(), glyph, i % 2 == 0 ? 0 : 9);
    done = true;
  });
  std::set<std::size_t> sizes;
  while (!done) sizes.insert(count_corrections(folder.path()).size);
  writer.join();
  EXPECT_EQ(sizes, std::set<std::size_t>{1});
}

TEST(CollectionAtOnce, AGlyphThatIsThereIsMovedRatherThanWritten) {
  const ScratchFolder folder;
  const Glyph glyph = some_glyph(1);
  const auto inode = [](const fs::path& file) {
    struct stat status {};
    return stat(file.c_str(), &status) == 0 ? status.st_ino : 0;
  };
  const auto before = inode(add_correction(folder.path(), glyph, 3));
  EXPECT_EQ(inode(add_correction(folder.path(), glyph, 5)), before)
      << "between writing and removing it would be under two digits";
}

// ---- What killed processes leave

TEST(CollectionAfterAKill, HoldsAGlyphThatWasThereUnderOneDigitWhole) {
  const ScratchFolder folder;
  const Glyph glyph = some_glyph(1);
  add_correction(folder.path(), glyph, 1);
  for (int round = 0; round < 60; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      for (std::uint64_t i = 0;; ++i) {
        add_correction(folder.path(), glyph, i % 2 == 0 ? 3 : 5);
        add_correction(folder.path(), some_glyph(2 + i), 7);
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500 + 337 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const std::vector<int> digits = digits_of(folder.path(), glyph);
    ASSERT_EQ(digits.size(), 1U) << "after kill " << round;
    ASSERT_EQ(load_glyph(file_of(folder.path(), digits[0], glyph)), glyph);
  }
  const PicturesByDigit all = load_collection(folder.path());
  EXPECT_TRUE(all.unread.empty());
  EXPECT_EQ(unfinished_in(folder.path()), 0U);
}

/// The number of a process that has been, and is no more.
pid_t gone_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

TEST(CollectionAfterAKill, LosesWhatWasHalfWrittenWithTheNextChange) {
  const ScratchFolder folder;
  add_correction(folder.path(), some_glyph(1), 7);
  std::ofstream(folder / fmt::format("0.png.{}.0.part", gone_process())) << "half";
  add_correction(folder.path(), some_glyph(2), 7);
  EXPECT_EQ(unfinished_in(folder.path()), 0U);
}

TEST(CollectionAfterAKill, LosesWhatWasHalfWrittenAmongTheGlyphsWhenListed) {
  const ScratchFolder folder;
  add_correction(folder.path(), some_glyph(1), 7);
  std::ofstream(folder / fmt::format("7/0.png.{}.0.part", gone_process())) << "half";
  std::ofstream(folder / fmt::format("7/0.png.{}.0.part", getpid())) << "being written";
  std::ofstream(folder / "7/film.part") << "somebody else's";
  EXPECT_EQ(list_corrections(folder.path()).size(), 1U);
  EXPECT_EQ(unfinished_in(folder.path()), 2U);
}

TEST(CollectionAfterAKill, TakesTheNewerOfTwoDigits) {
  for (const bool first_is_newer : {false, true}) {
    const ScratchFolder folder;
    const Glyph glyph = some_glyph(1);
    const fs::path three = add_correction(folder.path(), glyph, 3);
    const fs::path five = file_of(folder.path(), 5, glyph);
    fs::create_directory(five.parent_path());
    fs::copy_file(three, five);
    const auto now = fs::file_time_type::clock::now();
    fs::last_write_time(three, now);
    fs::last_write_time(five, now + std::chrono::seconds(first_is_newer ? -1 : 1));
    const std::vector<Correction> all = list_corrections(folder.path());
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].digit, first_is_newer ? 3 : 5);
    EXPECT_EQ(digits_of(folder.path(), glyph), std::vector{first_is_newer ? 3 : 5});
  }
}

TEST(CollectionAfterAKill, NeverTakesADamagedFileForTheNewerOne) {
  const ScratchFolder folder;
  const Glyph glyph = some_glyph(1);
  add_correction(folder.path(), glyph, 3);
  fs::create_directory(folder / "5");
  std::ofstream(file_of(folder.path(), 5, glyph)) << "damaged";
  EXPECT_EQ(load_collection(folder.path()).dataset.labels, std::vector<std::uint8_t>{3});
  EXPECT_TRUE(fs::exists(file_of(folder.path(), 3, glyph)));
}

TEST(CollectionAfterAKill, IsOneAgainWhenTheGlyphIsAdded) {
  const ScratchFolder folder;
  const Glyph glyph = some_glyph(1);
  const fs::path three = add_correction(folder.path(), glyph, 3);
  fs::create_directory(folder / "5");
  fs::copy_file(three, file_of(folder.path(), 5, glyph));
  fs::create_directory(folder / "8");
  fs::create_hard_link(three, file_of(folder.path(), 8, glyph));  // which rename() leaves alone
  add_correction(folder.path(), glyph, 8);
  EXPECT_EQ(digits_of(folder.path(), glyph), std::vector{8});
}

// ---- What is no glyph

/// A collection of one glyph, and of all that does harm to a reader.
struct Minefield {
  Minefield() {
    good = add_correction(folder.path(), some_glyph(1), 7);
    std::ofstream(folder / "7/broken.png") << "\x89PNG\r\n\x1a\n and nothing more";
    std::ofstream(folder / "7/empty.png");
    fs::create_symlink("loop.png", folder / "7/loop.png");
    fs::create_symlink("pipe.png", folder / "7/link to pipe.png");
    mkfifo((folder / "7/pipe.png").c_str(), 0600);
    write_png(std::vector<std::uint8_t>(784, 0), 28, folder / "7/blank.png");
    fs::create_directory(folder / "7/folder.png");
    fs::create_symlink("5", folder / "5");
  }

  std::vector<std::string> harmful{"blank.png",        "broken.png", "empty.png",
                                   "link to pipe.png", "loop.png",   "pipe.png"};
  ScratchFolder folder;
  fs::path good;
};

TEST(CollectionWithMines, IsLoadedWithoutThemAndNamesThem) {
  const Minefield field;
  const PicturesByDigit all = load_collection(field.folder.path());
  ASSERT_EQ(all.files, std::vector{field.good});
  std::vector<std::string> named;
  for (const UnreadFile& unread : all.unread) {
    named.push_back(unread.file.filename());
    EXPECT_FALSE(unread.problem.empty());
    EXPECT_EQ(unread.problem.find('/'), std::string::npos) << unread.problem;
  }
  std::ranges::sort(named);
  EXPECT_EQ(named, field.harmful);
  for (const std::string& name : field.harmful) {
    const fs::path file = field.folder / "7" / name;
    expect_mentions(error_of([&] { load_glyph(file); }), {name});
  }
}

TEST(CollectionWithMines, TakesAndLosesGlyphs) {
  const Minefield field;
  const fs::path folder = field.folder.path();
  EXPECT_EQ(count_corrections(folder).size, 7U);
  add_correction(folder, some_glyph(2), 7);
  EXPECT_TRUE(remove_correction(folder, glyph_id(some_glyph(1))));
  EXPECT_TRUE(remove_correction(folder, "loop"));
  EXPECT_TRUE(remove_correction(folder, "pipe"));
  EXPECT_FALSE(remove_correction(folder, "folder"));
  EXPECT_EQ(count_corrections(folder).size, 5U);
}

TEST(CollectionWithMines, UnderAGlyphsOwnNameIsReplacedByIt) {
  const ScratchFolder folder;
  const Glyph glyph = some_glyph(1);
  const fs::path file = file_of(folder.path(), 7, glyph);
  fs::create_directory(folder / "7");
  fs::create_directory(folder / "3");
  const fs::path mine = folder / "mine";
  const std::vector<std::function<void()>> lay{
      [&] { mkfifo(mine.c_str(), 0600); }, [&] { fs::create_symlink(mine.filename(), mine); },
      [&] { fs::create_symlink("precious", mine); }, [&] { std::ofstream(mine) << "damaged"; }};
  std::ofstream(folder / "precious") << "not for us";
  for (std::size_t i = 0; i < lay.size(); ++i) {
    for (const int digit : {3, 7}) {
      lay[i]();
      fs::rename(mine, file_of(folder.path(), digit, glyph));
      EXPECT_EQ(add_correction(folder.path(), glyph, 7), file);
      EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(file))) << i;
      EXPECT_EQ(load_glyph(file), glyph) << i;
      EXPECT_EQ(digits_of(folder.path(), glyph), std::vector{7}) << i;
    }
  }
  EXPECT_EQ(slurp(folder / "precious"), "not for us");
}

TEST(CollectionWithMines, IsTaughtFromWithAWarning) {
  const Minefield field;
  const ScratchFolder home;
  fs::create_directory(home / "scrawl");
  fs::create_directory_symlink(field.folder.path(), home / "scrawl/corrections");
  EXPECT_EQ(run_scrawl_in(home, {"teach", "--list"}).code, 0);
  const ProcessResult result =
      run_scrawl_in(home, {"teach", "--learn", "--data", home.path().string()});
  EXPECT_EQ(result.code, 1);
  expect_mentions(
      result.err,
      {"7/broken.png: ", "7/loop.png: ", "7/pipe.png: ", "7/blank.png: ", "scrawl data fetch"});
}

/// Pictures by digit are read by the same means.
TEST(CollectionWithMines, IsADataSetWithoutThem) {
  const Minefield field;
  fs::remove(field.folder / "7/blank.png");
  const PicturesByDigit pictures = load_pictures_by_digit(field.folder.path());
  EXPECT_EQ(pictures.files.size(), 1U);
  EXPECT_EQ(pictures.unread.size(), 5U);
}

// ---- Pages, and size

/// Names of glyphs with nothing in them.
void fill(const fs::path& folder, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const fs::path of_digit = folder / std::to_string(i % 10);
    if (i < 10) fs::create_directory(of_digit);
    const std::uint64_t id = i * 0x9E3779B97F4A7C15U + 1;  // spread over all numbers
    close(creat((of_digit / fmt::format("{:016x}.png", id)).c_str(), 0600));
  }
}

TEST(CollectionInPages, IsTheWholeInTheOrderOfIds) {
  const ScratchFolder folder;
  fill(folder.path(), 95);
  std::ofstream(folder / "4/a photo.jpg");  // whatever is there
  std::vector<std::string> ids;
  for (const Correction& one : list_corrections(folder.path())) ids.push_back(one.id);
  std::ranges::sort(ids);
  std::vector<std::string> paged;
  std::size_t pages = 0;
  for (std::string after;;) {
    const std::vector<Correction> page = list_corrections(folder.path(), after, 10);
    if (page.empty()) break;
    EXPECT_LE(page.size(), 10U);
    for (const Correction& one : page) {
      EXPECT_TRUE(fs::exists(one.file));
      EXPECT_EQ(one.file.parent_path().filename(), std::to_string(one.digit));
      paged.push_back(one.id);
    }
    after = paged.back();
    ++pages;
  }
  EXPECT_EQ(paged, ids);
  EXPECT_EQ(pages, 10U);
  EXPECT_TRUE(list_corrections(folder.path(), "", 0).empty());
  EXPECT_TRUE(list_corrections(folder / "none", "", 10).empty());
  EXPECT_EQ(count_corrections(folder.path()).size, 96U);
  EXPECT_EQ(count_corrections(folder.path()).digits[4], 11U);
  EXPECT_EQ(count_corrections(folder / "none").size, 0U);
}

/// Of this thread's own work: what the disk and others on the machine take is not in it.
double seconds_of_work(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

double seconds_to_add(const fs::path& folder, int digit) {
  double least = 1;
  for (std::uint64_t i = 0; i < 15; ++i)
    least = std::min(least, seconds_of_work([&] { add_correction(folder, some_glyph(i), digit); }));
  return least;
}

TEST(CollectionOfManyGlyphs, TakesOneMoreAsFastAsASmallOne) {
  const ScratchFolder small;
  const ScratchFolder large;
  fill(small.path(), 1000);
  fill(large.path(), 100'000);
  for (const int digit : {3, 5}) {  // new, and moved
    const double of_large = seconds_to_add(large.path(), digit);
    EXPECT_LT(of_large, 3 * seconds_to_add(small.path(), digit) + 0.001);
    RecordProperty("adding_us", static_cast<int>(1e6 * of_large));
  }
  const double counting =
      seconds_of_work([&] { EXPECT_EQ(count_corrections(large.path()).size, 100'015U); });
  EXPECT_LT(counting, 0.5) << "files are not looked at to be counted";
  RecordProperty("counting_ms", static_cast<int>(1000 * counting));
  const double paging =
      seconds_of_work([&] { EXPECT_EQ(list_corrections(large.path(), "8", 100).size(), 100U); });
  RecordProperty("page_ms", static_cast<int>(1000 * paging));
}

}  // namespace
}  // namespace scrawl
