"""What a caller hears when it is not had: a sentence that says what to do, and a stable code to act on."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from hotel import asked, offers

RETRY_SECONDS: Final = 5
UNKNOWN_HOTEL: Final = "unknown_hotel"
UNKNOWN_ROOM_TYPE: Final = "unknown_room_type"
UNKNOWN_RATE_PLAN: Final = "unknown_rate_plan"
TOO_MANY_GUESTS: Final = "too_many_guests"
IN_THE_PAST: Final = "in_the_past"
PRICE_CHANGED: Final = "price_changed"
OTHER_CURRENCY: Final = "other_currency"
NO_PRICE: Final = "no_price"
NO_USERS: Final = "no_users"
# Why something is not to be had, for people; the codes are for programs.
SENTENCES: Final = {
    UNKNOWN_HOTEL: "there is no such hotel, or the key is not for it",
    UNKNOWN_ROOM_TYPE: "the hotel sells no such room type: see room-types",
    UNKNOWN_RATE_PLAN: "the hotel sells this room type at no such rate plan: see pricing",
    TOO_MANY_GUESTS: "so many people do not fit into this room type: see room-types",
    IN_THE_PAST: "this arrival is in the hotel's past",
    PRICE_CHANGED: "the price is another by now: see total",
    OTHER_CURRENCY: "the hotel sells this in another currency: see currency",
    NO_PRICE: "the hotel has told no price for all of these nights: state the total it is sold for",
    NO_USERS: "this API knows keys, not users: who booked stands in the booking",
    asked.SOLD_OUT: "no room of this type, or in the house, is left for these dates: ask for availability and choose again",
    asked.EXISTS_ALREADY: "a booking of this reference exists already: change it with PUT, or choose another reference",
    asked.UNKNOWN_BOOKING: "there is no such booking",
    asked.CANCELLED_ALREADY: "this booking is cancelled: make a new one",
    asked.STAY_BEGUN: "the guest has arrived, or was expected and did not: the hotel's desk changes such a stay",
    asked.NOT_ACCEPTED: "the hotel's checks do not accept this booking as it is",
    offers.CLOSED: "this rate plan is not sold for all of these dates",
    offers.CLOSED_TO_ARRIVAL: "nobody can arrive on this date at this rate plan",
    offers.CLOSED_TO_DEPARTURE: "nobody can leave on this date at this rate plan",
    offers.STAY_TOO_SHORT: "this rate plan asks for a longer stay",
    offers.STAY_TOO_LONG: "this rate plan allows a shorter stay only",
    offers.TOO_SOON: "this rate plan must be booked earlier",
    offers.TOO_FAR_AHEAD: "this rate plan cannot be booked so far ahead yet",
}


class ProblemError(Exception):
    """The request is answered with a problem; `more` are further fields of its body."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str | None = None, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.headers: dict[str, str] = {}
        self.body = {"error": sentence or SENTENCES.get(code) or SENTENCES[asked.NOT_ACCEPTED], "code": code, **more}


def conflict(code: str, **more: Any) -> ProblemError:
    """Make the answer to what cannot be had."""
    return ProblemError(HTTPStatus.CONFLICT, code, **more)


def missing(code: str) -> ProblemError:
    """Make the answer to what is not there."""
    return ProblemError(HTTPStatus.NOT_FOUND, code)


def malformed(*, field: str, problem: str) -> ProblemError:
    """Make the answer to a field that says nothing we can act on."""
    return _malformed([{"field": field, "problem": problem}])


def unavailable() -> ProblemError:
    """Make the answer while the database does not answer."""
    sentence = "the database is not available: send the request again later, with the same Idempotency-Key"
    problem = ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", sentence)
    problem.headers["Retry-After"] = str(RETRY_SECONDS)
    return problem


async def problem_answer(_request: Request, error: Exception) -> JSONResponse:
    """Answer with a problem, whatever raised it."""
    if isinstance(error, RequestValidationError):
        error = _malformed([_field(each) for each in error.errors()])
    elif isinstance(error, HTTPException):
        error = _of_http(error)
    if not isinstance(error, ProblemError):
        error = ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "this failed: our log says why")
    return JSONResponse(error.body, error.status.value, headers=error.headers)


def _malformed(fields: Sequence[dict[str, str]]) -> ProblemError:
    sentence = "the request is not as the documentation says: see fields"
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", sentence, fields=list(fields))


def _field(told: Any) -> dict[str, str]:
    """Name the field and what is wrong with it; what stood in it is not repeated."""
    place = [str(part) for part in told["loc"] if part not in {"body", "query", "path", "header"}]
    return {"field": ".".join(place), "problem": told["msg"]}


def _of_http(error: HTTPException) -> ProblemError:
    status = HTTPStatus(error.status_code)
    if status == HTTPStatus.BAD_REQUEST:
        return malformed(field="", problem="the body is no JSON text")
    sentences = {
        HTTPStatus.NOT_FOUND: "nothing here: the paths are listed at /docs",
        HTTPStatus.METHOD_NOT_ALLOWED: "this path does not take that method: see /docs",
    }
    problem = ProblemError(status, status.name.lower(), sentences.get(status, str(error.detail)))
    problem.headers = dict(error.headers or {})
    return problem
