"""The page: the built dashboard, its assets cached for ever because their names hold a hash."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from tidegauge.web.opening import SINCE, UNTIL, WEEK

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from tidegauge.web.foresight import Foresight

STATIC = Path(__file__).parent / "static"
YEAR_SECONDS = 31_536_000

# One document draws them all, by the path it was asked for; any other path is an honest 404.
# A person's name may hold a slash.
PLACES = (
    "/",
    "/users",
    "/users/{name:path}",
    "/hosts/{address}",
    "/flows",
    "/links",
    "/links/{exporter}/{interface:int}",
    "/clocks",
    "/reports",
)


OVERVIEW = "/"
NAMING = (OVERVIEW, "/users")
OF_ONE = ("/users/", "/hosts/")
"""Pages that tell people and sites, and those about one person or host."""


class _HashedAssets(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        reply = await super().get_response(path, scope)
        if reply.status_code == HTTPStatus.OK:
            reply.headers["cache-control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        return reply


def page_routes(static: Path = STATIC) -> list[BaseRoute]:
    """The routes of the pages; without a built dashboard they say how to build it."""

    async def index(request: Request) -> Response:
        if not (static / "index.html").exists():
            raise HTTPException(HTTPStatus.NOT_FOUND, "The dashboard is not built; `make setup` builds it.")
        foresight: Foresight = request.app.state.foresight
        foresight.await_questions()
        path, words = request.url.path, request.query_params
        asked = words.get("since", SINCE), words.get("until", UNTIL)
        if path in NAMING:
            foresight.expect(*asked, shows_findings=path == OVERVIEW and not words.get("filter"))
        elif path.startswith(OF_ONE):
            _, _, name = path.removeprefix("/").partition("/")
            foresight.expect(WEEK, UNTIL, name=name)
            foresight.expect(*asked, name=name)
        return FileResponse(static / "index.html", headers={"cache-control": "no-cache"})

    async def icon(_request: Request) -> Response:
        return FileResponse(static / "icon.svg", headers={"cache-control": "public, max-age=3600"})

    return [
        *(Route(place, index) for place in PLACES),
        Route("/icon.svg", icon),
        Mount("/assets", _HashedAssets(directory=static / "assets", check_dir=False)),
    ]
