"""RemoteMonitor: sends the logs of every epoch to a server."""

import json
import urllib.error
import urllib.parse
import urllib.request
import warnings

import numpy

from kerasish import registry
from kerasish.callbacks.callback import Callback
from kerasish.errors import explain

_TIMEOUT_SECONDS = 10


@registry.register("callbacks")
class RemoteMonitor(Callback):
    """Posts {"epoch": ..., metrics} at the end of every epoch; a server away is a warning.

    Args:
        root: str. Start of the URL, http or https.
        path: str. Rest of the URL.
        field: str. Name of the form's field that holds the JSON text.
        headers: dict of further HTTP headers.
        send_as_json: bool. Send the JSON as it is instead of a form.

    Raises:
        ValueError: another kind of URL.

    Example:
        >>> RemoteMonitor("http://localhost:9000").path
        '/publish/epoch/end/'

    Source: Keras 3 names and defaults.
    """

    role = "record"
    reads_batch_logs = False

    def __init__(self, root="http://localhost:9000", path="/publish/epoch/end/", field="data",
                 headers=None, send_as_json=False):  # fmt: skip
        super().__init__()
        if urllib.parse.urlsplit(root).scheme not in ("http", "https"):
            raise ValueError(explain("RemoteMonitor", "root is no http URL", received=root))
        self.root, self.path, self.field = root, path, field
        self.headers, self.send_as_json = headers, send_as_json

    def on_epoch_end(self, epoch, logs=None):
        """Send the logs."""
        text = json.dumps({"epoch": epoch, **{k: _plain(v) for k, v in (logs or {}).items()}})
        if self.send_as_json:
            kind, body = "application/json", text
        else:
            kind = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode({self.field: text})
        headers = {"Content-Type": kind, **(self.headers or {})}
        request = urllib.request.Request(self.root + self.path, body.encode(), headers)
        try:
            urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS).close()
        except OSError as error:  # refused, not found, too slow
            warnings.warn(
                explain("RemoteMonitor", f"{self.root + self.path} was not reached: {error}"),
                stacklevel=2,
            )


def _plain(value):
    return value.tolist() if isinstance(value, (numpy.ndarray, numpy.generic)) else value
