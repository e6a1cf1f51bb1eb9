// Machines' network, for bench/links: a switch between TAP devices, whose links have a rate and a
// latency. Needs root.
//
// usage: emulated_network MACHINES GBIT MICROSECONDS
//
// Makes the devices scrawl0, scrawl1, ..., prints a line, and carries frames to the device whose
// number is the last byte of the receiver's address, until it is killed. A frame leaves its link
// when those before have left, and arrives the latency later. (The kernel's own netem does the same
// with less of a processor, but few small kernels have it.)
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

/// virtio_net_hdr of linux/virtio_net.h, which C++ does not take.
struct SegmentHeader {
  std::uint8_t flags, type;
  std::uint16_t header_bytes, segment_bytes, sum_start, sum_offset;
};

constexpr std::size_t header_bytes =
    sizeof(SegmentHeader);  // before each frame: how the kernel is to part it
constexpr std::size_t most_bytes = header_bytes + 18 + (1 << 16);

struct Frame {
  Clock::time_point due;
  std::vector<char> bytes;
};

struct Port {
  int tap = -1;
  Clock::time_point free = Clock::now();  // when the last frame will have left
  std::deque<Frame> leaving;              // in the order in which they do
};

/// Whole segments of TCP go through: the kernel parts none on its way, as network cards would.
int open_tap(const std::string& name) {
  const int tap = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  if (tap < 0 || ::ioctl(tap, TUNSETIFF, &request) != 0 ||
      ::ioctl(tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) != 0)
    throw std::runtime_error(fmt::format("cannot make {}: {}", name, std::strerror(errno)));
  return tap;
}

/// What a frame takes of a link, with what Ethernet puts around each of the packets that it would
/// be.
std::size_t bytes_on_wire(const std::vector<char>& frame) {
  constexpr std::size_t around = 24;   // preamble, sum, gap
  constexpr std::size_t headers = 66;  // Ethernet, IP, TCP with time stamps
  SegmentHeader header{};
  std::memcpy(&header, frame.data(), sizeof header);
  const std::size_t bytes = frame.size() - header_bytes;
  if (header.segment_bytes == 0 || bytes <= headers) return bytes + around;
  const std::size_t packets = (bytes - headers + header.segment_bytes - 1) / header.segment_bytes;
  return bytes + (packets - 1) * headers + packets * around;
}

/// The ranks spin while they wait, and a network that waited until they sleep would be none.
void take_precedence() {
  sched_param first{};
  first.sched_priority = 1;
  if (::sched_setscheduler(0, SCHED_FIFO, &first) != 0 || ::prctl(PR_SET_TIMERSLACK, 1) != 0)
    throw std::runtime_error(fmt::format("cannot take precedence: {}", std::strerror(errno)));
}

class Network {
 public:
  Network(std::size_t machines, double gbit, double microseconds)
      : nanoseconds_per_byte_(8 / gbit),
        latency_(static_cast<std::int64_t>(1000 * microseconds)),
        ports_(machines) {
    for (std::size_t i = 0; i < machines; ++i) ports_[i].tap = open_tap(fmt::format("scrawl{}", i));
  }

  [[noreturn]] void run() {
    for (;;) {
      bool moved = false;
      for (Port& port : ports_) moved = take(port) || moved;
      for (std::size_t i = 0; i < ports_.size(); ++i) moved = deliver(i) || moved;
      if (!moved) wait();
    }
  }

 private:
  bool take(Port& port) {
    constexpr int at_once = 16;
    for (int taken = 0; taken < at_once; ++taken) {
      std::vector<char> bytes = std::exchange(spare_, {});
      bytes.resize(most_bytes);
      const ssize_t got = ::read(port.tap, bytes.data(), bytes.size());
      if (got <= static_cast<ssize_t>(header_bytes + 14)) {
        spare_ = std::move(bytes);
        return taken > 0;
      }
      bytes.resize(static_cast<std::size_t>(got));
      const auto takes = static_cast<double>(bytes_on_wire(bytes)) * nanoseconds_per_byte_;
      port.free = std::max(port.free, Clock::now()) + nanoseconds(static_cast<std::int64_t>(takes));
      port.leaving.push_back({port.free + latency_, std::move(bytes)});
    }
    return true;
  }

  bool deliver(std::size_t from) {
    std::deque<Frame>& leaving = ports_[from].leaving;
    bool moved = false;
    for (; !leaving.empty() && leaving.front().due <= Clock::now(); leaving.pop_front()) {
      const std::vector<char>& bytes = leaving.front().bytes;
      const auto to = static_cast<unsigned char>(bytes[header_bytes + 5]);  // 255: to all
      for (std::size_t i = 0; i < ports_.size(); ++i) {
        if (i == from || (to != i && to != 255)) continue;
        // What does not fit is lost, as it is on a network.
        [[maybe_unused]] const ssize_t put = ::write(ports_[i].tap, bytes.data(), bytes.size());
      }
      spare_ = std::move(leaving.front().bytes);
      moved = true;
    }
    return moved;
  }

  void wait() const {
    nanoseconds left = std::chrono::seconds(1);
    std::vector<pollfd> taps;
    for (const Port& port : ports_) {
      taps.push_back({port.tap, POLLIN, 0});
      if (!port.leaving.empty()) left = std::min(left, port.leaving.front().due - Clock::now());
    }
    if (left.count() <= 0) return;
    const timespec time{left.count() / 1000000000, left.count() % 1000000000};
    ::ppoll(taps.data(), taps.size(), &time, nullptr);
  }

  double nanoseconds_per_byte_;
  nanoseconds latency_;
  std::vector<Port> ports_;
  std::vector<char> spare_;  // memory for the next frame
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: emulated_network MACHINES GBIT MICROSECONDS\n", stderr);
    return 2;
  }
  try {
    Network network(std::strtoul(argv[1], nullptr, 10), std::atof(argv[2]), std::atof(argv[3]));
    take_precedence();
    std::puts("ready");
    std::fflush(stdout);
    network.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "emulated_network: %s\n", error.what());
    return 1;
  }
}
