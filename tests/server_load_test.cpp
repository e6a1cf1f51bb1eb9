// The server when more is asked of it than it can do: who waits, who is told to come back, whom
// nobody works for any more.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <leptonica/allheaders.h>
#include <limits>
#include <mutex>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "decoding/write_png.hpp"
#include "process.hpp"
#include "running_server.hpp"
#include "scratch.hpp"
#include "server/memory_budget.hpp"
#include "server/work_queue.hpp"

namespace scrawl {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

/// Until `what` is so; a test that waits in vain fails by its time limit.
void await(const std::function<bool()>& what) {
  for (const auto begin = Clock::now(); !what(); std::this_thread::sleep_for(2ms))
    if (Clock::now() - begin > 60s) throw std::runtime_error("waited for a minute in vain");
}

// ---- What waits

TEST(WorkQueue, TakesNoMoreThanMayWait) {
  std::promise<void> go_on;
  std::atomic<int> done{0};
  {
    WorkQueue queue(1, 2);
    EXPECT_FALSE(queue.is_full());
    const auto task = [&, may_go_on = go_on.get_future().share()] {
      may_go_on.wait();
      ++done;
    };
    EXPECT_TRUE(queue.push(task));
    await([&] { return queue.waiting() == 0; });
    EXPECT_TRUE(queue.push(task));
    const auto second = queue.push(task);
    EXPECT_TRUE(second);
    EXPECT_TRUE(queue.is_full());
    EXPECT_FALSE(queue.push(task));
    queue.drop(*second);
    EXPECT_FALSE(queue.is_full());
    EXPECT_TRUE(queue.push(task));
    go_on.set_value();
    await([&] { return done == 3; });
  }
  EXPECT_EQ(done, 3) << "what was dropped is not done";
}

TEST(WorkQueue, WhatWaitsAtItsEndIsDropped) {
  std::promise<void> go_on;
  std::atomic<int> done{0};
  {
    WorkQueue queue(1, 9);
    queue.push([&, future = go_on.get_future().share()] {
      future.wait();
      ++done;
    });
    await([&] { return queue.waiting() == 0; });
    for (int i = 0; i < 5; ++i) queue.push([&] { ++done; });
    std::thread([&] { go_on.set_value(); }).detach();
  }
  EXPECT_LE(done, 6);
}

TEST(MemoryBudget, WhoNeedsMuchWaitsForItsTurnAndWhoNeedsLittleIsLetBy) {
  MemoryBudget budget(6400);
  auto most = budget.try_take(4000);
  ASSERT_TRUE(most);
  EXPECT_FALSE(budget.try_take(2401));
  std::atomic<int> order{0};
  int large = 0;
  int small = 0;
  std::thread first([&] {
    const auto share = budget.take(6000, MemoryBudget::Turn::in_order, {}, 60s);
    EXPECT_TRUE(share);
    large = ++order;
  });
  std::this_thread::sleep_for(50ms);  // so that it comes first; the test holds either way
  std::thread second([&] {
    const auto share = budget.take(2000, MemoryBudget::Turn::in_order, {}, 60s);
    EXPECT_TRUE(share);
    small = ++order;
  });
  EXPECT_TRUE(budget.take(100, MemoryBudget::Turn::now, {}, 60s)) << "it waits for nobody";
  most->give_back();
  first.join();
  second.join();
  EXPECT_EQ(large + small, 3);
  EXPECT_EQ(budget.taken(), 0U);
}

TEST(MemoryBudget, NobodyWaitsForEver) {
  MemoryBudget budget(100);
  const auto all = budget.try_take(100);
  EXPECT_FALSE(budget.take(1, MemoryBudget::Turn::now, {}, 1ms));
  std::stop_source stop;
  std::thread stopping([&] { stop.request_stop(); });
  EXPECT_FALSE(budget.take(1, MemoryBudget::Turn::in_order, stop.get_token(), 60s));
  stopping.join();
}

// ---- Pictures that take long, or much

/// Lines down, so many that each could be a digit: seconds of work, of which most is the reading.
const std::string& slow_picture() {
  static const std::string bytes = [] {
    constexpr std::size_t width = 4000;
    constexpr std::size_t height = 3000;
    std::vector<std::uint8_t> pixels(width * height, 255);
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x)
        if (x % 40 < 12 && y % 500 < 400) pixels[y * width + x] = 0;
    const ScratchFolder folder;
    write_png(pixels, width, folder / "slow.png");
    return slurp(folder / "slow.png");
  }();
  return bytes;
}

std::string request_of(const std::string& body, const std::string& path = "/v1/read") {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::size_t metric(const RunningServer& server, const std::string& name) {
  const std::string text = server.client().Get("/metrics")->body;
  const std::size_t at = text.find("\n" + name + " ");
  if (at == std::string::npos) throw std::runtime_error("no metric " + name);
  return std::stoull(text.substr(at + name.size() + 2));
}

/// Whether a picture is being read: that takes more than all bodies that have come.
bool is_at_work(const RunningServer& server) {
  return metric(server, "scrawl_reserved_bytes") > 10'000'000;
}

/// A server that has one thread for large pictures.
ServerOptions one_thread() {
  ServerOptions options;
  options.threads = 1;
  return options;
}

/// How long the slow picture takes when it is waited for.
Clock::duration time_of_slow(const RunningServer& server) {
  const auto begin = Clock::now();
  EXPECT_EQ(server.client().Post("/v1/read", slow_picture(), "image/png")->status, 200);
  return Clock::now() - begin;
}

/// Somebody who sends the slow picture and waits until it is worked on, or waits to be.
int send_slow(const RunningServer& server) {
  const int connection = server.connect();
  RunningServer::send(connection, request_of(slow_picture()));
  return connection;
}

TEST(ServerLoad, NobodyWorksForThoseWhoHaveGone) {
  const RunningServer server(one_thread());
  const auto one = time_of_slow(server);
  constexpr std::size_t senders = 12;
  for (std::size_t i = 0; i < senders; ++i) close(send_slow(server));
  const auto begin = Clock::now();
  EXPECT_EQ(server.client().Post("/v1/read?layout=line", slow_picture(), "image/png")->status, 200);
  EXPECT_LT(Clock::now() - begin, 3 * one) << "not after the others";
  EXPECT_EQ(metric(server, "scrawl_abandoned_total"), senders);
}

TEST(ServerLoad, WorkStopsInTheMiddleWhenItsSenderGoes) {
  const RunningServer server(one_thread());
  const auto one = time_of_slow(server);
  const int connection = send_slow(server);
  await([&] { return is_at_work(server); });
  std::this_thread::sleep_for(one / 4);
  close(connection);
  const auto begin = Clock::now();
  await([&] { return metric(server, "scrawl_reserved_bytes") == 0; });
  EXPECT_LT(Clock::now() - begin, one / 3);
}

TEST(ServerLoad, ARequestBehindTheOneThatIsWorkedOnIsAnswered) {
  const RunningServer server(one_thread());
  const int connection = server.connect();
  RunningServer::send(connection, request_of(slow_picture()) +
                                      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: "
                                      "close\r\n\r\n");
  const std::string answers = RunningServer::receive(connection, 60s);
  EXPECT_TRUE(has(answers, "\"text\"") && has(answers, "{\"status\":\"ok\"}")) << answers.size();
  close(connection);
}

TEST(ServerLoad, AStopDoesNotWaitForThoseWhoHaveGone) {
  RunningServer server(one_thread());
  const auto one = time_of_slow(server);
  std::vector<int> connections;
  for (int i = 0; i < 6; ++i) connections.push_back(send_slow(server));
  await([&] { return is_at_work(server); });
  for (const int connection : connections) close(connection);
  const auto begin = Clock::now();
  server.stop();
  EXPECT_LT(Clock::now() - begin, 2 * one);
}

TEST(ServerLoad, BeyondWhatMayWaitOthersAreToldToComeBack) {
  ServerOptions options = one_thread();
  options.max_waiting = 1;
  const RunningServer server(options);
  const int worked_for = send_slow(server);
  await([&] { return is_at_work(server); });
  EXPECT_EQ(server.client().Get("/readyz")->status, 200);
  const int waiting = send_slow(server);
  await([&] { return server.client().Get("/readyz")->status == 503; });
  EXPECT_EQ(metric(server, "scrawl_waiting_requests"), 1U);
  EXPECT_EQ(server.client().Get("/readyz")->get_header_value("Retry-After"), "2");
  const auto result = server.client().Post("/v1/read", slow_picture(), "image/png");
  EXPECT_EQ(result->status, 503);
  EXPECT_EQ(result->get_header_value("Retry-After"), "2");
  EXPECT_TRUE(has(result->body, "--max-waiting")) << result->body;
  EXPECT_EQ(server.client().Get("/healthz")->status, 200);
  close(waiting);
  await([&] { return metric(server, "scrawl_waiting_requests") == 0; });
  EXPECT_EQ(server.client().Get("/readyz")->status, 200);
  close(worked_for);
}

TEST(ServerLoad, WhoAsksWhetherItIsWellIsAnsweredWhenAllConnectionsAreTaken) {
  ServerOptions options = one_thread();
  options.max_connections = 2;
  const RunningServer server(options);
  const std::array<int, 2> connections{send_slow(server), send_slow(server)};
  // Who asks while they still come takes nobody's place.
  await([&] { return is_at_work(server) && metric(server, "scrawl_waiting_requests") == 1; });
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
    const auto result = server.client().Get(path);
    ASSERT_TRUE(result) << path;
    EXPECT_EQ(result->status, 200) << path;
  }
  const auto result = server.client().Get("/v1/model");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 503);
  EXPECT_TRUE(has(result->body, "--max-connections")) << result->body;
  for (const int connection : connections) close(connection);
}

// ---- Memory

TEST(ServerLoad, BodiesOnTheirWayAreBounded) {
  ServerOptions options;
  options.max_memory = 40'000'000;
  const RunningServer server(options);
  const std::string head =
      "POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 19000000\r\n\r\n";
  const int first = server.connect();
  RunningServer::send(first, head + std::string(15'000'000, 'x'));
  await([&] { return metric(server, "scrawl_reserved_bytes") == 15'000'000; });
  const int second = server.connect();
  RunningServer::send(second, head + std::string(6'000'000, 'x'));
  EXPECT_TRUE(has(RunningServer::receive(second, 20s), "HTTP/1.1 503"));
  EXPECT_EQ(server.client().Post("/v1/classify", std::string(784, 'x'), "")->status, 200)
      << "small ones go on";
  close(first);
  close(second);
}

TEST(ServerLoad, APictureThatNeverFitsIsTooLarge) {
  ServerOptions options;
  options.max_memory = 20'000'000;
  const RunningServer server(options);
  const auto result = server.client().Post("/v1/read", slow_picture(), "image/png");
  EXPECT_EQ(result->status, 413);
  EXPECT_TRUE(has(result->body, "--max-memory")) << result->body;
}

/// Half transparent, which takes several copies: a PNG of few bytes.
std::string transparent_picture(int width, int height) {
  Pix* pix = pixCreate(width, height, 32);
  pixSetAll(pix);
  pixSetSpp(pix, 4);
  Pix* alpha = pixCreate(width, height, 8);
  pixSetRGBComponent(pix, alpha, L_ALPHA_CHANNEL);
  pixDestroy(&alpha);
  l_uint8* data = nullptr;
  std::size_t size = 0;
  pixWriteMemPng(&data, &size, pix, 0);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  lept_free(data);
  pixDestroy(&pix);
  return bytes;
}

/// In MB.
double peak_memory(pid_t process) {
  const std::string status = slurp("/proc/" + std::to_string(process) + "/status");
  std::smatch found;
  if (!std::regex_search(status, found, std::regex("VmHWM:\\s+(\\d+) kB")))
    throw std::runtime_error("no VmHWM");
  return std::stod(found[1]) / 1000;
}

TEST(ServerLoad, AllThatRequestsTakeStaysBelowTheLimit) {
#ifdef SCRAWL_SANITIZED
  GTEST_SKIP() << "sanitizers take memory of their own";
#endif
  constexpr double limit = 420;  // MB; all six at once would take twice that
  const std::string picture = transparent_picture(4000, 3000);
  const ScratchFolder folder;
  const pid_t child =
      start_scrawl({"serve", "--port", "0", "--threads", "6", "--max-memory", "420"}, folder);
  await([&] { return has(slurp(folder / "out"), "\n"); });
  const std::string url = slurp(folder / "out");
  const int port = std::stoi(url.substr(url.rfind(':') + 1));
  const auto ask = [&](const std::string& body) {
    httplib::Client client("127.0.0.1", port);
    client.set_read_timeout(120);
    const auto result = client.Post("/v1/read", body, "image/png");
    return result ? result->status : 0;
  };
  EXPECT_EQ(ask(slurp(SCRAWL_SOURCE "/examples/pictures/7-mnist.png")), 200);
  const double base = peak_memory(child);
  std::vector<std::thread> threads;
  std::atomic<int> answered{0};
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] { answered += ask(picture) == 200 ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 6) << "they wait for each other";
  EXPECT_LT(peak_memory(child), base + 1.1 * limit);
  kill(child, SIGTERM);
  EXPECT_EQ(finish(child, folder).code, 0);
}

// ---- Slow, but going on

TEST(ServerLoad, ABodyThatComesSlowlyButSteadilyIsTaken) {
  ServerOptions options;
  options.timeout = 1s;
  const RunningServer server(options);
  const std::string body(784 * 10, 'x');
  const std::string request = request_of(body, "/v1/classify");
  const int connection = server.connect();
  constexpr std::size_t pieces = 12;
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::size_t begin = request.size() * i / pieces;
    RunningServer::send(connection,
                        request.substr(begin, request.size() * (i + 1) / pieces - begin));
    std::this_thread::sleep_for(200ms);
  }
  EXPECT_TRUE(has(RunningServer::receive(connection, 5s), "HTTP/1.1 200"));
  close(connection);
}

/// One that takes an answer with buffers so small that the server has to wait for it.
int connect_narrow(const RunningServer& server) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  const int small = 4096;
  const int segment = 536;
  setsockopt(connection, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  setsockopt(connection, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(server.port()));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  EXPECT_EQ(::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return connection;
}

/// Glyphs whose answer, some 6 MB, is more than the system keeps for a connection (4 MB on Linux).
std::string many_glyphs() {
  return request_of(std::string(784 * 30'000, '\0'), "/v1/classify");
}

/// Bytes of the whole answer, by its head; more than there can be while that has not come.
std::size_t length_of(const std::string& answer) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return std::numeric_limits<std::size_t>::max();
  return end + 4 + std::stoul(answer.substr(answer.find(name) + name.size()));
}

TEST(ServerLoad, WhoReadsSlowlyButSteadilyGetsTheWholeAnswer) {
  ServerOptions options;
  options.timeout = 1s;
  const RunningServer server(options);
  const int connection = connect_narrow(server);
  RunningServer::send(connection, many_glyphs());
  std::string answer;
  std::array<char, 65536> piece;
  for (auto next = Clock::now(); answer.size() < length_of(answer);) {
    const ssize_t count = recv(connection, piece.data(), piece.size(), 0);
    if (count <= 0) break;
    if (answer.empty()) next = Clock::now();
    answer.append(piece.data(), static_cast<std::size_t>(count));
    next += count * 1us;  // a megabyte a second
    std::this_thread::sleep_until(next);
  }
  EXPECT_GT(answer.size(), 5'000'000U);
  EXPECT_EQ(answer.size(), length_of(answer));
  close(connection);
}

TEST(ServerLoad, WhoDoesNotReadItsAnswerLosesIt) {
  ServerOptions options;
  options.timeout = 1s;
  const RunningServer server(options);
  const int connection = connect_narrow(server);
  RunningServer::send(connection, many_glyphs());
  await([&] { return metric(server, "scrawl_connections") == 1; });  // the one that asks
  const std::string answer = RunningServer::receive(connection, 20s);
  EXPECT_LT(answer.size(), length_of(answer));
  close(connection);
}

TEST(Serve, GoesOnWhenNobodyReadsWhatItSays) {
  const ScratchFolder folder;
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t child =
      start_scrawl({"serve", "--port", "0"}, folder, "/dev/null", {{STDERR_FILENO, pipe_ends[1]}});
  close(pipe_ends[1]);
  std::array<char, 4096> said{};
  ASSERT_GT(read(pipe_ends[0], said.data(), said.size()), 0);  // that it is there
  close(pipe_ends[0]);
  kill(child, SIGHUP);  // it says that the model was loaded anew
  const std::string url = slurp(folder / "out");
  httplib::Client client("127.0.0.1", std::stoi(url.substr(url.rfind(':') + 1)));
  for (int i = 0; i < 50; ++i) {
    const auto result = client.Get("/healthz");
    ASSERT_TRUE(result);
    std::this_thread::sleep_for(20ms);  // it takes a moment to load
  }
  kill(child, SIGTERM);
  EXPECT_EQ(finish(child, folder).code, 0);
}

}  // namespace
}  // namespace scrawl
