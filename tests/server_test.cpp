// The server: right answers, right refusals, and nobody who can hold up the others.
#include "server/server.hpp"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <httplib.h>
#include <memory>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <scrawl/model.hpp>
#include <scrawl/personalization.hpp>

#include "decoding/write_png.hpp"
#include "files/base64.hpp"
#include "process.hpp"
#include "recognition/recognizer.hpp"
#include "running_server.hpp"
#include "scratch.hpp"
#include "server/page.hpp"

namespace scrawl {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

const std::string pictures = SCRAWL_SOURCE "/examples/pictures";

std::string seven() {
  return slurp(pictures + "/7-mnist.png");
}

std::string error_of(const httplib::Result& result) {
  return result ? Json::parse(result->body).value("error", "") : "no answer";
}

// ---- Answers

TEST(Server, ReadsAPictureAsTheLibraryDoes) {
  const RunningServer server;
  const auto result = server.client().Post("/v1/read", seven(), "image/png");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 200);
  const Json json = Json::parse(result->body);
  EXPECT_EQ(json["text"], "7");
  const Reading reading = Recognizer().read(load_picture(pictures + "/7-mnist.png"));
  EXPECT_EQ(json["digits"][0]["confidence"], reading.digits[0].confidence);
  EXPECT_FALSE(json["digits"][0].contains("glyph"));
}

TEST(Server, GivesTheGlyphsWhenAsked) {
  const RunningServer server;
  const auto result = server.client().Post("/v1/read?glyphs=true", seven(), "image/png");
  const Json json = Json::parse(result->body);
  const auto glyph = from_base64(json["digits"][0]["glyph"].get<std::string>());
  const auto answer = server.client().Post(
      "/v1/classify", std::string(reinterpret_cast<const char*>(glyph->data()), glyph->size()),
      "application/octet-stream");
  EXPECT_EQ(Json::parse(answer->body)["digits"][0]["digit"], 7);
}

TEST(Server, ReadsAllPicturesOfAForm) {
  const RunningServer server;
  const httplib::MultipartFormDataItems form{
      {"a", seven(), "seven.png", "image/png"},
      {"b", "no picture", "b.txt", "text/plain"},
      {"c", slurp(pictures + "/2026-squared-paper.jpg"), "", "image/jpeg"}};
  const auto result = server.client().Post("/v1/read", form);
  ASSERT_TRUE(result);
  const Json json = Json::parse(result->body);
  ASSERT_EQ(json.size(), 3U);
  EXPECT_EQ(json[0]["file"], "seven.png");
  EXPECT_EQ(json[0]["text"], "7");
  EXPECT_TRUE(has(json[1]["error"], "b.txt")) << json[1];
  EXPECT_EQ(json[2]["file"], "c");
  EXPECT_EQ(json[2]["text"], "2026 11\n31415926\n718 28");
}

std::string base64_of(const std::string& bytes) {
  return to_base64(std::as_bytes(std::span(bytes)));
}

TEST(Server, ReadsAPictureInJson) {
  const RunningServer server;
  const std::string plain = base64_of(seven());
  for (const std::string& image :
       {"data:image/png;base64," + plain, "data:;base64," + plain, plain, " " + plain + "\\r\\n"}) {
    const std::string body = "{\"image\": \"" + image + "\"}";
    for (const char* type : {"application/json", "text/plain;charset=UTF-8"}) {
      const auto result = server.client().Post("/v1/read", body, type);
      ASSERT_TRUE(result);
      EXPECT_EQ(result->status, 200) << result->body;
      EXPECT_EQ(Json::parse(result->body)["text"], "7");
    }
  }
}

TEST(Server, SaysWhatIsWrongWithAPictureInJson) {
  const RunningServer server;
  struct Wrong {
    std::string body;
    int status;
    std::string says;
  };
  const std::string glyph = base64_of(seven());
  const Wrong wrong[] = {
      {"{\"picture\": \"x\"}", 400, "\"picture\" is not known here"},
      {"{}", 400, "no \"image\""},
      {"", 400, "empty"},
      {"[1]", 400, "an array"},
      {"{\"image\": {}}", 400, "readAsDataURL"},
      {"{\"image\": [137, 80]}", 400, "an array"},
      {"{\"image\": null}", 400, "null"},
      {"{\"image\": \"", 400, "no valid JSON"},
      {"{\"image\": \"" + glyph + "\", \"image\": \"\"}", 400, "twice"},
      {"{\"image\": \"data:,\"}", 415, "type ''"},
      {"{\"image\": \"data:image/png;base64,\"}", 400, "loaded yet"},
      {"{\"image\": \"data:text/html;base64,AAAA\"}", 415, "text/html"},
      {"{\"image\": \"data:image/svg+xml,%3Csvg\"}", 400, "not base64"},
      {"{\"image\": \"https://example.org/7.png\"}", 400, "fetches nothing"},
      {"{\"image\": \"7.png?\"}", 400, "'.png?"},
      {"{\"image\": \"" + base64_of("no picture") + "\"}", 415, "not a picture"},
  };
  for (const Wrong& one : wrong) {
    const auto result = server.client().Post("/v1/read", one.body, "application/json");
    ASSERT_TRUE(result) << one.body;
    EXPECT_EQ(result->status, one.status) << one.body << ' ' << result->body;
    EXPECT_TRUE(has(error_of(result), one.says)) << one.body << ' ' << result->body;
  }
}

TEST(Server, SaysWhatWebCodeHasSentInstead) {
  const RunningServer server;
  const auto error = [&](const std::string& body, const std::string& type) {
    const auto result = server.client().Post("/v1/read", body, type);
    EXPECT_EQ(result->status, 415) << body;
    return error_of(result);
  };
  EXPECT_TRUE(has(error("data:image/png;base64,AAAA", "text/plain"), "data URL"));
  EXPECT_TRUE(has(error(base64_of(seven()), "text/plain"), "base64"));
  EXPECT_TRUE(has(error("https://example.org/7.png", "text/plain"), "an address"));
  EXPECT_TRUE(has(error("[object File]", "text/plain"), "File or Blob"));
  EXPECT_TRUE(has(error("image=7.png", "application/x-www-form-urlencoded"), "multipart"));
  EXPECT_TRUE(has(error("%PDF-1.4", "application/pdf"), "a PDF"));
  // As curl --data-binary sends a picture, whatever bytes are in it.
  const std::string equals = "P5 3 1 255\n===";
  for (const std::string& picture : {seven(), equals})
    EXPECT_EQ(
        server.client().Post("/v1/read", picture, "application/x-www-form-urlencoded")->status,
        200);
}

TEST(Server, TurnsAPictureAsItIsTold) {
  const RunningServer server;
  const auto turned = server.client().Post("/v1/read?turn=180", seven(), "image/png");
  EXPECT_EQ(Json::parse(turned->body)["turn"], 180);
  EXPECT_EQ(server.client().Post("/v1/read?turn=45", seven(), "image/png")->status, 400);
}

TEST(Server, ClassifiesManyGlyphsInTheirOrder) {
  const RunningServer server;
  Glyph ink{};
  const Recognizer recognizer;
  std::string body;
  std::vector<float> expected;
  for (int i = 0; i < 150; ++i) {  // more than one batch
    ink[static_cast<std::size_t>(100 + 3 * i)] = 255;
    body.append(reinterpret_cast<const char*>(ink.data()), ink.size());
    expected.push_back(recognizer.classify(ink)[0]);
  }
  const auto result = server.client().Post("/v1/classify", body, "application/octet-stream");
  const Json digits = Json::parse(result->body)["digits"];
  ASSERT_EQ(digits.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(digits[i]["probabilities"][0], expected[i], 2e-3) << i;
}

TEST(Server, GivesThePageWithAPolicyThatForbidsTheRest) {
  const RunningServer server;
  const auto page = server.client().Get("/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(has(page->get_header_value("Content-Security-Policy"), "default-src 'none'"));
  const auto head = server.client().Head("/");
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
}

TEST(Server, ManyAtOnceAllGetTheirOwnAnswer) {
  RunningServer server;
  const std::array<std::string, 4> files{"2-marker.png", "3-thin-blue-pen.png", "7-mnist.png",
                                         "9-chalk.jpg"};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 12; ++t) {
    threads.emplace_back([&, t] {
      const std::string& file = files[static_cast<std::size_t>(t) % files.size()];
      const std::string picture = slurp(pictures + "/" + file);
      auto client = server.client();
      for (int i = 0; i < 25; ++i) {
        const auto result = client.Post("/v1/read?layout=one", picture, "image/png");
        if (!result || result->status != 200 ||
            Json::parse(result->body)["text"] != file.substr(0, 1))
          ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(has(server.api().metrics().text(0, 0),
                  "scrawl_requests_total{path=\"/v1/read\",status=\"200\"} 300"));
}

TEST(BatchingClassifier, ManyAtOnceShareBatchesAndALoneOneDoesNotWait) {
  std::mutex lock;
  std::vector<std::size_t> batches;
  BatchingClassifier classifier(default_model(), 1, [&](std::size_t size) {
    const std::lock_guard guard(lock);
    batches.push_back(size);
  });
  Glyph glyph{};
  glyph[400] = 255;
  const Probabilities alone = classifier.classify(glyph);
  EXPECT_EQ(batches, std::vector<std::size_t>{1});
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const Probabilities together = classifier.classify(glyph);
        for (std::size_t d = 0; d < digit_count; ++d)
          wrong += std::abs(together[d] - alone[d]) < 2e-3F ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  std::size_t sum = 0;
  for (const std::size_t size : batches) sum += size;
  EXPECT_EQ(sum, 401U);
  EXPECT_GT(*std::ranges::max_element(batches), 1U);
}

// ---- Refusals

TEST(Server, BadBodiesAreRefusedByWhatIsWrong) {
  const RunningServer server;
  auto client = server.client();
  const auto expect = [&](const std::string& path, const std::string& body, const char* type,
                          int status, const char* word) {
    const auto result = client.Post(path, body, type);
    ASSERT_TRUE(result) << path;
    EXPECT_EQ(result->status, status) << path << ": " << result->body;
    EXPECT_TRUE(has(error_of(result), word)) << error_of(result);
  };
  expect("/v1/read", "", "image/png", 400, "empty");
  expect("/v1/read", "hello", "image/png", 415, "picture");
  expect("/v1/read", seven().substr(0, 60), "image/png", 422, "PNG");
  expect("/v1/read?layout=round", seven(), "image/png", 400, "layout");
  expect("/v1/read?digits=-1", seven(), "image/png", 400, "digits");
  expect("/v1/read?digits=1&digits=2", seven(), "image/png", 400, "twice");
  expect("/v1/read?min_confidence=nan", seven(), "image/png", 400, "min_confidence");
  expect("/v1/read?glpyhs=true", seven(), "image/png", 400, "glpyhs");
  expect("/v1/read?a=%4", seven(), "image/png", 400, "escape");
  expect("/v1/read", "--x\r\nhalf", "multipart/form-data; boundary=x", 400, "multipart");
  expect("/v1/read", "--x--", "multipart/form-data; boundary=x", 400, "no picture");
  expect("/v1/read", "--x--", "multipart/form-data", 400, "boundary");
  expect("/v1/classify", std::string(783, 'x'), "application/octet-stream", 400, "784");
  expect("/v1/classify", "", "application/octet-stream", 400, "784");
  expect("/v1/corrections", "{\"digit\": 3", "application/json", 400, "JSON");
  expect("/v1/corrections", "{\"digit\": 3, \"glyph\": \"AAAA\"}", "application/json", 400,
         "glyph");
  expect("/v1/corrections", seven(), "image/png", 400, "digit");
  expect("/v1/training", "{\"model\": \"none\"}", "application/json", 400, "mlp");
  const std::string blank = std::string(1046, 'A') + "==";
  for (const std::string number :
       {"1e73", "-1", "10", "2147483648", "18446744073709551615", "3.0"}) {
    expect("/v1/corrections", R"({"digit": )" + number + R"(, "glyph": ")" + blank + "\"}",
           "application/json", 400, "body: digit: found ");
  }
}

/// What is parsed takes many times the memory of its text, and more still to free.
TEST(Server, JsonIsBoundedInLengthAndDepth) {
  const RunningServer server;
  auto client = server.client();
  const auto nested = [](std::size_t depth) {
    return R"({"digit": 3, "more": )" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  const auto expect = [&](const std::string& body, int status, const char* word) {
    for (const char* path : {"/v1/corrections", "/v1/training"}) {
      const auto result = client.Post(path, body, "application/json");
      ASSERT_TRUE(result) << path;
      EXPECT_EQ(result->status, status) << path << ": " << result->body;
      EXPECT_TRUE(has(error_of(result), word) || status == 400) << error_of(result);
    }
  };
  expect(nested(15), 400, "");
  EXPECT_FALSE(
      has(error_of(client.Post("/v1/training", nested(15), "application/json")), "in one another"));
  expect(nested(1'000'000), 413, "65536");
  expect(std::string(66'000, ' ') + "{}", 413, "65536");
  EXPECT_TRUE(
      has(error_of(client.Post("/v1/training", nested(16), "application/json")), "in one another"));
  EXPECT_TRUE(has(error_of(client.Post("/v1/training", nested(30'000), "application/json")),
                  "in one another"));
}

/// A PNG of 3 KB that claims 10,000 x 10,000 pixels, and has them.
TEST(Server, APictureOfTooManyPixelsIsRefusedBeforeItIsDecoded) {
  const ScratchFolder folder;
  const std::size_t side = 10'000;
  write_png(std::vector<std::uint8_t>(side * side, 255), side, folder / "large.png");
  const RunningServer server;
  const auto begin = std::chrono::steady_clock::now();
  const auto result = server.client().Post("/v1/read", slurp(folder / "large.png"), "image/png");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 413);
  EXPECT_TRUE(has(error_of(result), "10000 x 10000")) << error_of(result);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST(Server, WrongPathsAndMethodsSayWhatThereIs) {
  const RunningServer server;
  auto client = server.client();
  EXPECT_EQ(client.Get("/v2")->status, 404);
  EXPECT_EQ(client.Get("/v1/corrections/")->status, 404);
  EXPECT_EQ(client.Delete("/v1/corrections/../../etc/passwd")->status, 404);
  EXPECT_EQ(client.Delete("/v1/corrections/..")->status, 404);
  const auto result = client.Get("/v1/read");
  EXPECT_EQ(result->status, 405);
  EXPECT_EQ(result->get_header_value("Allow"), "POST");
  EXPECT_EQ(client.Post("/", "x", "text/plain")->status, 405);
}

TEST(Server, WhatIsNotHttpIsRefused) {
  const RunningServer server;
  EXPECT_TRUE(has(server.raw("hello\r\n\r\n"), "HTTP/1.1 400")) << server.raw("hello\r\n\r\n");
  EXPECT_TRUE(has(server.raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x') +
                             "\r\n\r\n"),
                  "HTTP/1.1 431"));
  EXPECT_TRUE(has(
      server.raw("POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"),
      "HTTP/1.1 413"));
  EXPECT_TRUE(
      has(server.raw("POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"),
          "HTTP/1.1 400"));
  EXPECT_TRUE(has(server.raw("GET nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"), "HTTP/1.1 400"));
  EXPECT_TRUE(has(server.raw("POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: "
                             "gzip\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"),
                  "HTTP/1.1 415"));
}

TEST(Server, AChunkedBodyIsABodyToo) {
  ServerOptions options;
  options.max_body = 5000;
  const RunningServer server(options);
  const std::string picture = seven();
  char size[16];
  std::snprintf(size, sizeof size, "%zx", picture.size());
  const std::string head =
      "POST /v1/read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: "
      "close\r\n\r\n";
  EXPECT_TRUE(has(server.raw(head + size + "\r\n" + picture + "\r\n0\r\n\r\n"), "\"text\":\"7\""));
  EXPECT_TRUE(has(server.raw(head + "2000\r\n" + std::string(0x2000, 'x') + "\r\n0\r\n\r\n"),
                  "HTTP/1.1 413"));
}

TEST(Server, OtherPagesAndOtherNamesAreKeptOut) {
  ApiOptions api;
  api.allowed_origins = {"https://friend.example"};
  const RunningServer server({}, api);
  auto client = server.client();
  const auto status = [&](const httplib::Headers& headers) {
    return client.Get("/v1/model", headers)->status;
  };
  EXPECT_EQ(status({}), 200);
  EXPECT_EQ(status({{"Host", "evil.example"}}), 403);
  EXPECT_EQ(status({{"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(status({{"Origin", "null"}}), 403);
  EXPECT_EQ(status({{"Origin", "http://127.0.0.1:" + std::to_string(server.port())}}), 200);
  const auto friendly = client.Options("/v1/read", {{"Origin", "https://friend.example"}});
  EXPECT_EQ(friendly->status, 204);
  EXPECT_EQ(friendly->get_header_value("Access-Control-Allow-Origin"), "https://friend.example");
}

TEST(Server, WithATokenOnlyWhoBearsItIsAnswered) {
  ApiOptions api;
  api.token = "secret";
  const RunningServer server({}, api);
  auto client = server.client();
  EXPECT_EQ(client.Get("/v1/model")->status, 401);
  EXPECT_EQ(client.Get("/v1/model", {{"Authorization", "Bearer secreT"}})->status, 401);
  EXPECT_EQ(client.Get("/v1/model", {{"Authorization", "Bearer secret"}})->status, 200);
  EXPECT_EQ(client.Get("/")->status, 200);  // the page, which asks for the token
  EXPECT_EQ(client.Get("/healthz")->status, 200);
}

TEST(Server, FromOtherMachinesNothingIsTaughtWithoutAToken) {
  ApiOptions api;
  api.loopback = false;
  const RunningServer server({}, api);
  auto client = server.client();
  EXPECT_EQ(client.Post("/v1/corrections?digit=7", seven(), "image/png")->status, 403);
  EXPECT_EQ(client.Get("/v1/corrections")->status, 403);
  EXPECT_EQ(client.Post("/v1/learn")->status, 403);
  EXPECT_EQ(client.Post("/v1/model/undo")->status, 403);
  EXPECT_EQ(client.Post("/v1/read", seven(), "image/png")->status, 200);
}

TEST(Server, APictureThatIsABodyHasNoNameInMessages) {
  const RunningServer server;
  for (const char* body : {"", "hello"})
    EXPECT_FALSE(has(error_of(server.client().Post("/v1/read", body, "image/png")), "-:"));
}

TEST(Server, WhoIsRefusedIsToldBeforeTheBody) {
  ApiOptions api;
  api.token = "secret";
  const RunningServer server({}, api);
  const auto answer = [&](const std::string& headers) {
    return server.raw("POST /v1/read HTTP/1.1\r\nContent-Length: 1000000\r\n" + headers + "\r\n",
                      5s);
  };
  EXPECT_TRUE(has(answer("Host: evil\r\n"), "HTTP/1.1 403"));
  EXPECT_TRUE(has(answer("Host: localhost\r\nOrigin: http://evil\r\n"), "HTTP/1.1 403"));
  EXPECT_TRUE(has(answer("Host: localhost\r\n"), "HTTP/1.1 401"));
  EXPECT_FALSE(has(answer("Host: evil\r\nExpect: 100-continue\r\n"), "100 Continue"));
}

TEST(Server, HeadsThatCouldMeanTwoThingsAreRefused) {
  const RunningServer server;
  const auto answer = [&](const std::string& headers) {
    return server.raw("POST /v1/read HTTP/1.1\r\n" + headers + "\r\n5\r\nhello\r\n0\r\n\r\n", 5s);
  };
  const std::string host = "Host: localhost\r\n";
  for (const char* coding : {"gzip, chunked", "xchunked", "gzip"})
    EXPECT_TRUE(has(answer(host + "Transfer-Encoding: " + coding + "\r\n"), "HTTP/1.1 501"))
        << coding;
  EXPECT_TRUE(has(answer(host + host), "HTTP/1.1 400"));
  EXPECT_TRUE(has(answer(host + "Origin: http://a\r\nOrigin: http://b\r\n"), "HTTP/1.1 400"));
  EXPECT_TRUE(has(answer(""), "HTTP/1.1 400"));
  EXPECT_TRUE(
      has(server.raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"), "HTTP/1.1 400"));
}

TEST(Server, CaseAndAbsoluteTargetsAreUnderstood) {
  ApiOptions api;
  api.token = "secret";
  const RunningServer server({}, api);
  const std::string end = "Connection: close\r\n\r\n";
  EXPECT_TRUE(
      has(server.raw("GET http://127.0.0.1:1/healthz HTTP/1.1\r\nHost: 127.0.0.1:1\r\n" + end),
          "HTTP/1.1 200"));
  EXPECT_TRUE(has(server.raw("GET http://evil/healthz HTTP/1.1\r\nHost: localhost\r\n" + end),
                  "HTTP/1.1 403"));
  EXPECT_TRUE(has(server.raw("GET http://localhost?x HTTP/1.1\r\nHost: localhost\r\n" + end),
                  "HTTP/1.1 200"));
  EXPECT_TRUE(has(
      server.raw("GET /v1/model HTTP/1.1\r\nHost: localhost\r\nAuthorization: bearer secret\r\n" +
                 end),
      "HTTP/1.1 200"));
  EXPECT_TRUE(
      has(server.raw("POST /v1/read HTTP/1.1\r\nHost: localhost\r\nAuthorization: BEARER secret\r\n"
                     "Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n",
                     1s),
          "HTTP/1.1 100"));
}

TEST(Server, AllNamesOfThisMachineAreItsOwn) {
  const RunningServer server;
  auto client = server.client();
  for (const char* name :
       {"127.0.0.2:80", "LocalHost:80", "localhost.", "[::1]:80", "[::ffff:127.0.0.1]:80"})
    EXPECT_EQ(client.Get("/healthz", {{"Host", name}})->status, 200) << name;
  for (const char* name : {"127.0.0.1.evil", "128.0.0.1", "[::2]", "localhost.evil"})
    EXPECT_EQ(client.Get("/healthz", {{"Host", name}})->status, 403) << name;
}

TEST(Server, AllPicturesOfARequestTogetherAreBounded) {
  ApiOptions api;
  api.max_pixels = 3 * 28 * 28;
  const RunningServer server({}, api);
  httplib::MultipartFormDataItems form(3, {"a", seven(), "7.png", "image/png"});
  EXPECT_EQ(server.client().Post("/v1/read", form)->status, 200);
  form.push_back(form.front());
  const auto result = server.client().Post("/v1/read", form);
  EXPECT_EQ(result->status, 413);
  EXPECT_TRUE(has(error_of(result), "--max-megapixels")) << error_of(result);
}

TEST(Api, HealthAndMetricsWaitForNoWork) {
  Request request;
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
    request.path = path;
    EXPECT_TRUE(Api::is_quick(request)) << path;
  }
  request.path = "/v1/read";
  EXPECT_FALSE(Api::is_quick(request));
}

/// An address that no machine has (RFC 5737): a server that is told to listen there ends.
constexpr auto elsewhere = "192.0.2.1";

TEST(Serve, LimitsThatAreNoNumbersAreRefused) {
  for (const char* option : {"--max-megapixels", "--max-body", "--max-memory"})
    EXPECT_EQ(run_scrawl({"serve", "--host", elsewhere, option, "nan"}).code, 2) << option;
}

TEST(Serve, AnEmptyTokenIsNotTakenForNone) {
  const ProcessResult result = run_scrawl({"serve", "--host", elsewhere, "--token", ""});
  EXPECT_EQ(result.code, 2);
  EXPECT_TRUE(has(result.err, "--token: found an empty one")) << result.err;
  EXPECT_EQ(run_scrawl({"serve", "--host", elsewhere, "--token="}).code, 2);
  EXPECT_EQ(run_scrawl({"serve", "--host", elsewhere, "--token", "x"}).code, 1);
}

TEST(Serve, AnEmptyTokenInTheEnvironmentIsNotTakenForNone) {
  setenv("SCRAWL_TOKEN", "", 1);
  const ProcessResult result = run_scrawl({"serve", "--host", elsewhere});
  EXPECT_EQ(run_scrawl({"serve", "--host", elsewhere, "--token", "x"}).code, 1);
  unsetenv("SCRAWL_TOKEN");
  EXPECT_EQ(result.code, 2);
  EXPECT_TRUE(has(result.err, "SCRAWL_TOKEN: found an empty one")) << result.err;
}

TEST(Serve, WhatIsNoAddressIsWrongUsage) {
  for (const char* host : {"nonsense", "999", "", "127.0.0.1:80"}) {
    const ProcessResult result = run_scrawl({"serve", "--host", host});
    EXPECT_EQ(result.code, 2) << host;
    EXPECT_TRUE(has(result.err, "--host: found '")) << result.err;
  }
  EXPECT_EQ(run_scrawl({"serve", "--host", elsewhere}).code, 1);
}

TEST(Http, PathsAreToldWithoutTheirFolders) {
  EXPECT_EQ(without_folders("/home/jo/m.safetensors: cannot open: No such file"),
            "m.safetensors: cannot open: No such file");
  EXPECT_EQ(without_folders("filesystem error: cannot rename: busy [/a/b c/d] [/e/f]"),
            "filesystem error: cannot rename: busy [d] [f]");
  EXPECT_EQ(without_folders("found '/a/b', expected and/or 1 / 2"),
            "found 'b', expected and/or 1 / 2");
  EXPECT_EQ(without_folders("/a/b c/d.png"), "d.png");
  EXPECT_EQ(without_folders(""), "");
}

TEST(Serve, WhatIsNoOriginIsRefused) {
  for (const std::string wrong :
       {"foo", "", "null", "https://", "https://example.org/", "https://example.org/page",
        "https://Example.org", "http://a b", "http://a:", "http://a:x", "https://*.example.org"}) {
    const ProcessResult result =
        run_scrawl({"serve", "--host", elsewhere, "--allow-origin", "https://a.org", wrong});
    EXPECT_EQ(result.code, 2) << wrong;
    EXPECT_TRUE(has(result.err, "--allow-origin: found '" + wrong + "', expected * or scheme://"))
        << result.err;
  }
  const ProcessResult right =
      run_scrawl({"serve", "--host", elsewhere, "--allow-origin", "*", "https://example.org",
                  "http://localhost:8080", "http://[::1]:80", "chrome-extension://abcdefghij",
                  "tauri://localhost"});
  EXPECT_EQ(right.code, 1) << right.err;
}

/// Leaves variables out of the environment, of this process and of what it starts.
class Without {
 public:
  explicit Without(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const char* value = getenv(name.c_str());
      if (value == nullptr) continue;
      were_.emplace_back(name, value);
      unsetenv(name.c_str());
    }
  }
  ~Without() {
    for (const auto& [name, value] : were_) setenv(name.c_str(), value.c_str(), 1);
  }
  Without(const Without&) = delete;
  Without& operator=(const Without&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> were_;
};

TEST(Serve, NeedsNoHome) {
  const Without home({"HOME", "XDG_CACHE_HOME", "SCRAWL_DATA"});
  const ScratchFolder folder;
  const pid_t child = start_scrawl({"serve", "--port", "0"}, folder);
  for (int i = 0; i < 200 && !has(slurp(folder / "err"), "Ctrl-C"); ++i)
    std::this_thread::sleep_for(50ms);
  kill(child, SIGTERM);
  const ProcessResult result = finish(child, folder);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(has(result.out, "http://127.0.0.1:")) << result.err;
  EXPECT_FALSE(has(result.err, "keeps nothing")) << "XDG_DATA_HOME is set";
}

TEST(Server, WithoutAFolderItReadsAndKeepsNothing) {
  const RunningServer server;  // sets the folders of its own
  const Without folders(
      {"HOME", "XDG_DATA_HOME", "STATE_DIRECTORY", "SCRAWL_CORRECTIONS", "SCRAWL_DATA"});
  auto client = server.client();
  EXPECT_EQ(client.Post("/v1/read", seven(), "image/png")->status, 200);
  const Json model = Json::parse(client.Get("/v1/model")->body);
  EXPECT_EQ(model["may_teach"], false);
  EXPECT_EQ(model["has_mnist"], false);
  EXPECT_EQ(client.Get("/v1/corrections")->status, 403);
  const auto refused = client.Post("/v1/corrections?digit=7", seven(), "image/png");
  EXPECT_EQ(refused->status, 403);
  EXPECT_TRUE(has(error_of(refused), "$STATE_DIRECTORY")) << refused->body;
}

TEST(Serve, ASecondSignalEndsItAtOnce) {
  const ScratchFolder folder;
  const pid_t child = start_scrawl({"serve", "--port", "0"}, folder);
  const auto wait_for = [](const std::filesystem::path& file, const std::string& word) {
    for (int i = 0; i < 200 && !has(slurp(file), word); ++i) std::this_thread::sleep_for(50ms);
    return slurp(file);
  };
  const std::string url = wait_for(folder / "out", "\n");
  wait_for(folder / "err", "Ctrl-C");
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  ASSERT_EQ(::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  RunningServer::send(connection, "GET / HT");
  std::this_thread::sleep_for(200ms);
  kill(child, SIGTERM);
  EXPECT_TRUE(has(wait_for(folder / "err", "finishing"), "finishing 1 request; again"));
  const auto begin = std::chrono::steady_clock::now();
  kill(child, SIGTERM);
  EXPECT_EQ(finish(child, folder).code, 128 + SIGTERM);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  close(connection);
}

TEST(Server, ARequestThatDoesNotComeIsNotWaitedForLong) {
  RunningServer server;
  const int connection = server.connect();
  RunningServer::send(connection, "GET / HT");
  std::this_thread::sleep_for(100ms);
  const auto begin = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
  close(connection);
}

// ---- Corrections

TEST(Server, CorrectionsGoToTheCollectionAndComeBack) {
  const RunningServer server;
  auto client = server.client();
  const auto added = client.Post("/v1/corrections?digit=1", seven(), "image/png");
  ASSERT_EQ(added->status, 201) << added->body;
  const Json json = Json::parse(added->body);
  EXPECT_EQ(json["collection"]["digits"][1], 1);
  const std::string id = json["id"];
  ASSERT_EQ(list_corrections(corrections_folder()).size(), 1U);
  const Json all = Json::parse(client.Get("/v1/corrections?glyphs=true")->body);
  const std::string glyph = all["items"][0]["glyph"];
  const Json again{{"glyph", glyph}, {"digit", 7}};
  EXPECT_EQ(
      Json::parse(client.Post("/v1/corrections", again.dump(), "application/json")->body)["id"],
      id);
  EXPECT_EQ(Json::parse(client.Get("/v1/corrections")->body)["digits"][7], 1)
      << "moved, not doubled";
  EXPECT_EQ(client.Delete("/v1/corrections/" + id)->status, 200);
  EXPECT_EQ(client.Delete("/v1/corrections/" + id)->status, 404);
  EXPECT_EQ(client.Post("/v1/learn")->status, 409) << "there is nothing to learn";
}

TEST(Server, AGlyphComesBackAsItWasSent) {
  const RunningServer server;
  auto client = server.client();
  const auto add = [&](std::uint8_t level) {
    const std::vector<std::byte> glyph(glyph_pixels, std::byte{level});
    const Json json{{"glyph", to_base64(glyph)}, {"digit", 3}};
    return client.Post("/v1/corrections", json.dump(), "application/json");
  };
  EXPECT_EQ(add(127)->status, 422);
  const std::string id = Json::parse(add(255)->body)["id"];
  const auto all = client.Get("/v1/corrections?glyphs=true");
  ASSERT_EQ(all->status, 200) << all->body;
  const Json items = Json::parse(all->body)["items"];
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0]["id"], id);
  EXPECT_EQ(*from_base64(items[0]["glyph"].get<std::string>()),
            std::vector<std::byte>(glyph_pixels, std::byte{255}));
  EXPECT_EQ(load_collection(corrections_folder()).dataset.images,
            std::vector<std::uint8_t>(glyph_pixels, 255));
}

TEST(Server, ACollectionComesInPages) {
  const RunningServer server;
  auto client = server.client();
  std::set<std::string> added;
  for (int i = 0; i < 7; ++i) {
    std::vector<std::byte> glyph(glyph_pixels);
    glyph[static_cast<std::size_t>(300 + i)] = std::byte{255};
    const Json json{{"glyph", to_base64(glyph)}, {"digit", i % 3}};
    added.insert(
        Json::parse(client.Post("/v1/corrections", json.dump(), "application/json")->body)["id"]);
  }
  std::set<std::string> found;
  std::string after;
  for (const std::size_t size : {3U, 3U, 1U}) {
    const Json page =
        Json::parse(client.Get("/v1/corrections?glyphs=true&limit=3&after=" + after)->body);
    EXPECT_EQ(page["size"], 7);
    EXPECT_EQ(page["digits"], Json({3, 2, 2, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(page["items"].size(), size);
    for (const Json& item : page["items"]) found.insert(item["id"].get<std::string>());
    EXPECT_EQ(page.contains("next"), size == 3);
    after = page.value("next", "");
  }
  EXPECT_EQ(found, added);
  EXPECT_EQ(client.Get("/v1/corrections?limit=3")->status, 400);
  EXPECT_EQ(client.Get("/v1/corrections?glyphs&limit=2001")->status, 400);
}

TEST(Server, CountsFollowWhatOtherProgramsDoToTheCollection) {
  const RunningServer server;
  auto client = server.client();
  const auto size_after = [&](int pixel) {
    std::vector<std::byte> glyph(glyph_pixels);
    glyph[static_cast<std::size_t>(pixel)] = std::byte{255};
    const Json json{{"glyph", to_base64(glyph)}, {"digit", 1}};
    return Json::parse(client.Post("/v1/corrections", json.dump(), "application/json")
                           ->body)["collection"]["size"];
  };
  EXPECT_EQ(size_after(300), 1);
  EXPECT_EQ(size_after(301), 2);
  EXPECT_EQ(size_after(301), 2) << "the same glyph";
  Glyph glyph{};
  glyph[302] = 255;
  add_correction(corrections_folder(), glyph, 1);
  EXPECT_EQ(size_after(303), 4);
  std::filesystem::remove_all(corrections_folder() / "1");
  EXPECT_EQ(size_after(304), 1);
}

TEST(Server, OfTwoUndosAtOnceOneHasNothingToUndo) {
  const RunningServer server;
  for (int round = 0; round < 5; ++round) {
    save_personal_model(default_model());
    server.api().reload();
    std::array<int, 2> status{};
    std::vector<std::thread> threads;
    for (int& mine : status)
      threads.emplace_back([&] { mine = server.client().Post("/v1/model/undo")->status; });
    for (std::thread& thread : threads) thread.join();
    std::ranges::sort(status);
    EXPECT_EQ(status, (std::array<int, 2>{200, 409}));
    EXPECT_EQ(Json::parse(server.client().Get("/v1/model")->body)["source"], "builtin");
  }
  EXPECT_TRUE(has(error_of(server.client().Post("/v1/model/undo")), "nothing to undo"));
}

TEST(Server, AJobThatFailsDoesNotSayWhereItsFilesAre) {
  const ScratchFolder folder;
  ApiOptions api;
  api.data = folder / "nowhere";
  const RunningServer server({}, api);
  auto client = server.client();
  ASSERT_EQ(client.Post("/v1/training", R"({"model": "mlp"})", "application/json")->status, 202);
  Json job;
  do job = Json::parse(client.Get("/v1/job")->body);
  while (job["running"] == true);
  ASSERT_TRUE(job["error"].is_string()) << job;
  EXPECT_FALSE(has(job["error"], folder.path().string())) << job["error"];
  EXPECT_EQ(job["error_code"], "no_mnist");
}

/// A file that is listed but not there, as one that is removed meanwhile.
TEST(Server, AGlyphThatVanishesIsLeftOut) {
  const RunningServer server;
  auto client = server.client();
  const Json added =
      Json::parse(client.Post("/v1/corrections?digit=7", seven(), "image/png")->body);
  std::filesystem::create_symlink("nowhere", corrections_folder() / "7" / "0000000000000000.png");
  const auto all = client.Get("/v1/corrections?glyphs=true");
  ASSERT_EQ(all->status, 200) << all->body;
  const Json json = Json::parse(all->body);
  EXPECT_EQ(json["size"], 1);
  ASSERT_EQ(json["items"].size(), 1U);
  EXPECT_EQ(json["items"][0]["id"], added["id"]);
}

/// A file where the folder should be fails for root too.
TEST(Server, ADiskThatTakesNothingIsSaidWithoutItsPaths) {
  const RunningServer server;
  std::filesystem::create_directories(corrections_folder());
  std::ofstream(corrections_folder() / "7") << "no folder";
  const auto result = server.client().Post("/v1/corrections?digit=7", seven(), "image/png");
  EXPECT_EQ(result->status, 507) << result->body;
  EXPECT_TRUE(has(error_of(result), "irectory")) << result->body;
  EXPECT_FALSE(has(result->body, corrections_folder().string())) << result->body;
}

TEST(Server, WithAModelOfItsOwnItIsNotTaught) {
  const ScratchFolder folder;
  save_model(default_model(), folder / "m.safetensors");
  ApiOptions api;
  api.model = folder / "m.safetensors";
  const RunningServer server({}, api);
  auto client = server.client();
  EXPECT_EQ(Json::parse(client.Get("/v1/model")->body)["source"], "m.safetensors");
  EXPECT_EQ(client.Post("/v1/learn")->status, 409);
  EXPECT_EQ(client.Post("/v1/model/undo")->status, 409);
}

TEST(Server, ItsModelIsHadAsAFile) {
  const RunningServer server;
  const auto result = server.client().Get("/v1/model/file");
  ASSERT_EQ(result->status, 200);
  EXPECT_EQ(result->get_header_value("Content-Type"), "application/octet-stream");
  const Model model = load_model(std::as_bytes(std::span(result->body)), "answer");
  const Model expected = default_model();
  EXPECT_EQ(to_string(model.architecture), to_string(expected.architecture));
  ASSERT_EQ(model.weights.size(), expected.weights.size());
  for (std::size_t i = 0; i < model.weights.size(); ++i)
    EXPECT_EQ(model.weights[i].values, expected.weights[i].values) << expected.weights[i].name;
  EXPECT_EQ(server.client().Get("/v1/model/file?x=1")->status, 400);
}

TEST(Server, ATrainingIsWatchedAndStopped) {
  ApiOptions api;
  api.data = default_data_folder();
  try {
    load_dataset(api.data, Part::test);
  } catch (const Error&) {
    GTEST_SKIP() << "no MNIST here; get it with: scrawl data fetch";
  }
  const RunningServer server({}, api);
  auto client = server.client();
  EXPECT_EQ(client.Get("/v1/training/model")->status, 409);
  const std::string body = R"({"model": "mlp", "epochs": 500})";
  ASSERT_EQ(client.Post("/v1/training", body, "application/json")->status, 202);
  EXPECT_EQ(client.Post("/v1/training", body, "application/json")->status, 409);
  const auto wait_until = [&](const auto& what) {
    for (int i = 0; i < 600; ++i) {
      const Json job = Json::parse(client.Get("/v1/job")->body);
      if (what(job)) return job;
      std::this_thread::sleep_for(100ms);
    }
    return Json();
  };
  const Json job = wait_until([](const Json& now) { return now["history"].size() >= 2; });
  ASSERT_EQ(job["kind"], "training");
  EXPECT_EQ(job["running"], true);
  EXPECT_GT(job["history"][1]["validation_accuracy"], 0.9);
  EXPECT_EQ(job["confusion"].size(), 10U);
  EXPECT_EQ(job["mistakes"].size(), 24U);
  EXPECT_GT(job["losses"].size(), 100U);
  EXPECT_EQ(client.Post("/v1/read", seven(), "image/png")->status, 200) << "reading goes on";
  const auto best_so_far = [&client] {  // every five seconds there is a newer one
    for (int i = 0; i < 300; ++i) {
      const auto answer = client.Get("/v1/training/model");
      if (answer->status == 200) return answer->body;
      std::this_thread::sleep_for(100ms);
    }
    return std::string();
  };
  const std::string best = best_so_far();
  EXPECT_EQ(to_string(load_model(std::as_bytes(std::span(best)), "best").architecture),
            to_string(parse_architecture("mlp")));
  EXPECT_EQ(client.Delete("/v1/job")->status, 200);
  const Json ended = wait_until([](const Json& now) { return now["running"] == false; });
  EXPECT_TRUE(ended["error"].is_null()) << ended["error"];
  EXPECT_GT(ended["test_accuracy"], 0.9);
  // What it has trained reads, is downloaded, and kept until that is undone.
  const Json network = Json::parse(client.Get("/v1/training")->body)["network"];
  EXPECT_EQ(network["name"], "mlp");
  EXPECT_EQ(network["test_accuracy"], ended["test_accuracy"]);
  const auto read = client.Post("/v1/read?network=trained", seven(), "image/png");
  EXPECT_EQ(Json::parse(read->body)["text"], "7") << read->body;
  const auto file = client.Get("/v1/training/model");
  EXPECT_EQ(file->get_header_value("Content-Disposition"),
            "attachment; filename=\"scrawl-mlp.safetensors\"");
  const Model model = load_model(std::as_bytes(std::span(file->body)), "downloaded");
  EXPECT_EQ(to_string(model.architecture), network["architecture"]);
  const Json kept = Json::parse(client.Post("/v1/training/keep")->body);
  EXPECT_EQ(kept["source"], "personal");
  EXPECT_EQ(kept["architecture"], network["architecture"]);
  EXPECT_EQ(Json::parse(client.Post("/v1/model/undo")->body)["source"], "builtin");
}

TEST(Server, ALossIsTheMeanOfSomeBatches) {
  LossCurve curve;
  for (int batch = 1; batch <= 4000; ++batch) curve.add(batch / 4000.0, batch % 2);
  EXPECT_LT(curve.points().size(), 500U);
  EXPECT_GE(curve.points().size(), 250U);
  for (const auto& [done, loss] : curve.points()) EXPECT_EQ(loss, 0.5);
  EXPECT_EQ(curve.points().back().first, 1.0);
}

TEST(Server, SaysWhatItWillNotDo) {
  const ScratchFolder folder;
  ApiOptions api;
  api.data = folder.path();
  api.loopback = false;
  const RunningServer server({}, api);
  const Json model = Json::parse(server.client().Get("/v1/model")->body);
  EXPECT_EQ(model["may_teach"], false);
  EXPECT_EQ(model["has_mnist"], false);
  EXPECT_EQ(server.client().Post("/v1/training/keep")->status, 403);
  EXPECT_EQ(server.client().Post("/v1/read?network=trained", seven(), "image/png")->status, 403);
}

// ---- Nobody holds up the others

TEST(Server, AModelIsSwappedWithoutLosingARequest) {
  const ScratchFolder folder;
  Model model = default_model();
  save_model(model, folder / "m.safetensors");
  ApiOptions api;
  api.model = folder / "m.safetensors";
  RunningServer server({}, api);
  std::atomic<bool> done{false};
  std::atomic<int> answered{0};
  std::atomic<int> lost{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      auto client = server.client();
      while (!done) {
        const auto result = client.Post("/v1/read", seven(), "image/png");
        ++(result && result->status == 200 ? answered : lost);
      }
    });
  }
  for (int i = 0; i < 5; ++i) {
    model.metadata["swap"] = std::to_string(i);
    save_model(model, folder / "m.safetensors");
    server.api().reload();
    std::this_thread::sleep_for(20ms);
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lost, 0);
  EXPECT_GT(answered, 4);
  EXPECT_EQ(Json::parse(server.client().Get("/v1/model")->body)["metadata"]["swap"], "4");
  std::ofstream(folder / "m.safetensors") << "broken";
  EXPECT_THROW(server.api().reload(), Error);
  EXPECT_EQ(server.client().Post("/v1/read", seven(), "image/png")->status, 200);
}

TEST(Server, WhatHasBegunIsFinishedWhenItStops) {
  RunningServer server;
  const std::string picture = slurp(pictures + "/2026-squared-paper.jpg");
  const int connection = server.connect();
  RunningServer::send(connection, "POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                                      std::to_string(picture.size()) + "\r\n\r\n" +
                                      picture.substr(0, 1000));
  const int idle = server.connect();
  std::this_thread::sleep_for(100ms);
  std::thread stopping([&] { server.stop(); });
  std::this_thread::sleep_for(100ms);
  RunningServer::send(connection, picture.substr(1000));
  const std::string answer = RunningServer::receive(connection, 20s);
  stopping.join();
  EXPECT_TRUE(has(answer, "\"text\":\"2026 11")) << answer.substr(0, 200);
  close(connection);
  close(idle);
}

TEST(Server, ASlowSenderIsToldThatItIsLate) {
  ServerOptions options;
  options.timeout = 1s;
  const RunningServer server(options);
  const int connection = server.connect();
  RunningServer::send(connection,
                      "POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n");
  for (int i = 0; i < 4; ++i) {  // a byte now and then does not help
    std::this_thread::sleep_for(300ms);
    ::send(connection, "x", 1, MSG_NOSIGNAL);
  }
  EXPECT_TRUE(has(RunningServer::receive(connection, 20s), "HTTP/1.1 408"));
  close(connection);
  const int silent = server.connect();
  EXPECT_EQ(RunningServer::receive(silent, 20s), "") << "nothing was asked, nothing is answered";
  close(silent);
}

TEST(Server, ThousandsOfIdleConnectionsHoldNobodyUp) {
  ServerOptions options;
  options.max_connections = 100;
  const RunningServer server(options);
  std::vector<int> idle;
  for (int i = 0; i < 400;
       ++i) {  // more than a process may have open on some machines, were it thousands
    idle.push_back(server.connect());
    RunningServer::send(idle.back(), "POST /v1/read HTTP/1.1\r\nHo");
  }
  auto client = server.client();
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(client.Post("/v1/read", seven(), "image/png")->status, 200);
  for (const int connection : idle) close(connection);
}

// ---- The description

/// Where `json` is not as `schema` says; empty when it is.
std::string mismatch(const Json& json, Json schema, const Json& root) {
  while (schema.contains("$ref"))
    schema = root.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
  if (schema.contains("oneOf")) {
    std::string reasons;
    for (const Json& one : schema["oneOf"]) {
      const std::string reason = mismatch(json, one, root);
      if (reason.empty()) return "";
      reasons += reason + "; ";
    }
    return reasons;
  }
  if (json.is_null() && schema.value("nullable", false)) return "";
  const std::string type = schema.value("type", "");
  const bool right =
      type.empty() || (type == "object" && json.is_object()) ||
      (type == "array" && json.is_array()) || (type == "string" && json.is_string()) ||
      (type == "number" && json.is_number()) || (type == "integer" && json.is_number_integer()) ||
      (type == "boolean" && json.is_boolean());
  if (!right) return json.dump().substr(0, 50) + " is not of type " + type;
  for (const Json& name : schema.value("required", Json::array()))
    if (!json.contains(name)) return name.get<std::string>() + " is missing";
  if (json.is_object() && schema.contains("properties")) {
    for (const auto& [name, value] : json.items()) {
      if (!schema["properties"].contains(name)) return name + " is not described";
      if (const auto reason = mismatch(value, schema["properties"][name], root); !reason.empty())
        return name + ": " + reason;
    }
  }
  if (json.is_array()) {
    if (json.size() > schema.value("maxItems", json.size())) return "too many items";
    for (const Json& item : json)
      if (const auto reason = mismatch(item, schema["items"], root); !reason.empty()) return reason;
  }
  return "";
}

TEST(OpenApi, DescribesExactlyTheRoutesThatThereAre) {
  const Json description = Json::parse(openapi());
  std::set<std::string> described;
  for (const auto& [path, methods] : description["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string name = method;
      for (char& c : name) c = static_cast<char>(std::toupper(c));
      described.insert(name + " " + path);
    }
  }
  std::set<std::string> real;
  for (const Api::Route& route : Api::routes())
    real.insert(std::string(route.method) + " " + std::string(route.path));
  EXPECT_EQ(described, real);
}

TEST(Forms, AreReadFieldByField) {
  const RunningServer server;
  auto client = server.client();
  const std::string page = slurp(pictures + "/2026-squared-paper.jpg");
  const std::string form =
      R"({"fields": [{"name": "year", "box": [0.05, 0.05, 0.5, 0.35], "range": [1900, 2099]},
                     {"name": "month", "box": [0.58, 0.05, 0.3, 0.35], "range": [1, 10]}]})";
  const auto rows = Json::parse(
      client
          .Post("/v1/forms", httplib::MultipartFormDataItems{{"form", form, "", ""},
                                                             {"scan", page, "page.jpg", ""},
                                                             {"other", "x", "other.jpg", ""}})
          ->body);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["file"], "page.jpg");
  EXPECT_EQ(rows[0]["fields"][0]["text"], "2026");
  EXPECT_EQ(rows[0]["fields"][0]["state"], "sure");
  EXPECT_EQ(rows[0]["fields"][1]["text"], "11");
  EXPECT_EQ(rows[0]["fields"][1]["state"], "wrong");
  EXPECT_TRUE(rows[1].contains("error"));
  const std::string named =
      R"({"reference": "a.png", "fields": [{"name": "a", "box": [0, 0, 1, 1]}]})";
  const auto missing = client.Post(
      "/v1/forms",
      httplib::MultipartFormDataItems{{"form", named, "", ""}, {"scan", page, "a", ""}});
  EXPECT_EQ(missing->status, 400);
  EXPECT_NE(missing->body.find("'reference'"), std::string::npos) << missing->body;
}

/// Not to be had from a server in a test's time.
TEST(OpenApi, ALearningIsAsItSays) {
  const Json root = Json::parse(openapi());
  const Json& schema = root["components"]["schemas"]["Job"];
  JobState state;
  state.kind = JobState::Kind::learning;
  EXPECT_EQ(mismatch(to_json(state), schema, root), "");
  EXPECT_TRUE(to_json(state)["reason_code"].is_null());
  state.kept = false;
  state.reason_code = "forgets";
  EXPECT_EQ(mismatch(to_json(state), schema, root), "");
  EXPECT_EQ(to_json(state)["reason_code"], "forgets");
}

TEST(OpenApi, AnswersAreAsItSays) {
  const RunningServer server;
  auto client = server.client();
  const Json root = Json::parse(client.Get("/openapi.json")->body);
  const auto expect = [&](const std::string& method, const std::string& path,
                          const httplib::Result& result) {
    ASSERT_TRUE(result) << path;
    Json answers = root["paths"][path][method]["responses"];
    const std::string status = std::to_string(result->status);
    ASSERT_TRUE(answers.contains(status))
        << method << " " << path << " " << status << " " << result->body;
    Json answer = answers[status];
    if (answer.contains("$ref"))
      answer = root.at(Json::json_pointer(answer["$ref"].get<std::string>().substr(1)));
    EXPECT_EQ(
        mismatch(Json::parse(result->body), answer["content"]["application/json"]["schema"], root),
        "")
        << path;
  };
  const std::string page = slurp(pictures + "/2026-squared-paper.jpg");
  expect("post", "/v1/read",
         client.Post("/v1/read?glyphs=true&digits=4&layout=page&min_confidence=0.5", page,
                     "image/jpeg"));
  expect("post", "/v1/read",
         client.Post("/v1/read",
                     httplib::MultipartFormDataItems{{"a", page, "a", ""}, {"b", "x", "b", ""}}));
  for (const char* body : {"", "x"})
    expect("post", "/v1/read", client.Post("/v1/read", body, "image/png"));
  const std::string form =
      R"({"fields": [{"name": "year", "box": [0.05, 0.05, 0.5, 0.35], "range": [1900, 2099]}]})";
  expect("post", "/v1/forms",
         client.Post("/v1/forms?glyphs=true&pictures=true&min_confidence=0.5",
                     httplib::MultipartFormDataItems{{"form", form, "", ""},
                                                     {"reference", page, "a.jpg", ""},
                                                     {"scan", page, "a.jpg", ""},
                                                     {"no scan", "x", "x", ""}}));
  for (const char* wrong : {"", "[]", R"({"fields": []})"})
    expect("post", "/v1/forms",
           client.Post("/v1/forms", httplib::MultipartFormDataItems{{"form", wrong, "", ""},
                                                                    {"scan", page, "a.jpg", ""}}));
  expect("post", "/v1/forms", client.Post("/v1/forms", page, "image/jpeg"));
  expect("post", "/v1/classify", client.Post("/v1/classify", std::string(784, 'x'), ""));
  expect("post", "/v1/classify", client.Post("/v1/classify", "x", ""));
  expect("get", "/v1/model", client.Get("/v1/model"));
  expect("post", "/v1/model/undo", client.Post("/v1/model/undo"));
  expect("post", "/v1/learn", client.Post("/v1/learn"));
  expect("post", "/v1/corrections", client.Post("/v1/corrections?digit=1", seven(), "image/png"));
  expect("post", "/v1/corrections", client.Post("/v1/corrections", "x", "application/json"));
  const std::vector<std::byte> ink(glyph_pixels, std::byte{255});
  client.Post("/v1/corrections", Json{{"glyph", to_base64(ink)}, {"digit", 3}}.dump(),
              "application/json");
  const auto page_of_two = client.Get("/v1/corrections?glyphs=true&limit=1");
  EXPECT_TRUE(Json::parse(page_of_two->body).contains("next"));
  expect("get", "/v1/corrections", page_of_two);
  expect("get", "/v1/corrections", client.Get("/v1/corrections?glyphs=true&limit=0"));
  expect("delete", "/v1/corrections/{id}", client.Delete("/v1/corrections/0123456789abcdef"));
  expect("post", "/v1/training", client.Post("/v1/training", "{}", "application/json"));
  expect("post", "/v1/learn/keep", client.Post("/v1/learn/keep"));
  expect("get", "/v1/training", client.Get("/v1/training"));
  expect("get", "/v1/training/model", client.Get("/v1/training/model"));
  expect("post", "/v1/training/keep", client.Post("/v1/training/keep"));
  expect("post", "/v1/classify",
         client.Post("/v1/classify?network=trained", std::string(784, 'x'), ""));
  expect("post", "/v1/read", client.Post("/v1/read?network=trained", seven(), "image/png"));
  expect("get", "/v1/presets", client.Get("/v1/presets"));
  expect("get", "/v1/job", client.Get("/v1/job"));
  expect("delete", "/v1/job", client.Delete("/v1/job"));
  expect("get", "/healthz", client.Get("/healthz"));
  expect("get", "/readyz", client.Get("/readyz"));
}

}  // namespace
}  // namespace scrawl
