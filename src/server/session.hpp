// One connection: requests in, answers out, one after another.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "server/api.hpp"
#include "server/memory_budget.hpp"
#include "server/server.hpp"
#include "server/work_queue.hpp"

namespace scrawl {

class Session;

/// What connections share. All of it belongs to the thread of input and output, but for what is
/// safe to use from any.
struct SessionContext {
  Api& api;
  const ServerOptions& options;
  MemoryBudget& memory;
  WorkQueue& small;  ///< requests that take little work
  WorkQueue& large;
  std::function<void()> on_work = {};  ///< a worker has got something to do
  std::size_t bodies = 0;              ///< bytes of those that have come
  std::size_t connections = 0;
  std::size_t reserved = 0;          ///< of them
  std::list<Session*> waiting = {};  ///< for a request to come or an answer to go; longest first
  std::list<Session*> worked_for = {};
  bool draining = false;  ///< it will stop; an answer ends its connection, which is not used again
  bool stopping = false;

  bool has_room() const { return connections - reserved < options.max_connections; }
};

/// Lives as long as something of it is under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  enum class Kind {
    usual,
    reserved,  ///< beyond --max-connections, for the quick requests, which are always answered
  };

  Session(boost::asio::ip::tcp::socket socket, SessionContext& context, Kind kind);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() { read_head(); }
  /// Ends it, whatever is under way, to make room for another.
  void close();
  /// Lets a request that has begun to come go on, if it comes whole soon; without one, ends it and
  /// says false.
  bool stop();
  /// Ends it and the work for it: nobody waits for the answer any more.
  void abandon();

  int native_handle() { return socket_.native_handle(); }

 private:
  using ErrorCode = boost::system::error_code;
  using Answer = boost::beast::http::response<boost::beast::http::string_body>;
  using Serializer = boost::beast::http::response_serializer<boost::beast::http::string_body>;

  /// A request that has come whole, on its way to its answer. Workers have it too.
  struct Work {
    Request request;
    MemoryBudget::Share body;
    std::stop_source stop;
    std::optional<Needs> needs;  // when that is known
  };

  /// What limit_time() lets pass.
  enum class Patience {
    whole,   ///< what is awaited has to come whole in time
    moving,  ///< it goes on as long as enough comes or goes in that time
  };

  void read_head();
  void on_head(ErrorCode error);
  bool find_place();
  void read_body();
  void on_body(ErrorCode error, std::size_t came);
  void on_failure(ErrorCode error);
  bool keep(std::size_t bytes);
  void free_body();
  void work();
  void enqueue(WorkQueue& queue);
  static void run(std::shared_ptr<Session> self, std::shared_ptr<Work> work, bool is_large);
  static Response answer_of(Work& work, bool is_large, SessionContext& context);
  void end_work();
  void refuse(unsigned status, const std::string& message);
  void send(Response answer, bool keep_alive);
  void write();
  void on_sent();
  void drain();
  void wait();
  void stop_waiting();
  void limit_time(std::chrono::seconds most, Patience patience, std::uint64_t moved_before = 0);
  void on_time(std::chrono::seconds most, Patience patience);
  std::uint64_t moved();

  boost::asio::ip::tcp::socket socket_;
  SessionContext& context_;
  Kind kind_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::buffer_body>> parser_;
  Request request_;
  std::array<char, 16384> chunk_;  // of the body, as it comes
  std::string body_;
  MemoryBudget::Share held_;  // for the body
  std::shared_ptr<Work> work_;
  WorkQueue* queue_ = nullptr;  // that has it
  WorkQueue::Ticket ticket_ = 0;
  std::optional<Answer> answer_;
  std::optional<Serializer> serializer_;
  std::optional<std::list<Session*>::iterator> waiting_;
  std::optional<std::list<Session*>::iterator> worked_for_;
  std::uint64_t received_ = 0;  // bytes of the body
  std::uint64_t written_ = 0;   // bytes of the answer that the system has taken
  std::uint64_t last_moved_ = 0;
  bool late_ = false;    // the time is over
  bool begun_ = false;   // a request has begun to come
  bool ending_ = false;  // no request is taken any more
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace scrawl
