"""Published report files, read only: a page may show itself, and may do nothing else."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

SAFE_HEADERS: Final = {
    # Styles and charts are inline in the page; scripts, forms, frames and the network are not for it.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # a preliminary report is replaced
}


class ReportFiles(StaticFiles):
    """The files below one folder; no listings, no links out of it, nothing whose name begins with a dot."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give one file, 404 where there is none to show."""
        if any(part.startswith(".") and part != "." for part in path.split("/")):
            raise HTTPException(status_code=404)
        return await super().get_response(path, scope)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Send a file with headers that keep it harmless."""
        response = super().file_response(*args, **kwargs)
        response.headers.update(SAFE_HEADERS)
        return response
