// scrawl read with many pictures and with choices; and the order in which results come.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "cli/ordered.hpp"
#include "picture/picture.hpp"
#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

namespace fs = std::filesystem;

const fs::path examples = fs::path(SCRAWL_SOURCE) / "examples/pictures";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A folder with a picture of 2 and of 7, an inner one with one of 4, and a text beside them.
class Folder : public testing::Test {
 protected:
  Folder() {
    fs::create_directory(scratch_ / "inner");
    fs::copy(examples / "7-mnist.png", scratch_ / "b.png");
    fs::copy(examples / "2-marker.png", scratch_ / "a.PNG");
    fs::copy(examples / "4-paint-1-pixel.png", scratch_ / "inner/c.png");
    std::ofstream(scratch_ / "notes.txt") << "no picture";
  }

  std::string path(const std::string& name) const { return scratch_ / name; }

  ScratchFolder scratch_;
};

TEST_F(Folder, IsReadInTheOrderOfNames) {
  const ProcessResult result = run_scrawl({"read", scratch_.path()});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, path("a.PNG") + ": 2\n" + path("b.png") + ": 7\n");
}

TEST_F(Folder, StagesAreWrittenIntoAFolderForEachPicture) {
  const ProcessResult result =
      run_scrawl({"read", "--stages", path("stages"), path("b.png"), path("inner/c.png")});
  EXPECT_EQ(result.code, 0) << result.err;
  std::size_t folders = 0;
  for (const auto& entry : fs::directory_iterator(path("stages"))) {
    ++folders;
    const Picture canvas = load_picture(entry.path() / "02 canvas 1.png");
    EXPECT_EQ(canvas.width % 16, 0);
    const Picture centers = load_picture(entry.path() / "03 canvas 1 centers.png");
    EXPECT_EQ(centers.width, canvas.width);
    EXPECT_GT(*std::ranges::max_element(centers.pixels), 64) << entry.path();
  }
  EXPECT_EQ(folders, 2U);
  ASSERT_EQ(run_scrawl({"read", "--one", "--stages", path("one"), path("b.png")}).code, 0);
  const fs::path own = fs::directory_iterator(path("one"))->path();
  EXPECT_TRUE(fs::exists(own / "01 ink.png"));
  EXPECT_TRUE(fs::exists(own / "02 glyph 1.png"));
  const ProcessResult nowhere =
      run_scrawl({"read", "--stages", path("b.png") + "/in", path("b.png")});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_TRUE(has(nowhere.err, path("b.png") + "/in")) << nowhere.err;
}

TEST_F(Folder, WhetherADigitIsWrittenByHandIsInTheJson) {
  const ProcessResult result = run_scrawl({"read", "--json", path("b.png")});
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_GT(json["digits"][0]["handwritten"].get<double>(), 0.5);
  EXPECT_EQ(run_scrawl({"read", "--handwritten", "--signs", path("b.png")}).out, "7\n");
}

TEST_F(Folder, IsReadWithItsFoldersWhenAskedTo) {
  const ProcessResult result = run_scrawl({"read", "-r", scratch_.path()});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out,
            path("a.PNG") + ": 2\n" + path("b.png") + ": 7\n" + path("inner/c.png") + ": 4\n");
}

TEST_F(Folder, PatternsAreExpandedWhereTheShellDidNot) {
  const ProcessResult result = run_scrawl({"read", path("*/c.*"), path("[ab].*")});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out,
            path("inner/c.png") + ": 4\n" + path("a.PNG") + ": 2\n" + path("b.png") + ": 7\n");
  const ProcessResult none = run_scrawl({"read", path("*.gif")});
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(has(none.err, "*.gif: no file matches")) << none.err;
}

TEST_F(Folder, AListNamesThePictures) {
  std::ofstream(path("list")) << path("b.png") << "\r\n\n"
                              << path("missing.png") << "\n"
                              << path("a.PNG");
  const ProcessResult from_file = run_scrawl({"read", "--list", path("list")});
  EXPECT_EQ(from_file.code, 1);
  EXPECT_EQ(from_file.out, path("b.png") + ": 7\n" + path("a.PNG") + ": 2\n");
  EXPECT_TRUE(has(from_file.err, "missing.png")) << from_file.err;
  const ProcessResult from_input = run_scrawl({"read", "--list", "-"}, path("list"));
  EXPECT_EQ(from_input.out, from_file.out);
  EXPECT_EQ(run_scrawl({"read", "--list", path("nothing")}).code, 1);
}

TEST_F(Folder, ManyPicturesOnManyThreadsComeInOrder) {
  std::ofstream list(path("list"));
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const std::string name = path(i % 3 == 0 ? "a.PNG" : "b.png");
    list << name << "\n";
    expected += name + (i % 3 == 0 ? ": 2\n" : ": 7\n");
  }
  list.close();
  EXPECT_EQ(run_scrawl({"read", "--threads", "5", "--list", path("list")}).out, expected);
}

TEST_F(Folder, ExplanationsAreDrawnIntoAFileOrAFolder) {
  ASSERT_EQ(run_scrawl({"read", "--explain", path("found.png"), path("b.png")}).code, 0);
  const Picture found = load_picture(path("found.png"));
  EXPECT_EQ(found.channels, 3);
  EXPECT_GE(found.width, 400);
  const std::string out = path("new/out");
  for (int time = 0; time < 2; ++time) {  // the folder is made, and is there
    ASSERT_EQ(run_scrawl({"read", "--explain", out, path("b.png"), path("a.PNG")}).code, 0);
    EXPECT_EQ(std::distance(fs::directory_iterator(out), fs::directory_iterator()), 2);
  }
  const ProcessResult wrong =
      run_scrawl({"read", "--explain", path("new.png"), path("b.png"), path("a.PNG")});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(has(wrong.err, "expected a folder")) << wrong.err;
}

TEST_F(Folder, AnExplanationThatCannotBeWrittenIsAFailureAndTheReadingStays) {
  const ProcessResult result =
      run_scrawl({"read", "--json", "--explain", "/dev/full", path("b.png")});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(nlohmann::json::parse(result.out)["text"], "7");
  const auto size = fs::file_size(path("b.png"));
  const ProcessResult itself = run_scrawl({"read", "--explain", path("b.png"), path("b.png")});
  EXPECT_EQ(itself.code, 1);
  EXPECT_TRUE(has(itself.err, "--explain: " + path("b.png") + " is read")) << itself.err;
  EXPECT_EQ(fs::file_size(path("b.png")), size);
}

TEST_F(Folder, NothingThatIsReadIsWrittenOver) {
  std::ofstream(path("list")) << path("inner/c.png") << '\n' << path("b.png") << '\n';
  std::ofstream(path("fields.json")) << "{}";
  fs::create_symlink("b.png", path("link"));
  const std::string before = slurp(path("b.png"));
  for (const std::vector<std::string>& pictures : {std::vector<std::string>{path("b.png")},
                                                   {path("a.PNG"), path("b.png")},
                                                   {path("*.png")},
                                                   {path("")},
                                                   {"--list", path("list")}}) {
    for (const std::string& out : {path("b.png"), path("inner/../b.png"), path("link")}) {
      std::vector<std::string> command{"read", "-o", out};
      command.insert(command.end(), pictures.begin(), pictures.end());
      const ProcessResult result = run_scrawl(command);
      EXPECT_EQ(result.code, 2) << pictures.back();
      EXPECT_TRUE(has(result.err, "-o: " + out + " is read")) << result.err;
      EXPECT_EQ(slurp(path("b.png")), before);
    }
  }
  EXPECT_EQ(run_scrawl({"read", "--list", path("list"), "-o", path("list")}).code, 2);
  EXPECT_EQ(
      run_scrawl({"read", "--form", path("fields.json"), path("b.png"), "-o", path("fields.json")})
          .code,
      2);
  EXPECT_EQ(slurp(path("fields.json")), "{}");
  EXPECT_EQ(run_scrawl({"read", "-", "-o", path("link")}, path("b.png")).code, 0) << "a stream";
}

TEST_F(Folder, APatternIsSeveralPictures) {
  const ProcessResult result = run_scrawl({"read", path("b*")});
  EXPECT_EQ(result.out, path("b.png") + ": 7\n");
  fs::create_symlink(path("nowhere"), path("x*.png"));  // which is like itself
  EXPECT_EQ(run_scrawl({"read", path("x*.png")}).code, 1);
}

TEST_F(Folder, ANameCannotForgeAnotherLine) {
  fs::copy(path("b.png"), path("n\nx.png"));
  const ProcessResult result = run_scrawl({"read", path("n\nx.png"), path("b.png")});
  EXPECT_EQ(result.out, path("n\\nx.png") + ": 7\n" + path("b.png") + ": 7\n");
}

TEST_F(Folder, NamesStayAsTheyAreUnlessTheySteerTheTerminal) {
  fs::copy(path("b.png"), path("sieben 七 ٧ é.png"));
  fs::copy(path("b.png"), path("n\xc2\x9b"
                               "1m\x9b\u202e\x1b]8;;x\x07.png"));
  const ProcessResult plain = run_scrawl({"read", path("sieben 七 ٧ é.png"), path("b.png")});
  EXPECT_EQ(plain.out, path("sieben 七 ٧ é.png") + ": 7\n" + path("b.png") + ": 7\n");
  const std::string hostile = path(
      "n\xc2\x9b"
      "1m\x9b\u202e\x1b]8;;x\x07.png");
  EXPECT_EQ(run_scrawl({"read", hostile, path("b.png")}).out,
            path("n\\xC2\\x9B1m\\x9B\\xE2\\x80\\xAE\\x1B]8;;x\\x07.png") + ": 7\n" + path("b.png") +
                ": 7\n");
  const std::string json = run_scrawl({"read", "--json", hostile}).out;
  EXPECT_TRUE(has(json, "n\\u009b1m\uFFFD\\u202e\\u001b]8;;x\\u0007.png")) << json;
}

TEST_F(Folder, NothingToReadIsAFailure) {
  fs::create_directory(path("empty"));
  for (const std::string& what : {path("empty"), path("loop")}) {
    if (what == path("loop")) fs::create_symlink(what, what);
    EXPECT_EQ(run_scrawl({"read", what}).code, 1) << what;
  }
  EXPECT_EQ(run_scrawl({"read", "--list", path("empty")}).code, 1);
}

/// Nobody writes to that pipe: who opens it to read waits for good.
TEST_F(Folder, APipeInAFolderHoldsNothingUp) {
  ASSERT_EQ(mkfifo(path("c.png").c_str(), 0600), 0);
  fs::create_symlink("c.png", path("d.png"));
  fs::create_symlink("b.png", path("e.png"));
  for (const std::string& what : {scratch_.path().string(), path("[b-e]*.png")}) {
    const ProcessResult result = run_scrawl({"read", what});
    EXPECT_EQ(result.code, 1);
    EXPECT_TRUE(has(result.out, path("b.png") + ": 7\n" + path("e.png") + ": 7\n"));
    EXPECT_TRUE(has(result.err, path("c.png") + ": cannot read: it is a pipe")) << result.err;
    EXPECT_TRUE(has(result.err, path("d.png") + ": cannot read: it is a pipe")) << result.err;
  }
}

TEST_F(Folder, APipeThatIsNamedIsRead) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  std::thread writer(
      [&] { std::ofstream(path("pipe"), std::ios::binary) << slurp(path("b.png")); });
  EXPECT_EQ(run_scrawl({"read", path("pipe")}).out, "7\n");
  writer.join();
}

TEST_F(Folder, DoubtIsAQuestionMark) {
  EXPECT_EQ(run_scrawl({"read", "--min-confidence", "1", path("a.PNG")}).out, "?\n");
  EXPECT_EQ(run_scrawl({"read", "--min-confidence", "0.5", path("a.PNG")}).out, "2\n");
}

TEST_F(Folder, AListMayBeginWithAByteOrderMark) {
  std::ofstream(scratch_ / "list") << "\xEF\xBB\xBF" << path("b.png") << "\r\n";
  const ProcessResult result = run_scrawl({"read", "--list", path("list")});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, path("b.png") + ": 7\n");
}

TEST_F(Folder, ANameWithANulInAListIsAnErrorAndTheOthersAreRead) {
  std::ofstream(scratch_ / "list") << "\n"
                                   << path("b.png") << '\0' << "x\n"
                                   << path("b.png") << "\n";
  const ProcessResult result = run_scrawl({"read", "--list", path("list")});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, path("b.png") + ": 7\n");
  EXPECT_TRUE(has(result.err, path("list") + ": line 2: a name with a NUL")) << result.err;
}

TEST_F(Folder, ALineOfAListWithoutAnEndIsAnErrorAndNoMemory) {
  std::ofstream(scratch_ / "list") << path("b.png") << "\n"
                                   << std::string(70'000, 'x') << "\ny.png";
  const ProcessResult result = run_scrawl({"read", "--list", path("list")});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, path("b.png") + ": 7\n");
  EXPECT_TRUE(has(result.err, path("list") + ": line 2: found more than 65536 bytes"))
      << result.err.substr(0, 500);
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1);
  EXPECT_LT(result.err.size(), 500U);
  const ProcessResult endless = run_scrawl({"read", "--list", "/dev/zero"});
  EXPECT_EQ(endless.code, 1);
  EXPECT_TRUE(has(endless.err, "/dev/zero: line 1: ")) << endless.err;
}

TEST_F(Folder, FewerDigitsThanAskedForAreAWarning) {
  const ProcessResult text = run_scrawl({"read", "--digits", "5", path("b.png")});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.out, "7\n");
  EXPECT_TRUE(has(text.err, "5 digits were asked for")) << text.err;
  const ProcessResult json = run_scrawl({"read", "--json", "--digits", "5", path("b.png")});
  EXPECT_TRUE(nlohmann::json::parse(json.out).contains("warning")) << json.out;
  EXPECT_EQ(run_scrawl({"read", "--digits", "1", path("b.png")}).err, "");
}

TEST_F(Folder, DoubtIsMarkedAmongTheMostProbableToo) {
  const std::vector<std::string> top{"read", "--top", "1", "--min-confidence"};
  const auto with = [&](const char* least) {
    std::vector<std::string> arguments = top;
    arguments.insert(arguments.end(), {least, path("b.png")});
    return run_scrawl(arguments).out;
  };
  EXPECT_TRUE(with("0").starts_with("7 ")) << with("0");
  EXPECT_TRUE(with("1").starts_with("? 7 ")) << with("1");
}

TEST_F(Folder, AnExplanationIsAPng) {
  const ProcessResult result = run_scrawl({"read", "--explain", path("o.jpg"), path("b.png")});
  EXPECT_EQ(result.code, 2);
  EXPECT_TRUE(has(result.err, ".png")) << result.err;
  EXPECT_FALSE(fs::exists(path("o.jpg")));
}

TEST_F(Folder, WrongUsageIsExitCodeTwo) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"read"},
                                                {"read", "--one", "--line", "x.png"},
                                                {"read", "--one", "--digits", "3", "x.png"},
                                                {"read", "--digits", "-1", "x.png"},
                                                {"read", "--list", "-", "-"},
                                                {"read", "--min-confidence", "nan", "x.png"},
                                                {"read", "--min-confidence", "1.5", "x.png"}}) {
    const ProcessResult result = run_scrawl(wrong);
    EXPECT_EQ(result.code, 2) << wrong.back();
    EXPECT_EQ(result.out, "");
  }
}

// ---- run_in_order

std::function<std::optional<int>()> count_to(int end) {
  return [end, i = 0]() mutable -> std::optional<int> {
    return i < end ? std::optional(i++) : std::nullopt;
  };
}

TEST(RunInOrder, GivesResultsInTheOrderOfTheItemsAndKeepsFewOfThem) {
  std::vector<int> results;
  std::atomic<int> taken{0};
  std::atomic<int> max_ahead{0};
  cli::run_in_order<int, int>(
      3, count_to(200),
      [&](const int& item) {
        ++taken;
        if (item % 7 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return item * item;
      },
      [&](int result) {
        max_ahead = std::max<int>(max_ahead, taken - static_cast<int>(results.size()));
        results.push_back(result);
      });
  ASSERT_EQ(results.size(), 200U);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(results[i], i * i);
  EXPECT_LE(max_ahead, 16);
}

TEST(RunInOrder, GivesAResultBeforeTheNextItemIsThere) {
  std::atomic<int> emitted{0};
  int item = 0;
  cli::run_in_order<int, int>(
      2,
      [&]() -> std::optional<int> {
        while (emitted < item) std::this_thread::yield();  // as one who waits for each answer
        return item < 5 ? std::optional(item++) : std::nullopt;
      },
      [](const int& i) { return i; }, [&](int) { ++emitted; });
  EXPECT_EQ(emitted, 5);
}

TEST(RunInOrder, EndsWithNothingToDo) {
  cli::run_in_order<int, int>(
      4, count_to(0), [](const int& item) { return item; }, [](int) { FAIL(); });
}

TEST(RunInOrder, PassesExceptionsOn) {
  const auto fails_at = [](int place, const char* where) {
    cli::run_in_order<int, int>(
        2, count_to(50),
        [&](const int& item) {
          if (where == std::string("work") && item == place) throw std::runtime_error("work");
          return item;
        },
        [&](int result) {
          if (where == std::string("emit") && result == place) throw std::runtime_error("emit");
        });
  };
  EXPECT_THROW(fails_at(20, "work"), std::runtime_error);
  EXPECT_THROW(fails_at(20, "emit"), std::runtime_error);
}

}  // namespace
}  // namespace scrawl
