// The cost of parsing: whatever stands in a file or a request of so many bytes, the time to take it
// apart or to refuse it grows no faster than they do.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include <scrawl/augmentation.hpp>
#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "cli/inputs.hpp"
#include "dataset/idx.hpp"
#include "decoding/inspect.hpp"
#include "decoding/orientation.hpp"
#include "fetch/tar.hpp"
#include "files/base64.hpp"
#include "files/printable.hpp"
#include "formats/infer_architecture.hpp"
#include "formats/model_file.hpp"
#include "formats/pth.hpp"
#include "formats/safetensors.hpp"
#include "formats/zip.hpp"
#include "scratch.hpp"
#include "server/http.hpp"
#include "server/multipart.hpp"
#include "server/parameters.hpp"
#include "training/history.hpp"

namespace scrawl {
namespace {

using namespace std::string_literals;

#ifdef SCRAWL_SANITIZED
constexpr double slowness = 20;
#else
constexpr double slowness = 1;
#endif

/// Of this thread alone, so that others on the machine do not matter.
double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// What is freed stays the process's. Else each run would wait for the kernel to find and clear
/// pages, which on some virtual machines takes ten times as long as the parsing, and more for more.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 1 << 28);
#endif
}

/// The least of up to five runs, as soon as it is less than `enough`: the first pays for fresh
/// memory, and others share the machine's caches. What is hopeless is not run again.
double seconds_of(const std::function<void()>& run, double enough) {
  constexpr int runs = 5;
  constexpr double hopeless = 5;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < runs && least >= enough; ++i) {
    const double begin = seconds_now();
    try {
      run();
    } catch (const Error&) {  // to be refused is fine, if it is soon
    }
    const double seconds = seconds_now() - begin;
    least = std::min(least, seconds);
    if (seconds > slowness * hopeless) break;
  }
  return least;
}

/// `make` gives an input of about so many bytes.
void expect_linear(const std::string& what, const std::function<std::string(std::size_t)>& make,
                   const std::function<void(std::string_view)>& parse,
                   std::size_t small = 1 << 20) {
  keep_freed_memory();
  constexpr std::size_t times = 8;
  constexpr double max_growth = 24;  // the square of 8 is 64; sorting and caches take some
  constexpr double soon = 0.002;     // seconds: less says nothing
  constexpr double max_seconds = 1;
  const std::string one = make(small);
  const std::string many = make(times * small);
  ASSERT_GT(many.size(), times * small / 2) << what;
  const double first = seconds_of([&] { parse(one); }, slowness * soon);
  ASSERT_LT(first, slowness * max_seconds) << what << ": " << one.size() << " bytes";
  const double most =
      std::min(max_growth * std::max(first, slowness * soon), slowness * max_seconds);
  EXPECT_LT(seconds_of([&] { parse(many); }, most), most)
      << what << ": " << many.size() << " bytes, from " << first;
}

std::string repeat(std::string_view text, std::size_t size) {
  std::string repeated;
  repeated.reserve(size + text.size());
  while (repeated.size() < size) repeated += text;
  return repeated;
}

/// `text` with {} for the number of each repetition.
std::string number(const std::string& text, std::size_t size, const char* between = "") {
  std::string numbered;
  for (std::size_t i = 0; numbered.size() < size; ++i)
    numbered += (i == 0 ? "" : between) + fmt::format(fmt::runtime(text), i);
  return numbered;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <typename Integer>
std::string raw(Integer value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string big_endian(std::size_t value) {
  return raw(__builtin_bswap32(static_cast<std::uint32_t>(value)));
}

// ---- Models ----

void parse_model(std::string_view file) {
  const Safetensors content = parse_safetensors(bytes_of(file), "x");
  if (is_model(content))
    to_model(content, "x");
  else
    infer_model(content.tensors, {}, "x");
}

void expect_linear_header(const std::string& what,
                          const std::function<std::string(std::size_t)>& make) {
  expect_linear(
      what,
      [&](std::size_t size) {
        const std::string header = make(size);
        return raw(std::uint64_t{header.size()}) + header;
      },
      parse_model);
}

TEST(CostOfParsing, SafetensorsOfManyTensors) {
  const std::string empty = R"("{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})";
  expect_linear_header("empty tensors",
                       [&](std::size_t size) { return "{"s + number(empty, size, ",") + "}"; });
  expect_linear_header("with long names", [&](std::size_t size) {
    return "{"s +
           number(R"("a{:0999}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})", size, ",") +
           "}";
  });
  expect_linear_header("with one long name", [&](std::size_t size) {
    return R"({")"s + std::string(size, 'a') +
           R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})";
  });
}

TEST(CostOfParsing, SafetensorsOfManyFields) {
  const auto tensor = [](const std::string& fields) {
    return R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],)"s + fields + "}}";
  };
  expect_linear_header("fields",
                       [&](std::size_t size) { return tensor(number(R"("{}":{{}})", size, ",")); });
  expect_linear_header("lists", [&](std::size_t size) {
    return tensor("\"x\":["s + number("[]", size, ",") + "]");
  });
  expect_linear_header("objects", [&](std::size_t size) {
    return tensor("\"x\":["s + number("{{}}", size, ",") + "]");
  });
  expect_linear_header("dimensions", [&](std::size_t size) {
    return R"({"a":{"dtype":"F32","data_offsets":[0,4],"shape":[)"s + number("1", size, ",") +
           "]}}";
  });
  expect_linear_header("a long number",
                       [&](std::size_t size) { return tensor("\"x\":"s + repeat("7", size)); });
  expect_linear_header("a text without an end", [&](std::size_t size) {
    return tensor("\"x\":\""s + repeat("\x80", size));
  });
}

TEST(CostOfParsing, SafetensorsOfMuchMetadata) {
  const auto metadata = [](const std::string& entries) {
    return R"({"__metadata__":{)"s + entries + "}}";
  };
  expect_linear_header("entries",
                       [&](std::size_t size) { return metadata(number(R"("{}":"")", size, ",")); });
  const auto model = [&](std::string_view key, const std::string& value) {
    std::string entries = R"("scrawl.normalization":"0.1 0.3")";
    if (key != "scrawl.architecture") entries += R"(,"scrawl.architecture":"dense 10")";
    return metadata(entries + fmt::format(R"(,"{}":"{}")", key, value));
  };
  expect_linear_header("ranges", [&](std::size_t size) {
    return model("scrawl.activation_ranges", number("1", size, " "));
  });
  expect_linear_header("a long number", [&](std::size_t size) {
    return model("scrawl.temperature", repeat("7", size));
  });
  expect_linear_header("layers", [&](std::size_t size) {
    return model("scrawl.architecture", number("relu", size, ","));
  });
  expect_linear_header("a text of escapes",
                       [&](std::size_t size) { return model("note", repeat("\\u20ac\\n", size)); });
}

/// A file of before PyTorch 1.6, with `object` for its third pickle.
std::string legacy_pth(const std::string& object) {
  return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s + "\x80\x02M\xe9\x03."s +
         "\x80\x02}."s + "\x80\x02"s + object + "."s + "\x80\x02].";
}

void expect_linear_pickle(const std::string& what,
                          const std::function<std::string(std::size_t)>& make) {
  expect_linear(
      what, [&](std::size_t size) { return legacy_pth(make(size)); },
      [](std::string_view file) { parse_pth(bytes_of(file), "k", "x"); });
}

TEST(CostOfParsing, PicklesOfAllKinds) {
  // One id, of a long text, in the memo's place 1, named over and over.
  expect_linear_pickle("a long key of many storages", [](std::size_t size) {
    const std::string key(size / 2, 'k');
    return "(X\x07\0\0\0storagectorch\nFloatStorage\nX"s +
           raw(static_cast<std::uint32_t>(key.size())) + key + "X\x03\0\0\0cpuK\x01tq\x01"s +
           repeat("Q0h\x01", size / 2) + "Q";
  });
  expect_linear_pickle("lists", [](std::size_t size) { return "("s + repeat("]", size) + "l"; });
  expect_linear_pickle("lists of the same", [](std::size_t size) {
    return "]q\x01"s + repeat("(h\x01h\x01h\x01tq\x01", size);
  });
  expect_linear_pickle("one list", [](std::size_t size) { return "]"s + repeat("Na", size); });
  expect_linear_pickle("copies", [](std::size_t size) { return "]"s + repeat("2", size) + "l"; });
  expect_linear_pickle("marks", [](std::size_t size) { return repeat("(", size); });
  expect_linear_pickle("dicts in a dict",
                       [](std::size_t size) { return "}("s + repeat("U\x01k}", size) + "u"; });
  expect_linear_pickle("dicts in one another", [](std::size_t size) {
    return repeat("}U\x01k", size / 2) + "}"s + repeat("s", size / 5);
  });
  expect_linear_pickle("the memo", [](std::size_t size) {
    std::string text = "N";
    for (std::uint32_t i = 0; text.size() < size; ++i) text += "r"s + raw(i);
    return text;
  });
  expect_linear_pickle("names without an end",
                       [](std::size_t size) { return "c"s + std::string(size, 'c'); });
}

TEST(CostOfParsing, Archives) {
  const auto parse = [](std::string_view file) { parse_pth(bytes_of(file), "k", "x"); };
  const auto archive = [](std::size_t size, const std::string& name) {
    std::vector<ZipEntry> entries;
    for (std::size_t i = 0, used = 0; used < size && entries.size() < 65'535; ++i) {
      entries.push_back({fmt::format(fmt::runtime(name), i), {}});
      used += 2 * entries.back().name.size() + 120;
    }
    const std::vector<std::byte> bytes = format_zip(entries);
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  expect_linear(
      "entries", [&](std::size_t size) { return archive(size, "{:030}"); }, parse);
  expect_linear(
      "long names", [&](std::size_t size) { return archive(size, "{:030000}"); }, parse);
  expect_linear(
      "no end", [](std::size_t size) { return repeat("PK\x03\x04PK\x05\x06", size); }, parse);
}

// ---- Data sets ----

std::string gzip(std::string_view content) {
  std::string packed(compressBound(content.size()) + 32, '\0');
  z_stream zlib{};
  deflateInit2(&zlib, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  zlib.avail_in = static_cast<uInt>(content.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
  zlib.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

TEST(CostOfParsing, Gzip) {
  const auto parse = [](std::string_view file) {
    read_rest(open_stream(bytes_of(file), "x"), 10'000'000);
  };
  const std::string nothing = gzip("");
  expect_linear(
      "empty members", [&](std::size_t size) { return repeat(nothing, size); }, parse);
  expect_linear(
      "a long name",
      [&](std::size_t size) {
        return "\x1f\x8b\x08\x08\0\0\0\0\0\xff"s + std::string(size, 'n') + '\0' +
               nothing.substr(10);
      },
      parse);
}

TEST(CostOfParsing, Tar) {
  const auto parse = [](std::string_view file) {
    read_tar(open_stream(bytes_of(file), "x"), 100'000'000);
  };
  expect_linear(
      "empty files",
      [](std::size_t size) {
        std::string archive;
        for (std::size_t i = 0; archive.size() < size; ++i) {
          std::string header(512, '\0');
          const std::string name = fmt::format("{:0100}", i);
          header.replace(0, name.size(), name).replace(124, 11, "00000000000");
          header.replace(345, 155, 155, 'p');
          archive += header;
        }
        return archive;
      },
      parse);
}

TEST(CostOfParsing, Idx) {
  const auto images = [](std::size_t size) {
    const std::size_t count = size / 784;
    return "\0\0\x08\x03"s + big_endian(count) + big_endian(28) + big_endian(28) +
           std::string(count * 784, '\x05');
  };
  const auto parse = [](std::string_view file) {
    const std::size_t count = (file.size() - 16) / 784;
    const std::string labels = "\0\0\x08\x01"s + big_endian(count) + std::string(count, '\x05');
    EXPECT_EQ(read_idx(open_stream(bytes_of(file), "x"), open_stream(bytes_of(labels), "y")).size(),
              count);
  };
  expect_linear("images", images, parse);
}

// ---- Requests ----

TEST(CostOfParsing, Forms) {
  const auto parse = [](std::string_view body) {
    parse_multipart(body,
                    multipart_boundary("multipart/form-data; boundary="s + std::string(70, '-')),
                    100'000);
  };
  const std::string boundary = "--"s + std::string(70, '-');
  const std::string part = "\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"s + boundary;
  expect_linear(
      "parts", [&](std::size_t size) { return boundary + repeat(part, size) + "--"; }, parse);
  const auto body = [&](const std::string& content) {
    return boundary + "\r\nContent-Disposition: form-data; name=a\r\n\r\n"s + content + "\r\n"s +
           boundary + "--";
  };
  const std::string nearly = "\r\n"s + boundary.substr(1) + "x";
  expect_linear(
      "what is nearly a boundary", [&](std::size_t size) { return body(repeat(nearly, size)); },
      parse);
  expect_linear(
      "line ends", [&](std::size_t size) { return body(repeat("\r", size)); }, parse);
  expect_linear(
      "heads",
      [&](std::size_t size) {
        const std::string head = "\r\nContent-Disposition: "s + repeat("a=\"\\\"\";", 8000) +
                                 "name=b"s + "\r\n\r\n\r\n"s + boundary;
        return boundary + repeat(head, size) + "--";
      },
      parse);
  expect_linear(
      "a Content-Type",
      [](std::size_t size) { return "multipart/form-data; "s + repeat("x=\";\";", size); },
      [](std::string_view type) { multipart_boundary(type); });
}

TEST(CostOfParsing, Targets) {
  const auto parse = [](std::string_view target) {
    Request request;
    parse_target(target, request);
    refuse_unknown(request, {"digits"});
  };
  expect_linear(
      "fields", [](std::size_t size) { return "/?"s + number("{}=", size, "&"); }, parse);
  expect_linear(
      "with long names", [](std::size_t size) { return "/?"s + number("{:01000}=", size, "&"); },
      parse);
  expect_linear(
      "nothing", [](std::size_t size) { return "/?"s + repeat("&", size); }, parse);
  expect_linear(
      "escapes", [](std::size_t size) { return "/?a="s + repeat("%41", size); }, parse);
  expect_linear(
      "a host", [](std::size_t size) { return "http://"s + repeat("a:", size); }, parse);
  expect_linear(
      "a number", [](std::size_t size) { return "/?digits="s + repeat("1", size); },
      [](std::string_view target) {
        Request request;
        parse_target(target, request);
        read_options(request);
      });
}

TEST(CostOfParsing, RequestsOfJson) {
  const auto parse = [](std::string_view body) { parse_json(std::string(body)); };
  constexpr std::size_t small = 8000;  // 65,536 bytes are the most
  const std::pair<const char*, const char*> kinds[] = {
      {"objects", "{}"}, {"lists", "[]"}, {"numbers", "1"}, {"texts", "\"\""}};
  for (const auto& [what, item] : kinds) {
    expect_linear(
        what,
        [&, text = std::string(item)](std::size_t size) {
          return "{\"a\":["s + repeat(text + ",", size) + "0]}";
        },
        parse, small);
  }
  expect_linear(
      "keys", [](std::size_t size) { return "{"s + number("\"{}\":0", size, ",") + "}"; }, parse,
      small);
  expect_linear(
      "depth", [](std::size_t size) { return "{\"a\":"s + repeat("[", size); }, parse);
  expect_linear(
      "base64", [](std::size_t size) { return repeat("////", size); },
      [](std::string_view text) { from_base64(text); });
}

// ---- Texts ----

TEST(CostOfParsing, ArchitecturesAndAugmentations) {
  const std::pair<const char*, const char*> kinds[] = {{"layers", "relu, "},
                                                       {"words", "valid "},
                                                       {"one word", "x"},
                                                       {"commas", ","},
                                                       {"digits", "1"}};
  for (const auto& [what, part] : kinds) {
    const auto make = [text = std::string(part)](std::size_t size) {
      return "conv 8 3 "s + repeat(text, size);
    };
    expect_linear(what, make, [](std::string_view text) { parse_architecture(text); });
  }
  const auto parse = [](std::string_view text) { parse_augmentation(text); };
  expect_linear(
      "fields", [](std::size_t size) { return number("noise 0", size, ","); }, parse);
  expect_linear(
      "spaces", [](std::size_t size) { return "noise"s + repeat(" ", size) + "0"; }, parse);
  expect_linear(
      "a number", [](std::size_t size) { return "noise 0."s + repeat("0", size); }, parse);
}

TEST(CostOfParsing, HistoriesAndLogs) {
  const auto history = [](std::string_view text) { parse_history(text); };
  expect_linear(
      "rows", [](std::size_t size) { return "["s + number("[{},1,1]", size, ",") + "]"; }, history);
  expect_linear(
      "lists", [](std::size_t size) { return repeat("[", size); }, history);
  expect_linear(
      "lists, a few", [](std::size_t size) { return repeat("[", size); }, history, 12'000);
  const auto log = [](std::string_view text) { parse_training_log(text, "log"); };
  const std::string line =
      R"({{"epoch":{},"train_loss":1,"train_accuracy":1,"validation_loss":1,"validation_accuracy":1}})";
  expect_linear(
      "lines",
      [&](std::size_t size) {
        std::string text;
        for (std::size_t i = 1; text.size() < size; ++i)
          text += fmt::format(fmt::runtime(line), i) + "\n";
        return text;
      },
      log);
  expect_linear(
      "lines that begin anew",
      [&](std::size_t size) {
        std::string text;
        for (std::size_t i = 0; text.size() < size; ++i)
          text += fmt::format(fmt::runtime(line), i % 200 + 1) + "\n";
        return text;
      },
      log);
  expect_linear(
      "a long line", [](std::size_t size) { return repeat("[", size); }, log);
  expect_linear(
      "objects", [](std::size_t size) { return "["s + repeat("{},", size) + "0]"; }, log);
}

TEST(CostOfParsing, ListsOfFiles) {
  const ScratchFolder scratch;
  const auto parse = [&](std::string_view list) {
    std::ofstream(scratch / "list") << list;
    cli::Inputs inputs({}, false, scratch / "list");
    while (inputs.next()) {
    }
  };
  const std::string name = "/nowhere/"s + std::string(50, 'n') + "\n";
  expect_linear(
      "names", [&](std::size_t size) { return repeat(name, size); }, parse);
  expect_linear(
      "empty lines", [](std::size_t size) { return repeat("\n", size); }, parse);
  expect_linear(
      "a long line", [](std::size_t size) { return repeat("n", size); }, parse);
  expect_linear(
      "patterns", [](std::size_t size) { return repeat("/nowhere/*/*/*/[a-z]*?*?*?*?*\n", size); },
      parse);
}

TEST(CostOfParsing, MessagesThatArePrinted) {
  for (const char* piece : {"a", "\x1b", "\xc2\x9b", "\x80", "\xf0\x9f", "\xe2\x80\xae"}) {
    expect_linear(
        piece, [&](std::size_t size) { return repeat(piece, size); },
        [](std::string_view text) { EXPECT_NE(printable(text), ""); });
  }
}

// ---- Pictures ----

/// A chunk of a PNG file.
std::string chunk(const std::string& type, const std::string& data) {
  const std::string covered = type + data;
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size());
  return big_endian(data.size()) + covered + big_endian(crc);
}

/// EXIF data with `count` entries of 7 and more bytes, all of which are the same `size` of them.
std::string exif_of(std::size_t count, std::size_t size) {
  count = std::min<std::size_t>(count, 65'535);
  std::string exif = "MM\0\x2a\0\0\0\x08"s;
  exif += static_cast<char>(count >> 8);
  exif += static_cast<char>(count & 255);
  for (std::size_t i = 0; i < count; ++i)
    exif += "\x01\x0e\0\x07"s + big_endian(size) + big_endian(8);
  exif += big_endian(0);
  exif.resize(std::max(exif.size(), 8 + size), 'x');
  return exif;
}

const std::string png_begin = "\x89PNG\r\n\x1a\n"s + chunk("IHDR", "\0\0\0\1\0\0\0\1\x08\0\0\0\0"s);

TEST(CostOfParsing, PngChunksAndTheirExif) {
  const auto parse = [](std::string_view file) {
    read_picture_size(bytes_of(file), Format::png);
    read_orientation(bytes_of(file), Format::png);
    keep_pixel_chunks(bytes_of(file));
  };
  const std::string end = chunk("IEND", "");
  const std::string text = chunk("tEXt", "");
  const std::string empty = chunk("IDAT", "");
  expect_linear(
      "texts", [&](std::size_t size) { return png_begin + repeat(text, size) + end; }, parse);
  expect_linear(
      "empty data", [&](std::size_t size) { return png_begin + repeat(empty, size) + end; }, parse);
  expect_linear(
      "EXIF",
      [&](std::size_t size) {
        return png_begin + chunk("eXIf", exif_of(size / 24, size / 2)) + end;
      },
      parse);
  expect_linear(
      "EXIF of a few bytes",
      [&](std::size_t size) {
        return png_begin + chunk("eXIf", exif_of(size / 24, size / 2)) + end;
      },
      parse, 8000);
}

TEST(CostOfParsing, GifBlocksAndJpegMarkers) {
  const auto gif = [](std::string_view file) {
    read_picture_size(bytes_of(file), Format::gif);
    keep_first_frame(bytes_of(file));
  };
  const std::string head = "GIF89a\1\0\1\0\0\0\0"s;
  const std::string frame = ",\0\0\0\0\1\0\1\0\0\2\2\x4c\1\0;"s;
  expect_linear(
      "extensions", [&](std::size_t size) { return head + repeat("!\xfe\0"s, size) + frame; }, gif);
  expect_linear(
      "blocks",
      [&](std::size_t size) { return head + "!\xfe"s + repeat("\1x", size) + '\0' + frame; }, gif);
  const auto jpeg = [](std::string_view file) {
    read_orientation(bytes_of(file), Format::jpeg);
    read_picture_size(bytes_of(file), Format::jpeg);
  };
  const std::string soi = "\xff\xd8";
  for (const std::string& segment : {"\xff\xfe\0\2"s, "\xff\xfe\0\0"s, "\xff"s, "\xff\x01"s,
                                     "\xff\xe1\0\x08"s
                                     "Exif\0\0"s})
    expect_linear(
        "segments", [&](std::size_t size) { return soi + repeat(segment, size); }, jpeg);
  expect_linear(
      "EXIF",
      [&](std::size_t size) {
        const std::string exif = exif_of(2000, 40'000);
        std::string one = "\xff\xe1"s + big_endian(exif.size() + 8).substr(2) + "Exif\0\0"s + exif;
        return soi + repeat(one, size);
      },
      jpeg);
}

}  // namespace
}  // namespace scrawl
