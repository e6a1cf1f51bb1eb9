// A request and its answer as the routes see them: no sockets here.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "picture/stop.hpp"

namespace scrawl {

struct Request {
  std::string method;                        ///< GET, POST, ...
  std::string path;                          ///< as it came, without the query
  std::map<std::string, std::string> query;  ///< decoded
  std::string id;                            ///< what stands for {id} in the route's path
  std::string host;                          ///< of the headers, as the following
  std::string origin;
  std::string authorization;
  std::string content_type;
  std::string content_encoding;
  std::string body;
  StopRequested stop;  ///< requested when nobody waits for the answer any more
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// What a request got wrong: its answer has this status and {"error": what()}.
class HttpError : public Error {
 public:
  HttpError(unsigned status, const std::string& message) : Error(message), status_(status) {}
  unsigned status() const { return status_; }

 private:
  unsigned status_;
};

/// Whether two texts differ in nothing but the case of their ASCII letters.
bool same_word(std::string_view a, std::string_view b);

/// What Retry-After says to who is told that there is no room now: seconds.
inline constexpr auto come_again = "2";

/// `text` without the folders of the paths in it that begin with a slash: what goes wrong on this
/// machine is told to others without saying where on it that is. Of a text that names two files
/// without a mark between them, the names of folders may take the words between with them.
std::string without_folders(std::string_view text);

Response json_response(const nlohmann::json& json, unsigned status = 200);

/// {"error": message}, whatever bytes the message has.
Response error_response(unsigned status, std::string_view message);

/// Takes "/v1/read?digits=4&layout=line" apart into path and query; "http://localhost/v1/read" says
/// the host too. Throws HttpError 400 when it begins with neither a slash nor a host, or has broken
/// escapes (%4) or a name twice.
void parse_target(std::string_view target, Request& request);

}  // namespace scrawl
