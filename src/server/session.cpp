#include "server/session.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <utility>

namespace scrawl {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;

namespace {

constexpr std::uint32_t longest_head = 16384;  // bytes
constexpr std::size_t large_body = 64 * 1024;  // bytes: above, it is no small picture
constexpr std::chrono::seconds draining_time{2};
constexpr std::chrono::seconds stopping_time{5};  // for the rest of a request to come

std::string text(boost::beast::string_view view) {
  return {view.data(), view.size()};
}

/// Of headers that decide who may ask and where a body ends, a second one could be meant for
/// somebody else.
void check_head(const http::request_header<>& head) {
  const auto times = [&](http::field field) { return head.count(field); };
  if (times(http::field::host) > 1 || times(http::field::origin) > 1)
    throw HttpError(400, "Host or Origin: found two, expected one");
  if (times(http::field::host) == 0 && head.version() >= 11)
    throw HttpError(400, "Host: found none, expected one");
  if (times(http::field::transfer_encoding) == 0) return;
  if (head.version() < 11) throw HttpError(400, "Transfer-Encoding: HTTP/1.0 has none");
  if (times(http::field::transfer_encoding) > 1 ||
      !same_word(text(head[http::field::transfer_encoding]), "chunked"))
    throw HttpError(501, "Transfer-Encoding: expected chunked, or none");
}

/// All but the body. Throws HttpError.
Request read_request(const http::request_header<>& head) {
  check_head(head);
  Request request;
  request.method = text(head.method_string());
  request.host = text(head[http::field::host]);
  request.origin = text(head[http::field::origin]);
  request.authorization = text(head[http::field::authorization]);
  request.content_type = text(head[http::field::content_type]);
  request.content_encoding = text(head[http::field::content_encoding]);
  parse_target(std::string_view(head.target().data(), head.target().size()), request);
  return request;
}

}  // namespace

Session::Session(tcp::socket socket, SessionContext& context)
    : socket_(std::move(socket)),
      context_(context),
      timer_(socket_.get_executor()),
      buffer_(longest_head + sizeof(chunk_)) {
  ++context_.connections;
  context_.api.metrics().set_connections(context_.connections);
}

Session::~Session() {
  close();
}

void Session::close() {
  if (closed_) return;
  closed_ = true;
  ending_ = true;
  stop_waiting();
  free_body();
  ErrorCode ignored;
  socket_.close(ignored);
  timer_.cancel();
  --context_.connections;
  context_.api.metrics().set_connections(context_.connections);
}

bool Session::stop() {
  if (draining_) return false;
  ErrorCode ignored;
  if (!begun_ && buffer_.size() == 0 && socket_.available(ignored) == 0) {
    close();
    return false;
  }
  if (!answer_) limit_time(stopping_time);
  return true;
}

void Session::wait() {
  if (!waiting_) waiting_ = context_.waiting.insert(context_.waiting.end(), this);
}

void Session::stop_waiting() {
  if (waiting_) context_.waiting.erase(*waiting_);
  waiting_.reset();
}

/// From now on.
void Session::limit_time(std::chrono::seconds most) {
  timer_.expires_after(std::min(most, context_.options.timeout));
  timer_.async_wait([weak = weak_from_this()](ErrorCode error) {
    const auto self = weak.lock();
    if (error || !self || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
    self->late_ = true;
    ErrorCode ignored;
    self->socket_.cancel(ignored);
  });
}

void Session::read_head() {
  begun_ = buffer_.size() > 0;
  parser_.emplace();
  parser_->header_limit(longest_head);
  parser_->body_limit(context_.options.max_body);
  wait();
  limit_time(context_.options.timeout);
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_head(error); });
}

void Session::on_head(ErrorCode error) {
  if (error) return on_failure(error);
  begun_ = true;
  const auto& head = parser_->get();
  try {
    request_ = read_request(head);
  } catch (const HttpError& refusal) {
    return refuse(refusal.status(), refusal.what());
  }
  if (auto refusal = context_.api.refusal(request_))
    return send(std::move(*refusal), parser_->is_done() && parser_->keep_alive());
  if (!same_word(text(head[http::field::expect]), "100-continue") || head.version() < 11 ||
      buffer_.size() > 0)
    return read_body();
  // The sender waits to be told that the body is welcome.
  const auto go_on =
      std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
  http::async_write(socket_, *go_on,
                    [self = shared_from_this(), go_on](ErrorCode failed, std::size_t) {
                      if (!failed) self->read_body();
                    });
}

void Session::read_body() {
  if (parser_->is_done()) return work();
  parser_->get().body() = {chunk_.data(), chunk_.size(), true};
  http::async_read_some(
      socket_, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, std::size_t) {
        const std::size_t came = self->chunk_.size() - self->parser_->get().body().size;
        if (error == http::error::need_buffer) error = {};
        self->on_body(error, came);
      });
}

void Session::on_body(ErrorCode error, std::size_t came) {
  if (error) return on_failure(error);
  if (!keep(came)) return refuse(503, "too many large requests at once; try again later");
  read_body();
}

/// Adds what has come to the body, if there is room.
bool Session::keep(std::size_t bytes) {
  if (context_.memory + bytes > context_.options.max_memory) return false;
  context_.memory += bytes;
  held_ += bytes;
  body_.append(chunk_.data(), bytes);
  return true;
}

void Session::free_body() {
  context_.memory -= std::exchange(held_, 0);
  body_ = {};
}

/// Says what was wrong, where there is still somebody to be told.
void Session::on_failure(ErrorCode error) {
  if (ending_ || error == http::error::end_of_stream) return;
  if (late_) {
    if (begun_ || buffer_.size() > 0) refuse(408, "the request did not come whole in time");
    return;
  }
  if (error == http::error::body_limit)
    return refuse(413, fmt::format("the body is larger than {} bytes, the most that is taken",
                                   context_.options.max_body));
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refuse(
        431, fmt::format("the head is larger than {} bytes, the most that is taken", longest_head));
  if (error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::partial_message)
    refuse(400, fmt::format("not an HTTP request: {}", error.message()));
}

/// Hands the request to a thread that has the time.
void Session::work() {
  timer_.cancel();
  stop_waiting();
  net::thread_pool& pool = body_.size() > large_body ? context_.large : context_.small;
  request_.body = std::move(body_);
  if (Api::is_quick(request_))
    return send(context_.api.handle(std::move(request_)), parser_->keep_alive());
  auto guard = net::make_work_guard(socket_.get_executor());
  net::post(pool, [self = shared_from_this(), guard = std::move(guard),
                   request = std::move(request_)]() mutable {
    Response answer = self->context_.api.handle(std::move(request));
    net::post(guard.get_executor(), [self = std::move(self), answer = std::move(answer)]() mutable {
      self->send(std::move(answer), self->parser_->keep_alive());
    });
  });
}

/// Answers a request that has not come whole, and takes no other.
void Session::refuse(unsigned status, const std::string& message) {
  ending_ = true;
  context_.api.metrics().count_request("other", status, 0);
  send(error_response(status, message), false);
}

void Session::send(Response answer, bool keep_alive) {
  free_body();
  keep_alive = keep_alive && !ending_ && !context_.stopping;
  answer_.emplace(static_cast<http::status>(answer.status), 11);
  answer_->set(http::field::server, "scrawl");
  if (!answer.content_type.empty()) answer_->set(http::field::content_type, answer.content_type);
  for (const auto& [name, value] : answer.headers) answer_->set(name, value);
  answer_->keep_alive(keep_alive);
  answer_->body() = std::move(answer.body);
  answer_->prepare_payload();
  if (parser_->get().method() == http::verb::head) answer_->body().clear();
  wait();
  limit_time(context_.options.timeout);
  http::async_write(socket_, *answer_,
                    [self = shared_from_this(), keep_alive](ErrorCode error, std::size_t) {
                      self->stop_waiting();
                      if (!error) self->on_sent(keep_alive);
                    });
}

void Session::on_sent(bool keep_alive) {
  answer_.reset();
  if (keep_alive && !context_.stopping) return read_head();
  draining_ = true;
  wait();  // whoever needs the place may have it
  ErrorCode ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  timer_.expires_after(draining_time);
  timer_.async_wait([weak = weak_from_this()](ErrorCode error) {
    if (const auto self = weak.lock(); self && !error) self->close();
  });
  drain();
}

/// Closing while the other side still sends would take the answer away from it.
void Session::drain() {
  socket_.async_read_some(net::buffer(chunk_),
                          [self = shared_from_this()](ErrorCode error, std::size_t) {
                            if (!error)
                              self->drain();
                            else
                              self->timer_.cancel();
                          });
}

}  // namespace scrawl
