// A server for a test to talk to.
#pragma once

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <httplib.h>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "scratch.hpp"
#include "server/server.hpp"

namespace scrawl {

using namespace std::chrono_literals;

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A server on a free port, with a collection of its own.
class RunningServer {
 public:
  explicit RunningServer(ServerOptions options = {}, ApiOptions api = {}) {
    setenv("SCRAWL_CORRECTIONS", (folder_ / "corrections").c_str(), 1);
    setenv("XDG_DATA_HOME", folder_.path().c_str(), 1);
    options.port = 0;
    if (options.threads == 0) options.threads = 2;
    api.threads = options.threads;
    api_ = std::make_unique<Api>(api);
    server_ = std::make_unique<Server>(*api_, options);
    const std::string url = server_->url();
    port_ = std::stoi(url.substr(url.rfind(':') + 1));
    thread_ = std::thread([this] { server_->run(); });
  }
  ~RunningServer() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }

  int port() const { return port_; }
  httplib::Client client() const {
    httplib::Client client("127.0.0.1", port_);
    client.set_keep_alive(true);
    client.set_read_timeout(60);
    return client;
  }
  Api& api() const { return *api_; }

  /// What `text` is answered with, the connection kept open `patience` for the rest of it.
  std::string raw(const std::string& text, std::chrono::milliseconds patience = 20s) const {
    const int connection = connect();
    send(connection, text);
    const std::string answer = receive(connection, patience);
    close(connection);
    return answer;
  }
  int connect() const {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    EXPECT_EQ(::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return connection;
  }
  static void send(int connection, const std::string& text) {
    EXPECT_EQ(::send(connection, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// Until the other side ends it.
  static std::string receive(int connection, std::chrono::milliseconds patience) {
    timeval limit{patience.count() / 1000, patience.count() % 1000 * 1000};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::string text;
    std::array<char, 4096> piece;
    for (ssize_t count; (count = recv(connection, piece.data(), piece.size(), 0)) > 0;)
      text.append(piece.data(), count);
    return text;
  }

 private:
  ScratchFolder folder_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace scrawl
