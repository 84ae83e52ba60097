"""Own page: what changes something must come from our own page or from a program.

On loopback there is no token, and a page elsewhere can make its visitor's browser send requests here. A
browser says whose page asks, in ``Origin`` and ``Sec-Fetch-Site``, which no page can forge; and a page
elsewhere cannot send JSON without being allowed to first, which we never do. Programs say nothing of it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.requests import Request

JSON = "application/json"


def require_own_page(request: Request) -> None:
    """Refuse a request that changes something and was sent by a page elsewhere. Raises HTTPException."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_ours or site not in ("same-origin", "none"):
        raise HTTPException(HTTPStatus.FORBIDDEN, "A page of another site may not change anything here.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "DELETE" and media_type != JSON:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the body as `Content-Type: {JSON}`.")
