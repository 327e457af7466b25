"""The strings to pull while the sandbox runs, under `/sandbox`: clock, faults, webhooks, and what it remembers."""

from datetime import date, datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sandbox.expected import expectations
from sandbox.export import moment
from sandbox.server.answers import BadRequestError, answer, day_asked, house_asked, read
from sandbox.server.faults import KINDS, Fault
from sandbox.server.state import State
from sandbox.webhooks.delivery import deliver
from sandbox.webhooks.messages import world_messages
from sandbox.webhooks.order import Order
from sandbox.world.view import GUESTS, RESERVATIONS

Json = dict[str, Any]


class _Clock(msgspec.Struct):
    now: datetime


async def summary(state: State, _: Request) -> Response:
    """Tell which world this is, what its clock says and how much is in it."""
    return answer(_summary(state))


async def move_clock(state: State, request: Request) -> Response:
    """Move the world's clock to `{"now": instant}`."""
    now: datetime = (await read(request, _Clock)).now
    if now.tzinfo is None:
        msg = "now must have an offset (2026-09-15T12:00:00Z)"
        raise BadRequestError(msg)
    state.move_clock(now)
    return answer(_summary(state))


async def faults(state: State, request: Request) -> Response:
    """List the faults to come, arm one (POST a `Fault`) or clear them (DELETE)."""
    if request.method == "POST":
        state.faults.add(await read(request, Fault))
    if request.method == "DELETE":
        state.faults.clear()
    return answer({"kinds": KINDS, "armed": state.faults.armed()})


async def remembered(state: State, _: Request) -> Response:
    """Tell what was pushed, and every request with its answer's status."""
    return answer({
        "rates": [{"key": key, **row} for key, row in sorted(state.rates.items())],
        "inventory": [{"key": key, **row} for key, row in sorted(state.inventory.items())],
        "requests": [asked._asdict() for asked in state.asked],
    })  # fmt: skip


async def expected(state: State, request: Request) -> Response:
    """Tell what a correct pipeline holds now and reports for a house (`propertyId`) and `date`."""
    house = house_asked(state, request.query_params.get("propertyId"))
    return answer(_expected(state, house.place.property_id, day_asked(request, "date")))


async def webhooks(state: State, request: Request) -> Response:
    """Send the world's booking events as an `Order` says, and answer with the delivery report once all are out."""
    order: Order = await read(request, Order)
    messages = world_messages(state.view, order.side, order.since, order.until)
    return answer((await deliver(messages, order.target(), order.manner()))._asdict())


def _summary(state: State) -> Json:
    properties = [house.place.property_id for house in state.world.houses]
    return {
        "seed": state.world.seed,
        "now": moment(state.view.now),
        "properties": [
            {
                "id": property_id,
                "businessDate": state.view.business_on(property_id),
                "guests": len(state.view.told(GUESTS, property_id)),
                "reservations": len(state.view.told(RESERVATIONS, property_id)),
            }
            for property_id in properties
        ],
    }


def _expected(state: State, property_id: str, on: date) -> Json:
    whole = expectations(state.world, state.view.now)
    withheld = whole.withheld[property_id]
    return {
        "propertyId": property_id,
        "date": on.isoformat(),
        "businessDate": whole.business_on[property_id].isoformat(),
        "guests": whole.guest_count[property_id],
        "reservations": whole.reservation_count[property_id],
        "withheld": {"reasons": withheld.reasons, "roomNights": withheld.room_night_count},
        "day": msgspec.to_builtins(whole.day(property_id, on)),
    }
