"""Run the gateway: `python -m gateway`."""

import uvicorn

import settings
from gateway.app import create_app
from storage.engine import database_url, engine


def main() -> None:
    """Serve on loopback; a reverse proxy with TLS stands in front in production."""
    given = settings.load()
    url = database_url(given)
    app = create_app(engine(url), url, given.data_dir / "reports")
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=given.gateway_port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
