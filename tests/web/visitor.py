"""Somebody who asks the web server, with plain HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Visitor:
    """Asks one server; each question on a connection of its own, as ``curl`` would."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, headers: Mapping[str, str] | None = None, **words: str) -> Reply:
        return self.send("GET", f"{path}?{urlencode(words)}" if words else path, None, headers)

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        return self.send("POST", path, body, {"content-type": "application/json", **(headers or {})})

    def send(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str] | None) -> Reply:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, target, body, headers or {})
            reply = connection.getresponse()
            return Reply(
                reply.status, {name.lower(): text for name, text in reply.getheaders()}, reply.read()
            )
        finally:
            connection.close()
