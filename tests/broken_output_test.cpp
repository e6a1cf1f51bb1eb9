// What becomes of the program when nobody reads what it writes, or files may not grow.
#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <scrawl/glyph.hpp>

#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The program's end where nobody reads `stream` (1 or 2): the reader of that pipe has gone.
ProcessResult run_unread(int stream, const std::vector<std::string>& arguments) {
  const ScratchFolder folder;
  std::array<int, 2> pipe_ends{};
  EXPECT_EQ(pipe(pipe_ends.data()), 0);
  close(pipe_ends[0]);
  const pid_t child = start_scrawl(arguments, folder, "/dev/null", {{stream, pipe_ends[1]}});
  close(pipe_ends[1]);
  return finish(child, folder);
}

void write_digits(const std::filesystem::path& folder) {
  for (int digit = 0; digit < 10; ++digit) {
    std::filesystem::create_directories(folder / std::to_string(digit));
    for (int i = 0; i < 4; ++i) {
      std::string glyph(glyph_pixels, '\0');
      for (int y = 6; y < 22; ++y)
        glyph[static_cast<std::size_t>(28 * y + 4 + 2 * digit + i)] = '\xFF';
      std::ofstream(folder / std::to_string(digit) / (std::to_string(i) + ".pgm"), std::ios::binary)
          << "P5\n28 28\n255\n"
          << glyph;
    }
  }
}

std::vector<std::string> training(const ScratchFolder& folder) {
  write_digits(folder / "data");
  return {"train", "--data", folder / "data",         "--model", "dense 10", "--epochs",
          "3",     "--out",  folder / "m.safetensors"};
}

TEST(BrokenOutput, ATrainingGoesOnWhenNobodyReadsWhatItSays) {
  const ScratchFolder folder;
  EXPECT_EQ(run_unread(STDERR_FILENO, training(folder)).code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder / "m.safetensors"));
}

TEST(BrokenOutput, AnAnswerThatNobodyReadsEndsQuietlyAsInEveryProgram) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--version"}, {"read", "--json", SCRAWL_SOURCE "/examples/pictures/7-mnist.png"}}) {
    const ProcessResult result = run_unread(STDOUT_FILENO, arguments);
    EXPECT_EQ(result.code, 128 + SIGPIPE) << arguments[0];
    EXPECT_EQ(result.err, "") << arguments[0];
  }
}

/// Files of the programs that this test starts may be no larger than 4 kB.
class NoRoomInFiles : public testing::Test {
 protected:
  NoRoomInFiles() {
    getrlimit(RLIMIT_FSIZE, &before_);
    before_handler_ = std::signal(SIGXFSZ, SIG_DFL);
    const rlimit small{4096, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~NoRoomInFiles() override {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_handler_);
  }

  ScratchFolder folder_;

 private:
  rlimit before_{};
  void (*before_handler_)(int) = SIG_DFL;
};

TEST_F(NoRoomInFiles, IsAnErrorOfAnExport) {
  const ProcessResult result = run_scrawl({"export", "--onnx", "-o", folder_ / "m.onnx"});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "m.onnx") && has(result.err, "File too large")) << result.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m.onnx"));
}

TEST_F(NoRoomInFiles, IsAnErrorOfATraining) {
  const ProcessResult result = run_scrawl(training(folder_));
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "File too large")) << result.err;
}

}  // namespace
}  // namespace scrawl
