// What is said to who has started the process and looks after it.
#pragma once

#include <string_view>

namespace scrawl::cli {

/// Sends systemd's word for a state, such as "READY=1", to the socket that $NOTIFY_SOCKET names
/// (sd_notify(3)). Does nothing where there is none, and says nothing where nobody listens.
void notify_supervisor(std::string_view state);

}  // namespace scrawl::cli
