"""Ask the house's Prefect server something."""

from typing import Any, Final

import httpx
import stamina

from deployments.prefect_environment import prefect_environment
from settings import Settings

# While flow runs start, its one writer may keep others waiting for long.
ANSWER_SECONDS: Final = 30
ATTEMPTS: Final = 6


def ask(given: Settings, method: str, path: str, body: Any = None) -> Any:
    """Send one request (the path as below `/api/`) and give the JSON of the answer, None where there is none.

    Raises httpx.HTTPError: at once where nothing answers or the answer is no, after some attempts where the server was
    busy (its SQLite has one writer, and who loses a race for it is told 503).
    """
    environment = prefect_environment(given)
    user, password = environment["PREFECT_API_AUTH_STRING"].split(":", 1)
    for attempt in stamina.retry_context(on=_is_busy, attempts=ATTEMPTS, timeout=None):
        with attempt:
            answer = httpx.request(
                method,
                f"{environment['PREFECT_API_URL']}/{path}",
                json=body,
                auth=httpx.BasicAuth(user, password),
                trust_env=False,
                timeout=ANSWER_SECONDS,
            ).raise_for_status()
    return answer.json() if answer.content else None


def _is_busy(error: Exception) -> bool:
    busy = httpx.codes.SERVICE_UNAVAILABLE
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code == busy
