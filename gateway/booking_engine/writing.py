"""Bookings made, changed, cancelled and looked at. Each request is a message of the inbox; whoever imports it decides."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Response
from sqlalchemy import Connection

from gateway.booking_engine.asking import Ask, refusal, settled
from gateway.booking_engine.auth import Caller, Reader, Writer
from gateway.booking_engine.composing import cancelled_booking, changed_booking, new_booking
from gateway.booking_engine.naming import (
    Name,
    booking_path,
    creation,
    digest,
    is_booking_id,
    name_of_change,
    name_of_new,
)
from gateway.booking_engine.problems import UNKNOWN_HOTEL, conflict, malformed, missing
from gateway.booking_engine.reading import REFUSALS
from gateway.booking_engine.service import Service, ServiceDep
from gateway.booking_engine.shapes import Amount, Booking, BookingAsked, BookingChange, Pending, Problem
from gateway.booking_engine.showing import show
from hotel.asked import CANCEL, CREATE, MODIFY, SOURCE, UNKNOWN_BOOKING
from storage.asked import Asked, asked
from storage.booked import Booked, booked

Responses = dict[int | str, dict[str, Any]]
_PENDING: Final[Responses] = {202: {"model": Pending, "description": "Stored, not decided yet: ask at status_url"}}
_CONFLICT: Final[Responses] = {409: {"model": Problem, "description": "Not to be had: code says why"}}
_MADE: Final[Responses] = {201: {"model": Booking, "description": "Booked; the same again is answered alike"}}
_AS_IT_STANDS: Final[Responses] = {200: {"model": Booking, "description": "The booking as it stands"}}
_ANSWERS: Final = REFUSALS | _CONFLICT | _PENDING
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", pattern=r"^[!-~]{1,128}$",
        description="Names the request: sent again with the same key, it is answered with what became of the first.",
    ),
]  # fmt: skip
BookingId = Annotated[str, Path(description="The booking's id.", examples=["WEB-1001"])]
Fee = Annotated[Amount | None, Query(description="What is charged for cancelling, in the booking's currency.")]
bookings = APIRouter()


@bookings.post("", status_code=201, response_model=Booking, responses=_ANSWERS | _MADE)
async def create(service: ServiceDep, caller: Writer, body: BookingAsked, key: Key = None) -> Response:
    """Make a booking: 201 with it, 409 where it cannot be had, 202 where that is not decided within two seconds."""
    if body.hotel_id not in {None, caller.property_id}:
        raise conflict(UNKNOWN_HOTEL)
    name = name_of_new(caller.property_id, key, body.reference)
    if name is None:
        problem = "send this header, or a reference: a repeated request must be known as such"
        raise malformed(field="Idempotency-Key", problem=problem)
    ask = Ask(CREATE, name, digest(CREATE, body.model_dump_json()), is_keyed=key is not None)
    found = await settled(
        service, caller, ask, lambda connection: new_booking(connection, caller.property_id, name.booking_ref, body)
    )
    return await _answer(service, caller, name, found, HTTPStatus.CREATED)


@bookings.get("/{booking_id}", response_model=Booking, responses=_ANSWERS | _AS_IT_STANDS)
async def read(service: ServiceDep, caller: Reader, booking_id: BookingId) -> Response:
    """Look at a booking. One that was asked for and is not decided yet answers 202, one that was refused 409."""
    _check(booking_id)

    def find(connection: Connection) -> Booked | Asked | None:
        found = booked(connection, SOURCE, caller.property_id, booking_id)
        return found or asked(connection, SOURCE, caller.property_id, creation(booking_id))

    found = await service.ask(find)
    if found is None:
        raise missing(UNKNOWN_BOOKING)
    if isinstance(found, Booked):
        return _shown(caller, found, HTTPStatus.OK)
    name = Name(creation(booking_id), found.booking_ref, booking_id)
    return await _answer(service, caller, name, found, HTTPStatus.OK)


@bookings.put("/{booking_id}", response_model=Booking, responses=_ANSWERS | _AS_IT_STANDS)
async def change(
    service: ServiceDep, caller: Writer, booking_id: BookingId, body: BookingChange, key: Key = None
) -> Response:
    """Change a booking to what it shall be; nights that stay as they are keep their price."""
    _check(booking_id)
    name = name_of_change(MODIFY, booking_id, key)
    ask = Ask(MODIFY, name, digest(MODIFY, booking_id, body.model_dump_json()), is_keyed=key is not None)
    found = await settled(
        service, caller, ask, lambda connection: changed_booking(connection, caller.property_id, booking_id, body)
    )
    return await _answer(service, caller, name, found, HTTPStatus.OK)


@bookings.delete("/{booking_id}", response_model=Booking, responses=_ANSWERS | _AS_IT_STANDS)
async def cancel(
    service: ServiceDep, caller: Writer, booking_id: BookingId, cancellation_fee: Fee = None, key: Key = None
) -> Response:
    """Cancel a booking: its status, time and fee change, all else stays known."""
    _check(booking_id)
    name = name_of_change(CANCEL, booking_id, key)
    ask = Ask(CANCEL, name, digest(CANCEL, booking_id, cancellation_fee or ""), is_keyed=key is not None)
    found = await settled(
        service,
        caller,
        ask,
        lambda connection: cancelled_booking(connection, caller.property_id, booking_id, cancellation_fee),
    )
    return await _answer(service, caller, name, found, HTTPStatus.OK)


async def _answer(service: Service, caller: Caller, name: Name, found: Asked, status: HTTPStatus) -> Response:
    if found.is_refused:
        raise refusal(found)
    if not found.is_over:
        url = booking_path(name.status_ref)
        pending = Pending(id=name.booking_ref, status="pending", status_url=url)
        return _json(pending, HTTPStatus.ACCEPTED, {"Location": url})
    stands = await service.ask(lambda connection: booked(connection, SOURCE, caller.property_id, found.booking_ref))
    if stands is None:
        raise missing(UNKNOWN_BOOKING)
    return _shown(caller, stands, status)


def _shown(caller: Caller, found: Booked, status: HTTPStatus) -> Response:
    headers = {"Location": booking_path(found.source_ref)} if status == HTTPStatus.CREATED else {}
    return _json(show(caller.property_id, found), status, headers)


def _json(told: Booking | Pending, status: HTTPStatus, headers: dict[str, str]) -> Response:
    return Response(told.model_dump_json(), status.value, headers, "application/json")


def _check(booking_id: str) -> None:
    if not is_booking_id(booking_id):
        raise missing(UNKNOWN_BOOKING)
