#!/usr/bin/env python3
"""Two servers behind nginx, restarted one after the other under load: no request fails.

usage: tests/fleet_test.py SCRAWL [--seconds 5] [--connections 16]

needs nginx and wrk; exit code 77: they are not here. nginx is as docs/SCALING.md has it. Every answer has to be the right
one; how many requests nginx gave to the other server, since one was gone, is printed.
"""
import argparse
import atexit
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRAIN = 1  # seconds
CONFIGURATION = """
daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  log_format attempts '$upstream_addr';
  access_log {folder}/access.log attempts;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{shown}
}}
"""
LOAD = """
local file = io.open("%s", "rb")
wrk.method, wrk.body = "POST", file:read("*a")
wrong = 0  -- global: done() asks each thread for it
local threads = {}
function setup(thread) table.insert(threads, thread) end
function response(status, headers, body)
  if status ~= 200 or not string.find(body, '"text":"7"', 1, true) then wrong = wrong + 1 end
end
function done(summary)
  local total, errors = 0, summary.errors
  for _, thread in ipairs(threads) do total = total + thread:get("wrong") end
  print(string.format("RESULT %%d %%d %%d %%d %%d %%d", summary.requests, total, errors.connect, errors.read, errors.write, errors.timeout))
end
"""


def shown_configuration(port, servers):
    """What docs/SCALING.md shows, with ports that are free; but nothing that was cut off is asked again: none may be."""
    text = (ROOT / "docs/SCALING.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(# nginx: .*?)```", text, re.S)[1]
    shown = shown.replace("listen 80;", f"listen 127.0.0.1:{port};")
    shown = shown.replace("error timeout non_idempotent;", "error timeout;")
    for name, address in zip(("127.0.0.1:8042", "127.0.0.1:8043"), servers):
        assert name in shown, name
        shown = shown.replace(name, address)
    return shown


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def status_of(address, path):
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


class Server:
    def __init__(self, program, port, folder):
        self.program, self.port, self.folder = program, port, folder
        self.address = f"127.0.0.1:{port}"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)  # where systemd would listen
        self.notify.bind(f"{folder}/notify-{port}")
        self.notify.settimeout(30)
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, "serve", "--port", str(self.port), "--threads", "1", "--drain", str(DRAIN), "--quiet"],
                                        stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "XDG_DATA_HOME": self.folder, "XDG_CACHE_HOME": self.folder,
                                             "NOTIFY_SOCKET": self.notify.getsockname()})
        atexit.register(self.process.kill)  # however the test ends
        self.expect(b"READY=1")
        if status_of(self.address, "/readyz") != 200:
            sys.exit("FAILED: it said that it is ready, and is not")

    def expect(self, word):
        try:
            found = self.notify.recv(100)
        except TimeoutError:
            found = b"nothing in 30 s"
        if found != word:
            sys.exit(f"FAILED: the server told its supervisor {found}, expected {word}")

    def restart(self):
        """As a supervisor does. Says how long it took to end."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.expect(b"STOPPING=1")
        time.sleep(DRAIN / 2)
        found = status_of(self.address, "/readyz"), status_of(self.address, "/healthz")
        if found != (503, 200):
            sys.exit(f"FAILED: while it drains, /readyz and /healthz say {found}, expected 503 and 200")
        if self.process.wait(timeout=30) != 0:
            sys.exit(f"FAILED: the server ended with {self.process.returncode}")
        took = time.monotonic() - begin
        if took < DRAIN:
            sys.exit(f"FAILED: it ended after {took:.1f} s, expected {DRAIN} at least")
        self.start()
        return took


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    nginx, wrk = shutil.which("nginx", path="/usr/sbin:/usr/bin"), shutil.which("wrk")
    if not nginx or not wrk:
        print("skipped: nginx and wrk are not both installed")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        servers = [Server(options.program, free_port(), name) for _ in range(2)]
        port = free_port()
        shown = shown_configuration(port, [server.address for server in servers])
        (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=name, shown=shown))
        (folder / "load.lua").write_text(LOAD % (ROOT / "examples/pictures/7-mnist.png"))
        proxy = subprocess.Popen([nginx, "-p", name, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
        try:
            for _ in range(100):
                if status_of(f"127.0.0.1:{port}", "/readyz") == 200:
                    break
                time.sleep(0.1)
            else:
                sys.exit("FAILED: nginx does not start")
            load = subprocess.Popen([wrk, "-t", "1", "-c", str(options.connections), "-d", "3600s", "--timeout", "30s",
                                     "-s", folder / "load.lua", f"http://127.0.0.1:{port}/v1/read"], stdout=subprocess.PIPE, text=True)
            restarts, end = [], time.monotonic() + options.seconds
            while len(restarts) < 2 or time.monotonic() < end:
                time.sleep(1)  # with both of them
                restarts.append(servers[len(restarts) % 2].restart())
            load.send_signal(signal.SIGINT)  # it says what it has counted
            output = load.communicate(timeout=60)[0]
        finally:
            proxy.terminate()
            proxy.wait(timeout=30)
            for server in servers:
                server.process.kill()
        counts = [int(count) for count in re.search(r"RESULT (.*)", output)[1].split()]
        attempts = (folder / "access.log").read_text().splitlines()
        twice = sum("," in line for line in attempts)
        print(json.dumps({"requests": counts[0], "wrong": counts[1], "connect": counts[2], "read": counts[3], "write": counts[4],
                          "timeout": counts[5], "restarts": len(restarts), "longest_restart_s": round(max(restarts), 2),
                          "asked_the_other_server": twice}))
        if counts[0] < 20 or any(counts[1:]) or len(restarts) < 2:
            print(output, (folder / "error.log").read_text()[-2000:], sep="\n")
            print("FAILED: a request failed, or there were too few of them or of restarts")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
