// One connection: requests in, answers out, one after another.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "server/api.hpp"
#include "server/server.hpp"

namespace scrawl {

class Session;

/// What connections share. All of it belongs to the thread of input and output.
struct SessionContext {
  Api& api;
  const ServerOptions& options;
  boost::asio::thread_pool& small;  ///< works on small requests
  boost::asio::thread_pool& large;
  std::size_t memory = 0;  ///< bytes of bodies that have come
  std::size_t connections = 0;
  std::list<Session*> waiting;  ///< for a request to come whole; the longest first
  bool stopping = false;
};

/// Lives as long as something of it is under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, SessionContext& context);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() { read_head(); }
  /// Ends it, whatever is under way, to make room for another.
  void close();
  /// Lets a request that has begun to come go on, if it comes whole soon; without one, ends it and
  /// says false.
  bool stop();

 private:
  using ErrorCode = boost::system::error_code;

  void read_head();
  void on_head(ErrorCode error);
  void read_body();
  void on_body(ErrorCode error, std::size_t before);
  void on_failure(ErrorCode error);
  bool keep(std::size_t bytes);
  void free_body();
  void work();
  void refuse(unsigned status, const std::string& message);
  void send(Response answer, bool keep_alive);
  void on_sent(bool keep_alive);
  void drain();
  void wait();
  void stop_waiting();
  void limit_time(std::chrono::seconds most);

  boost::asio::ip::tcp::socket socket_;
  SessionContext& context_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::buffer_body>> parser_;
  Request request_;
  std::array<char, 16384> chunk_;  // of the body, as it comes
  std::string body_;
  std::size_t held_ = 0;  // of the context's memory: the body, until it is answered
  std::optional<boost::beast::http::response<boost::beast::http::string_body>> answer_;
  std::optional<std::list<Session*>::iterator> waiting_;
  bool late_ = false;    // the time is over
  bool begun_ = false;   // a request has begun to come
  bool ending_ = false;  // no request is taken any more
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace scrawl
