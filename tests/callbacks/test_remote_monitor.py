"""RemoteMonitor: what arrives at a server, and what happens without one."""

import http.server
import json
import threading
import urllib.parse

import numpy as np
import pytest

from kerasish.callbacks import RemoteMonitor


@pytest.fixture
def server():
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            seen.append((self.path, dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            """Nothing is printed."""

    running = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", seen
    running.shutdown()
    running.server_close()
    thread.join()


LOGS = {"loss": 0.5, "acc": np.float32(0.25), "each": np.array([1.0, 2.0])}
EXPECTED = {"epoch": 3, "loss": 0.5, "acc": 0.25, "each": [1.0, 2.0]}


def test_logs_arrive_as_a_form(server):
    root, seen = server
    RemoteMonitor(root, headers={"X-Run": "one"}).on_epoch_end(3, LOGS)
    path, headers, body = seen[0]
    assert path == "/publish/epoch/end/" and headers["X-Run"] == "one"
    assert json.loads(urllib.parse.parse_qs(body)["data"][0]) == EXPECTED


def test_logs_arrive_as_json(server):
    root, seen = server
    RemoteMonitor(root, "/other", send_as_json=True).on_epoch_end(3, LOGS)
    path, headers, body = seen[0]
    assert path == "/other" and headers["Content-Type"] == "application/json"
    assert json.loads(body) == EXPECTED


def test_a_server_away_is_a_warning(server):
    with pytest.warns(UserWarning, match="was not reached"):
        RemoteMonitor("http://127.0.0.1:9").on_epoch_end(0, {"loss": 1.0})
    with pytest.raises(ValueError, match="no http URL"):
        RemoteMonitor("file:///etc")
