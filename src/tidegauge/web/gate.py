"""The gate: who may ask, checked before anything else runs.

On loopback everybody on this machine may. A web page elsewhere could still reach us through the
visitor's own browser by pointing its name at 127.0.0.1 (DNS rebinding), so the Host header must name
loopback. Behind any other address a token decides, once by URL, then by cookie, or as a Bearer token.
It could also post to us without asking for our name; a browser says whose page a post comes from, and only
our own may (cross-site request forgery).
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse

from tidegauge.web.problem import problem, problem_reply

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "tidegauge_session"
_READING = frozenset({"GET", "HEAD"})
_OWN_SITES = frozenset({"same-origin", "none"})
OPEN_PATHS = frozenset({"/health"})

# ECharts and Preact set styles through the DOM, which a strict style-src allows; neither needs eval.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


def is_loopback(host: str) -> bool:
    """Whether a host, as a listen address or a Host header names it, is this machine alone.

    >>> is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Gate:
    """ASGI middleware that turns strangers away and puts the security headers on every reply."""

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self._app = app
        self._token = token
        # The cookie proves that its owner knew the token, yet is worth nothing elsewhere or after a restart.
        self._session = hmac.new(secrets.token_bytes(32), (token or "").encode(), sha256).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at the gate, or let the request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        reply = self._turned_away(Request(scope))
        await (reply or self._app)(scope, receive, send_with_headers)

    def _turned_away(self, request: Request) -> Response | None:
        if request.url.path in OPEN_PATHS:
            return None
        known = self._by_host(request) if self._token is None else self._by_token(request)
        return known or _by_origin(request)

    def _by_host(self, request: Request) -> Response | None:
        host = request.url.hostname or ""
        if is_loopback(host):
            return None
        detail = f"This server answers to localhost only; the request named {host!r}."
        return problem_reply(problem(HTTPStatus.MISDIRECTED_REQUEST, detail, "host"))

    def _by_token(self, request: Request) -> Response | None:
        if _same(request.cookies.get(COOKIE, ""), self._session) or self._knows_token(_bearer(request)):
            return None
        if not self._knows_token(request.query_params.get("token", "")):
            detail = (
                "A token is needed: send `Authorization: Bearer TOKEN`, or open the page with ?token=TOKEN."
            )
            reply = problem_reply(problem(HTTPStatus.UNAUTHORIZED, detail, "token"))
            reply.headers["www-authenticate"] = "Bearer"
            return reply
        # Out of the address bar with it: URLs end up in histories, bookmarks and screenshots.
        target = request.url.remove_query_params("token")
        redirect = RedirectResponse(f"{target.path}?{target.query}".rstrip("?"), HTTPStatus.SEE_OTHER)
        redirect.set_cookie(COOKIE, self._session, httponly=True, samesite="strict")
        return redirect

    def _knows_token(self, offered: str) -> bool:
        return bool(self._token) and _same(offered, self._token or "")


def _by_origin(request: Request) -> Response | None:
    """Turn away what a page of somebody else's sends; programs that are no browser name no origin."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    is_own = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    if request.method in _READING or (is_own and site in _OWN_SITES):
        return None
    sender = origin or f"a {site} page"
    detail = f"Only this server's own pages may send anything here; the request came from {sender}."
    return problem_reply(problem(HTTPStatus.FORBIDDEN, detail, "origin"))


def _bearer(request: Request) -> str:
    scheme, _, offered = request.headers.get("authorization", "").partition(" ")
    return offered.strip() if scheme.lower() == "bearer" else ""


def _same(offered: str, expected: str) -> bool:
    return hmac.compare_digest(offered.encode(), expected.encode())
