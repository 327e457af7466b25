"""The page at `/docs`, from our own files: it works without the internet, and runs no script of anybody else's."""

from pathlib import Path
from typing import Final

import fastapi_offline
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

_FOLDER: Final = Path(fastapi_offline.__file__).parent / "static"
_SAFE: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Night Audit: the booking-engine API</title>
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
<link rel="icon" href="/docs/files/favicon.png">
<div id="page"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null, persistAuthorization: false,
});
"""


async def page(_request: Request) -> Response:
    """Show the page."""
    return Response(_PAGE, headers=_SAFE, media_type="text/html")


async def start(_request: Request) -> Response:
    """Give the page's own script."""
    return Response(_START, media_type="text/javascript")


ROUTES: Final = [
    Route("/docs", page),
    Route("/docs/start.js", start),
    Mount("/docs/files", StaticFiles(directory=_FOLDER)),
]
