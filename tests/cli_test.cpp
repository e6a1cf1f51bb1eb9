// The program from end to end: on real MNIST where it has been fetched, else those tests are
// skipped.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using Json = nlohmann::json;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// A binary PGM of one gray.
void write_blank(const std::filesystem::path& file, int width, int height) {
  std::ofstream(file, std::ios::binary)
      << "P5\n"
      << width << ' ' << height << "\n255\n"
      << std::string(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), '\xF0');
}

/// One glyph as a picture: a binary PGM, white on black as it is.
void write_pgm(const std::filesystem::path& file, GlyphView glyph) {
  std::ofstream(file, std::ios::binary)
      << "P5\n28 28\n255\n"
      << std::string(reinterpret_cast<const char*>(glyph.data()), glyph.size());
}

/// A data set that needs no MNIST: pictures by digit, so many of each, bars at places of their own.
void write_pictures(const std::filesystem::path& folder, std::size_t of_each) {
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    const std::filesystem::path of_digit = folder / std::to_string(digit);
    std::filesystem::create_directories(of_digit);
    for (std::size_t i = 0; i < of_each; ++i) {
      Glyph glyph{};
      for (std::size_t y = 4; y < 24; ++y)
        glyph[y * glyph_side + 4 + 2 * digit] = static_cast<std::uint8_t>(255 - i);
      write_pgm(of_digit / (std::to_string(i) + ".pgm"), glyph);
    }
  }
}

// ---- Usage
// ---------------------------------------------------------------------------------------

/// The commands that a help lists below "Subcommands:", by the first word of each line.
std::vector<std::string> commands_in(const std::string& help) {
  std::vector<std::string> names;
  bool listed = false;
  for (const std::string& line : lines_of(help)) {
    if (line.starts_with("  ") && line.size() > 2 && line[2] != ' ' && listed)
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    else if (!line.starts_with("  "))
      listed = line == "Subcommands:";
  }
  return names;
}

/// Of `command` and all that are in it; returns how many that were.
int expect_example(const std::vector<std::string>& command) {
  std::vector<std::string> arguments = command;
  arguments.emplace_back("--help");
  const ProcessResult result = run_scrawl(arguments);
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(has(result.out, "Example:\n  ")) << result.out;
  EXPECT_EQ(result.err, "");
  int count = 1;
  for (const std::string& name : commands_in(result.out)) {
    arguments.back() = name;
    count += expect_example(arguments);
  }
  return count;
}

TEST(Usage, HelpShowsDefaultsAndAnExampleForEveryCommand) {
  EXPECT_GE(expect_example({}), 15) << "scrawl, its ten commands, and data's four";
  const std::string help = run_scrawl({"train", "--help"}).out;
  EXPECT_TRUE(has_default(help, "--lr FLOAT", "0.2")) << help;
  EXPECT_TRUE(has_default(help, "--batch INT", "128")) << help;
  EXPECT_TRUE(has_default(help, "--val INT", "10000")) << help;
  EXPECT_TRUE(has_default(help, "--momentum FLOAT", "0")) << help;
}

/// Of `command` and all that are in it.
void expect_readable_help(const std::vector<std::string>& command) {
  std::vector<std::string> arguments = command;
  arguments.emplace_back("--help");
  const std::string help = run_scrawl(arguments).out;
  for (const char* const unreadable : {"UINT", " in [", "4294967295"})
    EXPECT_FALSE(has(help, unreadable)) << unreadable << " is in " << help;
  for (const std::string& name : commands_in(help)) {
    arguments.back() = name;
    expect_readable_help(arguments);
  }
}

TEST(Usage, HelpTellsRangesInWords) {
  expect_readable_help({});
  EXPECT_TRUE(has(run_scrawl({"serve", "--help"}).out, "--port INT=8042"));
  EXPECT_TRUE(has(run_scrawl({"serve", "--help"}).out, "Port; 0: any free one; 0 to 65535"));
}

TEST(Usage, HelpOfACommandIsACommandToo) {
  EXPECT_EQ(run_scrawl({"help"}).out, run_scrawl({"--help"}).out);
  EXPECT_EQ(run_scrawl({"help", "train"}).out, run_scrawl({"train", "--help"}).out);
  EXPECT_EQ(run_scrawl({"help", "data", "fetch"}).out, run_scrawl({"data", "fetch", "--help"}).out);
  const ProcessResult unknown = run_scrawl({"help", "trian"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(has(unknown.err, "'trian'; did you mean train?")) << unknown.err;
  EXPECT_TRUE(has(run_scrawl({"help", "data", "fecth"}).err, "did you mean fetch?"));
  EXPECT_TRUE(has(run_scrawl({"help", "read", "x"}).err, "'x'"));
}

TEST(Usage, AMistypedNameIsAnsweredWithTheNearestOne) {
  const auto said = [](const std::vector<std::string>& arguments) {
    const ProcessResult result = run_scrawl(arguments);
    EXPECT_EQ(result.code, 2) << result.err;
    return result.err;
  };
  EXPECT_TRUE(has(said({"train", "--epoch", "5"}), "'--epoch'; did you mean --epochs?"));
  EXPECT_TRUE(has(said({"read", "--theads=3", "x.png"}), "'--theads'; did you mean --threads?"));
  EXPECT_TRUE(has(said({"train", "--model", "fsat"}), "did you mean fast?"));
  EXPECT_TRUE(has(said({"train", "--model", "raeder"}), "did you mean reader?"));
  EXPECT_TRUE(has(said({"eval", "--part", "tets"}), "did you mean test?"));
  EXPECT_FALSE(has(said({"train", "--zzzzzz"}), "did you mean"));
}

TEST(Usage, AFileThatBeginsWithADashIsExplainedOnlyWhereThereMayBeOne) {
  const std::string hint = "a file name that begins with - is written ./-name";
  EXPECT_TRUE(has(run_scrawl({"read", "-a.png"}).err, hint));
  for (const std::vector<std::string>& other : {std::vector<std::string>{"raed"},
                                                {"train", "--epoch", "5"},
                                                {"eval", "-m"},
                                                {"train", "--epochs", "x"},
                                                {"data"}})
    EXPECT_FALSE(has(run_scrawl(other).err, hint));
}

TEST(Usage, AWrongCommandLineIsExitCodeTwo) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                {"raed"},
                                                {"read"},
                                                {"read", "--tpo", "3", "x.png"},
                                                {"train", "--epochs", "x"},
                                                {"train", "--precision", "f16"},
                                                {"train", "--schedule", "none"},
                                                {"data"},
                                                {"read", "--top", "11", "x"}}) {
    const ProcessResult result = run_scrawl(wrong);
    EXPECT_EQ(result.code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(has(result.err, "scrawl: ")) << result.err;
  }
}

TEST(Usage, SettingsThatCannotBeAreExitCodeTwo) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--epochs", "0"},
                                                {"--batch", "0"},
                                                {"--lr", "nan"},
                                                {"--lr", "0"},
                                                {"--momentum", "1"},
                                                {"--val", "-1"},
                                                {"--model", "dense 5"},
                                                {"--out", ""},
                                                {"--out", "m", "--log", "m"}}) {
    auto arguments = wrong;
    arguments.insert(arguments.begin(), "train");
    EXPECT_EQ(run_scrawl(arguments).code, 2) << wrong[0];
  }
}

TEST(Usage, OutIsNoStandardOutputAndNoFileOfThatName) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"train", "--out", "-"},
                                                {"train", "-o", "m", "--log", "-"},
                                                {"data", "preview", "-o", "-"},
                                                {"export", "--onnx", "-o", "-"},
                                                {"import", "m.pth", "-o", "-"}}) {
    const ProcessResult result = run_scrawl(wrong);
    EXPECT_EQ(result.code, 2) << wrong[0];
    EXPECT_TRUE(has(result.err, "./-")) << result.err;
    EXPECT_FALSE(std::filesystem::exists("-")) << wrong[0];
  }
}

TEST(Usage, AnErrorSaysWhatIsWrongAndWhereToLook) {
  struct Case {
    std::vector<std::string> arguments;
    std::vector<std::string> said;
  };
  const std::vector<Case> cases{
      {{"raed", "x.png"}, {"'raed'", "did you mean read?", "train", "report", "scrawl --help"}},
      {{"zzzzzz"}, {"'zzzzzz'", "there are data, train"}},
      {{}, {"which command?", "there are data, train"}},
      {{"--nope"}, {"no option is called '--nope' here; which command?", "there are data, train"}},
      {{"data", "-x"}, {"data: no option is called '-x' here; which command?", "fetch, verify"}},
      {{"data", "fetsh"}, {"'fetsh'", "did you mean fetch?", "verify", "scrawl data --help"}},
      {{"data"}, {"data: which command?", "fetch, verify, info, preview"}},
      {{"report"}, {"model is missing", "builtin", "scrawl report --help"}},
      {{"import"}, {"file is missing", "state dict", "scrawl import --help"}},
      {{"train", "--lr", "-1"}, {"--lr: found -1, expected 0 or more"}},
      {{"train", "--schedule", "2"},
       {"--schedule: found '2', expected constant, one-cycle or cosine"}},
      {{"train", "--precision", "int8"}, {"--precision: found 'int8', expected auto, f32 or bf16"}},
      {{"eval", "--part", "foo"}, {"--part: found 'foo', expected test or train"}},
      {{"eval", "--part", "0"}, {"--part: found '0', expected test or train"}},
      {{"report", "builtin", "--precision", "3"},
       {"--precision: found '3', expected auto, f32, bf16 or int8"}},
      {{"data", "preview", "--part", "1"}, {"--part: found '1', expected test or train"}},
      {{"generate", "foo"},
       {"what: found 'foo', expected bash, zsh, fish, man, options or presets"}},
      {{"serve", "--port", "99999"}, {"--port", "99999", "65535"}},
      {{"export", "m", "--onnx", "m.onnx"}, {"m.onnx", "--out", "scrawl export --help"}}};
  for (const Case& one : cases) {
    const ProcessResult result = run_scrawl(one.arguments);
    EXPECT_EQ(result.code, 2);
    EXPECT_LT(result.err.size(), 400U) << result.err;
    for (const std::string& part : one.said) EXPECT_TRUE(has(result.err, part)) << result.err;
  }
  EXPECT_FALSE(has(run_scrawl({"zzzzzz"}).err, "did you mean"));
}

TEST(Usage, ChoicesHaveNoCase) {
  const ProcessResult result = run_scrawl({"eval", "--part", "TRAIN", "--data", "/none"});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "/none")) << result.err;
}

TEST(Usage, OutputThatCannotBeWrittenIsAFailure) {
  const ScratchFolder folder;
  const std::string full =
      std::string(SCRAWL_PROGRAM) + " --version > /dev/full 2> " + (folder / "err").string();
  EXPECT_EQ(WEXITSTATUS(std::system(full.c_str())), 1);
  EXPECT_TRUE(has(slurp(folder / "err"), "cannot write standard output"));
  const std::string closed = std::string(SCRAWL_PROGRAM) + " raed 2> /dev/full";
  EXPECT_EQ(WEXITSTATUS(std::system(closed.c_str())), 2);
}

/// What scrawl says on stderr when its standard output is full; `code` is its exit code.
std::string said_to_a_full_disk(const std::string& arguments, int code) {
  const ScratchFolder folder;
  const std::string command = "timeout 60 " + std::string(SCRAWL_PROGRAM) + " " + arguments +
                              " > /dev/full 2> " + (folder / "err").string();
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), code) << arguments;
  return slurp(folder / "err");
}

TEST(Usage, OutputThatCannotBeWrittenIsSaidOnceWithItsReason) {
  const std::string said = "scrawl: cannot write standard output: No space left on device\n";
  EXPECT_EQ(said_to_a_full_disk("--version", 1), said);
  // More than fits the buffer, so that printing fails before the end.
  EXPECT_EQ(said_to_a_full_disk("generate man", 1), said);
  // It would serve at an address that nobody knows.
  EXPECT_EQ(said_to_a_full_disk("serve --port 0", 1), said);
  const std::string seven = SCRAWL_SOURCE "/examples/pictures/7-mnist.png";
  EXPECT_EQ(said_to_a_full_disk("read " + seven + " " + seven, 1), said);
}

TEST(Usage, VersionIsPrinted) {
  const ProcessResult result = run_scrawl({"--version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out.find("scrawl "), 0U);
}

TEST(Usage, AMissingModelSaysWhatToDo) {
  const ProcessResult result = run_scrawl({"read", "--model", "/none/m.safetensors", "x.png"});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "scrawl train")) << result.err;
}

TEST(Usage, ADataSetIsNoModelAndSaysWhereItBelongs) {
  const ScratchFolder scratch;
  const std::string csv = scratch / "test.csv";
  std::ofstream(csv) << "label,pixel0\n5,0\n";
  for (const char* command : {"predict", "eval"}) {
    const ProcessResult result = run_scrawl({command, csv});
    EXPECT_EQ(result.code, 1);
    EXPECT_TRUE(has(result.err, "test.csv: a CSV file")) << result.err;
    EXPECT_TRUE(has(result.err, "--data")) << result.err;
  }
  const ProcessResult read = run_scrawl({"read", "--model", csv, "x.png"});
  EXPECT_TRUE(has(read.err, "test.csv: a CSV file")) << read.err;
  EXPECT_FALSE(has(read.err, "--data")) << "which it does not have: " << read.err;
}

TEST(Usage, AnErrorDoesNotSteerTheTerminal) {
  const ProcessResult result = run_scrawl({"read", "a\x1b[31m\x07.png"});
  EXPECT_EQ(result.code, 1);
  EXPECT_FALSE(has(result.err, "\x1b")) << result.err;
  EXPECT_TRUE(has(result.err, "\\x1B[31m\\x07.png")) << result.err;
}

TEST(Usage, NoCommandLetsANameSteerTheTerminal) {
  const std::string name =
      "/none/a\x1b]8;;x\x07\xc2\x9b"
      "1m\x9b\r\n\u202e.png";
  const std::vector<std::string> calls[] = {
      {"read", name},
      {"read", "--list", name},
      {"read", "--model", name, "x.png"},
      {name},
      {"data", name},
      {"--" + name},
      {"read", "--digits", name, "x.png"},
      {"eval", name},
      {"import", name},
      {"export", name, "--onnx", "-o", "/none/x.onnx"},
      {"report", name},
      {"data", "info", "--data", name},
      {"data", "verify", "--data", name},
      {"train", "--model", name},
      {"train", "--augment", name},
      {"teach", name, "7"},
      {"teach", "--forget", name},
      {"serve", "--port", "0", "--model", name},
  };
  for (const std::vector<std::string>& call : calls) {
    const ProcessResult result = run_scrawl(call);
    EXPECT_NE(result.code, 0) << call[0];
    for (const std::string& shown : {result.out, result.err}) {
      for (const char* steering : {"\x1b", "\x07", "\x9b", "\r", "\n\u202e", "\u202e"})
        EXPECT_FALSE(has(shown, steering)) << call[0] << " " << call.back() << ": " << shown;
    }
    EXPECT_TRUE(has(result.out + result.err, "\\r\\n")) << call[0] << ": " << result.err;
  }
}

TEST(Usage, ALongMessageIsCut) {
  const ScratchFolder scratch;
  const std::string layer(9'000'000, 'x');
  const std::string header =
      R"({"__metadata__":{"scrawl.normalization":"0 1","scrawl.architecture":")" +
      layer.substr(0, 900'000) + "\"}}";
  const std::uint64_t size = header.size();
  std::ofstream(scratch / "m.safetensors", std::ios::binary)
      .write(reinterpret_cast<const char*>(&size), sizeof size)
      .write(header.data(), static_cast<std::streamsize>(size));
  std::ofstream(scratch / "log") << layer;
  for (const std::vector<std::string>& call :
       {std::vector<std::string>{"export", scratch / "m.safetensors", "--onnx", scratch / "m.onnx"},
        {"report", "builtin", "--log", scratch / "log"},
        {"read", "--list", scratch / "log"},
        {"train", "--model", layer.substr(0, 100'000)},
        {layer.substr(0, 100'000)}}) {
    const ProcessResult result = run_scrawl(call);
    EXPECT_NE(result.code, 0) << call[0];
    EXPECT_GT(result.err.size(), 20U) << call[0];
    EXPECT_LT(result.err.size(), 10'000U) << call[0];
  }
}

TEST(Usage, AnUnknownArchitectureNamesTheLayer) {
  const ProcessResult result = run_scrawl({"train", "--model", "dense 5, swish, dense 10"});
  EXPECT_EQ(result.code, 2);
  EXPECT_TRUE(has(result.err, "'swish'")) << result.err;
}

// ---- Data sets
// ---------------------------------------------------------------------------------------

TEST(DataInfo, DescribesPicturesByDigit) {
  const ScratchFolder scratch;
  write_pictures(scratch / "own", 3);
  const Json own =
      Json::parse(run_scrawl({"data", "info", "--json", "--data", scratch / "own"}).out);
  EXPECT_EQ(own["all"]["images"], 30);
  EXPECT_EQ(own["all"]["digits"], Json(std::vector<int>(10, 3)));
  EXPECT_FALSE(own.contains("train"));
  const ProcessResult text = run_scrawl({"data", "info", "--data", scratch / "own"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(has(text.out, "\nall        30  ")) << text.out;

  write_pictures(scratch / "split/train", 3);
  const std::vector<std::string> command{"data", "info", "--json", "--data", scratch / "split"};
  EXPECT_FALSE(Json::parse(run_scrawl(command).out).contains("test"));
  write_pictures(scratch / "split/test", 2);
  std::ofstream(scratch / "split/test/7/broken.png") << "no picture";
  const ProcessResult both = run_scrawl(command);
  EXPECT_EQ(Json::parse(both.out)["train"]["images"], 30);
  EXPECT_EQ(Json::parse(both.out)["test"]["images"], 20);
  EXPECT_TRUE(has(both.err, "test/7/broken.png")) << both.err;
}

/// A table as Kaggle has it: `count` lines of pixels, bars at places of their own, behind a header.
void write_csv(const std::filesystem::path& file, std::size_t count, const std::string& first,
               const std::function<std::string(std::size_t)>& name) {
  std::ofstream stream(file);
  stream << first;
  for (std::size_t i = 0; i < glyph_pixels; ++i)
    stream << (i == 0 && first.empty() ? "" : ",") << "pixel" << i;
  for (std::size_t image = 0; image < count; ++image) {
    stream << '\n' << name(image);
    for (std::size_t i = 0; i < glyph_pixels; ++i) {
      const bool ink = i % glyph_side == 13 && i / glyph_side > 4 && i / glyph_side < 23;
      stream << (i == 0 && first.empty() ? "" : ",") << (ink ? 255 : 0);
    }
  }
  stream << '\n';
}

TEST(Predict, WritesWhatKaggleTakes) {
  const ScratchFolder scratch;
  write_csv(scratch / "test.csv", 3, "", [](std::size_t) { return ""; });
  const std::string out = scratch / "new" / "submission.csv";
  const ProcessResult result = run_scrawl({"predict", "--data", scratch / "test.csv", "-o", out});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(slurp(out), "ImageId,Label\n1,1\n2,1\n3,1\n");
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(has(result.err, "3 images")) << result.err;
  EXPECT_EQ(run_scrawl({"predict", "builtin", "--data", scratch.path()}).out, slurp(out));

  write_csv(scratch / "named.csv", 2, "id", [](std::size_t i) { return i == 0 ? "a" : "b"; });
  EXPECT_EQ(run_scrawl({"predict", "--data", scratch / "named.csv"}).out, "id,label\na,1\nb,1\n");
  const ProcessResult json = run_scrawl({"predict", "--json", "--data", scratch / "named.csv"});
  ASSERT_EQ(lines_of(json.out).size(), 2U) << json.out;
  EXPECT_EQ(Json::parse(lines_of(json.out)[1])["id"], "b");
  EXPECT_EQ(Json::parse(lines_of(json.out)[1])["digit"], 1);
  const ProcessResult tested = run_scrawl({"eval", "--data", scratch / "test.csv"});
  EXPECT_EQ(tested.code, 1);
  EXPECT_TRUE(has(tested.err, "scrawl predict")) << tested.err;
}

/// That the command is wrong usage which names `out`, and leaves `file` as it is.
void expect_refused(const std::vector<std::string>& command, const std::string& out,
                    const std::filesystem::path& file) {
  const std::string before = slurp(file);
  const ProcessResult result = run_scrawl(command);
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_TRUE(has(result.err, out + " is read")) << result.err;
  EXPECT_EQ(slurp(file), before) << command[0];
}

TEST(OwnInput, OfADataSetIsNotWrittenOver) {
  const ScratchFolder scratch;
  const std::string csv = scratch / "test.csv";
  write_csv(csv, 3, "", [](std::size_t) { return ""; });
  expect_refused({"predict", "--data", csv, "-o", csv}, csv, csv);
  expect_refused({"predict", "--data", scratch.path(), "-o", csv}, csv, csv);
  expect_refused({"train", "--data", csv, "-o", csv}, csv, csv);
  expect_refused({"report", "builtin", "--data", csv, "-o", csv}, csv, csv);
  const std::string link = scratch / "link.csv";
  std::filesystem::create_symlink("test.csv", link);
  expect_refused({"predict", "--data", csv, "-o", link}, link, csv);
}

TEST(OwnInput, OfPicturesByDigitIsNotWrittenOver) {
  const ScratchFolder scratch;
  write_pictures(scratch / "train", 1);
  const std::string picture = scratch / "train" / "3" / "0.png";
  std::filesystem::copy_file(scratch / "train" / "3" / "0.pgm", picture);
  const std::string around = scratch / "train" / ".." / "train" / "3" / "0.png";
  for (const std::filesystem::path& data : {scratch / "train", scratch.path()}) {
    expect_refused({"data", "preview", "--data", data, "-o", around}, around, picture);
    expect_refused({"data", "info", "--data", data, "-o", picture}, picture, picture);
  }
  const std::string beside = scratch / "train" / "3.png";
  EXPECT_EQ(run_scrawl({"data", "info", "--data", scratch / "train", "-o", beside}).code, 0);
}

TEST(OwnInput, OfModelsIsNotWrittenOver) {
  const ScratchFolder scratch;
  const std::string one = scratch / "one.safetensors";
  const std::string other = scratch / "other.safetensors";
  ASSERT_EQ(run_scrawl({"export", "--f16", "-o", one}).code, 0);
  std::filesystem::create_hard_link(one, other);
  expect_refused({"average", one, one, "-o", other}, other, one);
  expect_refused({"average", "builtin", other, "-o", other}, other, other);
  expect_refused({"export", one, "--onnx", "-o", other}, other, one);
  expect_refused({"import", one, "-o", one}, one, one);
  expect_refused({"predict", one, "--data", scratch.path(), "-o", one}, one, one);
  expect_refused({"report", one, "--data", scratch.path(), "-o", one}, one, one);
}

TEST(DataInfo, ShowsSamplesAndWhatHasNoLabels) {
  const ScratchFolder scratch;
  write_csv(scratch / "test.csv", 3, "", [](std::size_t) { return ""; });
  const ProcessResult info =
      run_scrawl({"data", "info", "--data", scratch.path(), "-o", scratch / "samples.png"});
  ASSERT_EQ(info.code, 0) << info.err;
  EXPECT_TRUE(has(info.out, "\ntest        3  ")) << info.out;
  EXPECT_TRUE(has(info.out, "no labels")) << info.out;
  EXPECT_TRUE(has(info.out, "\n      ")) << "samples: " << info.out;
  EXPECT_TRUE(slurp(scratch / "samples.png").starts_with("\x89PNG"));
}

// ---- Trainings that are stopped, and their logs
// -----------------------------------------------------------

class SmallTraining : public testing::Test {
 protected:
  SmallTraining() { write_pictures(scratch_ / "data", 4); }

  /// One that takes longer than any test, in its first epochs.
  pid_t start_endless() {
    const pid_t child = start_scrawl({"train", "--data", scratch_ / "data", "--model", "dense 10",
                                      "--epochs", "100000000", "--out", scratch_ / "m.safetensors"},
                                     streams_);
    while (!has(slurp(streams_ / "err"), "epoch  3/") && waitpid(child, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return child;
  }

  ScratchFolder scratch_;
  ScratchFolder streams_;
};

TEST_F(SmallTraining, IsSavedWhenItsTerminalIsClosed) {
  const auto before = signal(SIGHUP, SIG_DFL);  // the tests themselves may be run by nohup
  const pid_t child = start_endless();
  signal(SIGHUP, before);
  kill(child, SIGHUP);
  kill(child, SIGHUP);  // of the terminal and of its shell
  const ProcessResult result = finish(child, streams_);
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "--resume"));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "m.safetensors"));
}

/// How many threads of the process a signal may come on.
int open_threads(pid_t process, int signal) {
  int count = 0;
  const std::string tasks = "/proc/" + std::to_string(process) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    const std::string status = slurp(task.path() / "status");
    const std::size_t at = status.find("SigBlk:");
    if (at == std::string::npos) continue;
    const bool blocked =
        (std::stoull(status.substr(at + 7), nullptr, 16) >> (signal - 1) & 1U) != 0;
    count += blocked ? 0 : 1;
  }
  return count;
}

// A handler on a thread that multiplies matrices writes into the heap.
TEST_F(SmallTraining, ComputesOnNoThreadThatSignalsComeOn) {
  const pid_t child = start_endless();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) EXPECT_EQ(open_threads(child, signal), 1);
  kill(child, SIGTERM);
  EXPECT_EQ(finish(child, streams_).code, 1);
}

TEST_F(SmallTraining, GoesOnUnderNohup) {
  const auto before = signal(SIGHUP, SIG_IGN);
  const pid_t child = start_endless();
  signal(SIGHUP, before);
  kill(child, SIGHUP);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "it ended";
  kill(child, SIGTERM);
  EXPECT_EQ(finish(child, streams_).code, 1);
}

class TrainingLog : public SmallTraining {
 protected:
  ProcessResult train(const std::string& log, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"train",   "--data",   scratch_ / "data",
                                       "--model", "dense 10", "--log",
                                       log,       "--out",    scratch_ / "m.safetensors"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_scrawl(arguments);
  }
};

TEST_F(TrainingLog, ThatCannotBeOpenedIsSaidBeforeTheTraining) {
  const std::string in_no_folder = scratch_ / "none/log";
  for (const std::string& log : {scratch_.path().string(), in_no_folder}) {
    const ProcessResult result = train(log);
    EXPECT_EQ(result.code, 1);
    EXPECT_TRUE(has(result.err, log + ": cannot write the log: ")) << result.err;
    EXPECT_FALSE(has(result.err, "epoch")) << result.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "m.safetensors"));
  }
}

TEST_F(TrainingLog, ThatCannotBeWrittenAnyMoreLosesNoTraining) {
  const ProcessResult result = train("/dev/full", {"--epochs", "3"});
  EXPECT_EQ(result.code, 1);
  const std::string problem =
      "/dev/full: cannot write the log from epoch 1 on: No space left on device";
  EXPECT_TRUE(has(result.err, problem + "; the training goes on without it\n")) << result.err;
  EXPECT_TRUE(has(result.err, "epoch  3/3")) << result.err;
  EXPECT_TRUE(result.err.ends_with("the log is not whole: " + problem + "\n")) << result.err;
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "m.safetensors"));
}

TEST_F(TrainingLog, IsReplacedByATrainingThatBeginsAndGoesOnWithOneThatGoesOn) {
  const std::filesystem::path log = scratch_ / "log";
  std::ofstream(log) << "the last one\n";
  EXPECT_EQ(train(log, {"--batch", "1000"}).code, 1) << "more than there are images";
  EXPECT_EQ(slurp(log), "the last one\n");
  EXPECT_EQ(train(log, {"--epochs", "2"}).code, 0);
  EXPECT_EQ(lines_of(slurp(log)).size(), 2U) << slurp(log);
  const ProcessResult resumed = train(log, {"--epochs", "3", "--resume"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(lines_of(slurp(log)).size(), 3U) << slurp(log);
}

// ---- On MNIST
// ------------------------------------------------------------------------------------

/// One model, trained once for all tests of this kind.
class OnMnist : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    try {
      test_ = new Dataset(load_dataset(default_data_folder(), Part::test));
    } catch (const Error&) {
      return;
    }
    scratch_ = new ScratchFolder;
    trained_ = new ProcessResult(run_scrawl(
        {"train", "--epochs", "4", "--out", model(), "--log", (*scratch_ / "log.jsonl").string()}));
  }
  static void TearDownTestSuite() {
    delete test_;
    delete trained_;
    delete scratch_;
  }
  void SetUp() override {
    if (test_ == nullptr) GTEST_SKIP() << "no MNIST here; get it with: scrawl data fetch";
    ASSERT_EQ(trained_->code, 0) << trained_->err;
  }
  static std::string model() { return (*scratch_ / "m.safetensors").string(); }
  static std::string file(const std::string& name) { return (*scratch_ / name).string(); }
  /// The first test image with this label, as a picture file.
  static std::string picture_of(int digit) {
    const std::string name = file(std::to_string(digit) + ".pgm");
    std::size_t index = 0;
    while (test_->labels[index] != digit) ++index;
    write_pgm(name, test_->image(index));
    return name;
  }

  static inline Dataset* test_ = nullptr;
  static inline ScratchFolder* scratch_ = nullptr;
  static inline ProcessResult* trained_ = nullptr;
};

TEST_F(OnMnist, TrainingPrintsEveryHundredBatchesAndEachEpoch) {
  EXPECT_TRUE(has(trained_->err, "epoch 1/4  batch 100/391  loss ")) << trained_->err;
  EXPECT_TRUE(has(trained_->err, "epoch  4/4  train loss ")) << trained_->err;
  EXPECT_FALSE(has(trained_->err, "\x1b")) << "no colors or bars where there is no terminal";
  EXPECT_TRUE(has(trained_->out, "validation accuracy")) << trained_->out;
  EXPECT_TRUE(has(trained_->out, "(10000 training images set aside)\ntest accuracy 9"))
      << trained_->out;
  EXPECT_TRUE(has(trained_->out, "(10000 images that it has not seen)\n")) << trained_->out;
  EXPECT_TRUE(has(trained_->err, "\nnext: scrawl read --model " + model())) << trained_->err;
  const auto log = lines_of(slurp(file("log.jsonl")));
  ASSERT_EQ(log.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const Json line = Json::parse(log[i]);
    EXPECT_EQ(line["epoch"], i + 1);
    EXPECT_GT(line["validation_accuracy"], 0.9);
  }
}

TEST_F(OnMnist, EvaluationReachesWhatTheTutorialReaches) {
  const ProcessResult result = run_scrawl({"eval", "--json", model()});
  ASSERT_EQ(result.code, 0) << result.err;
  const Json json = Json::parse(result.out);
  EXPECT_GT(json["accuracy"], 0.965);
  EXPECT_EQ(json["images"], 10000);
  EXPECT_EQ(json["confusion"].size(), 10U);
  EXPECT_NEAR(json["standard_error"], 0.0016, 0.0005);
  const ProcessResult text = run_scrawl({"eval", model()});
  EXPECT_TRUE(has(text.out, "accuracy           9")) << text.out;
}

TEST_F(OnMnist, ImagesThatAreStoredOtherwiseAreNoticed) {
  const std::string data = default_data_folder();
  const auto said = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"predict", "--data", data, "-o", file("answers.csv")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_scrawl(arguments).err;
  };
  EXPECT_FALSE(has(said({}), "scrawl: "));
  EXPECT_TRUE(has(said({"--transpose"}), "the images are transposed")) << said({"--transpose"});
  EXPECT_TRUE(has(said({"--transpose"}), "leave out --transpose"));
  EXPECT_TRUE(has(said({"--invert"}), "the images are inverted")) << said({"--invert"});
  EXPECT_TRUE(has(said({"--invert", "--transpose"}), "transposed and inverted"));
}

TEST_F(OnMnist, EveryDigitIsReadFromAPicture) {
  int correct = 0;
  for (int digit = 0; digit < 10; ++digit) {
    const ProcessResult result = run_scrawl({"read", "--model", model(), picture_of(digit)});
    EXPECT_EQ(result.code, 0) << result.err;
    correct += result.out == std::to_string(digit) + "\n" ? 1 : 0;
  }
  EXPECT_GE(correct, 9);
}

TEST_F(OnMnist, ReadingGivesTheDocumentedJson) {
  const std::string picture = picture_of(7);
  const ProcessResult result = run_scrawl({"read", "--json", "--model", model(), picture});
  ASSERT_EQ(result.code, 0) << result.err;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["file"], picture);
  EXPECT_EQ(json["text"], "7");
  ASSERT_EQ(json["digits"].size(), 1U);
  const Json& digit = json["digits"][0];
  EXPECT_EQ(digit["digit"], 7);
  EXPECT_EQ(digit["confidence"], json["confidence"]);
  ASSERT_EQ(digit["probabilities"].size(), 10U);
  double sum = 0;
  for (const double probability : digit["probabilities"]) sum += probability;
  EXPECT_NEAR(sum, 1, 1e-5);
  for (const char* side : {"x", "y", "width", "height"}) {
    EXPECT_GE(digit["box"][side], 0);
    EXPECT_LE(digit["box"][side], 28);
  }
}

TEST_F(OnMnist, StandardInputAndTopAreUnderstood) {
  const ProcessResult result =
      run_scrawl({"read", "--top", "3", "--model", model(), "-"}, picture_of(1));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out.find("1 "), 0U) << result.out;
  EXPECT_EQ(std::ranges::count(result.out, '%'), 3);
}

TEST_F(OnMnist, OneBadFileDoesNotStopTheOthers) {
  std::ofstream(file("broken.png")) << "\x89PNG\r\n\x1a\n and nothing more";
  write_blank(file("blank.pgm"), 100, 100);
  const std::vector<std::string> arguments{"read",
                                           "--model",
                                           model(),
                                           picture_of(3),
                                           file("broken.png"),
                                           file("blank.pgm"),
                                           file("missing.png"),
                                           picture_of(0)};
  const ProcessResult text = run_scrawl(arguments);
  EXPECT_EQ(text.code, 1);
  EXPECT_EQ(text.out, picture_of(3) + ": 3\n" + picture_of(0) + ": 0\n");
  EXPECT_TRUE(has(text.err, "broken.png")) << text.err;
  EXPECT_TRUE(has(text.err, "blank.pgm: no digit found")) << text.err;
  EXPECT_TRUE(has(text.err, "missing.png")) << text.err;

  auto with_json = arguments;
  with_json.emplace_back("--json");
  const auto lines = lines_of(run_scrawl(with_json).out);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(Json::parse(lines[0])["text"], "3");
  EXPECT_TRUE(Json::parse(lines[1]).contains("error"));
  EXPECT_EQ(Json::parse(lines[2])["text"], "");
  EXPECT_TRUE(Json::parse(lines[2])["digits"].empty());
  EXPECT_TRUE(Json::parse(lines[3]).contains("error"));
  EXPECT_EQ(Json::parse(lines[4])["text"], "0");
}

TEST_F(OnMnist, InterruptedTrainingResumesToTheSameModel) {
  const std::string stopped = file("stopped.safetensors");
  const std::vector<std::string> command{"train", "--epochs", "4", "--out", stopped};
  // In the second epoch; once more where the training is over before this process has its turn.
  ProcessResult result;
  for (int attempt = 0; attempt < 10 && result.code != 1; ++attempt) {
    const ScratchFolder streams;
    const pid_t child = start_scrawl(command, streams);
    siginfo_t ended{};
    while (!has(slurp(streams / "err"), "epoch 2/4  batch") && ended.si_pid == 0) {
      waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    kill(child, SIGINT);
    result = finish(child, streams);
  }
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "--resume")) << result.err;

  auto resume = command;
  resume.emplace_back("--resume");
  EXPECT_EQ(run_scrawl(resume).code, 0);
  const std::string whole = file("whole.safetensors");
  EXPECT_EQ(run_scrawl({"train", "--quiet", "--epochs", "4", "--out", whole}).code, 0);
  EXPECT_EQ(slurp(stopped), slurp(whole));

  resume.insert(resume.end(), {"--seed", "5"});
  const ProcessResult other = run_scrawl(resume);
  EXPECT_EQ(other.code, 1);
  EXPECT_TRUE(has(other.err, "seed")) << other.err;
}

TEST_F(OnMnist, ModelsThatAreNotAreRefusedByName) {
  std::ofstream(file("no.safetensors")) << "not a model";
  const ProcessResult result = run_scrawl({"eval", file("no.safetensors")});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "no.safetensors")) << result.err;
}

TEST(OnFashion, DebiansFashionMnistTrainsAsItIs) {
  const std::filesystem::path folder = "/usr/share/datasets/fashion-mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no dataset-fashion-mnist here";
  const ScratchFolder scratch;
  const std::string model = (scratch / "fashion.safetensors").string();
  const ProcessResult trained = run_scrawl({"train", "--quiet", "--epochs", "2", "--lr", "0.1",
                                            "--data", folder.string(), "--out", model});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const ProcessResult result = run_scrawl({"eval", "--json", "--data", folder.string(), model});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_GT(Json::parse(result.out)["accuracy"], 0.78);
}

}  // namespace
}  // namespace scrawl
