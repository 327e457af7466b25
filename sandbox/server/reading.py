"""What the PMS tells: guests and reservations by modification time, room status, rates, properties."""

import base64
import binascii
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from hotel.money import exponent
from hotel.rooms import Rate
from sandbox.export import major, moment
from sandbox.server.answers import BadRequestError, answer, day_asked, house_asked, instant_asked
from sandbox.server.state import State
from sandbox.world.houses import House
from sandbox.world.rooms import room_shapes
from sandbox.world.view import Told, rows_after

Json = dict[str, Any]
DEFAULT_LIMIT: Final = 100
# More is not refused: the page is just shorter than asked, as real systems do it.
MOST: Final = 500


async def page(state: State, dataset: str, request: Request) -> Response:
    """Answer one page of guests or reservations: items, nextCursor, total of the whole window."""
    asked = request.query_params
    house = house_asked(state, asked.get("propertyId"))
    since, until = instant_asked(request, "modifiedSince"), instant_asked(request, "modifiedUntil")
    limit = min(_number(asked.get("limit", str(DEFAULT_LIMIT))), MOST)
    rows = state.view.told(dataset, house.place.property_id, since, until)
    total = len(rows)
    if cursor := asked.get("cursor"):
        rows = rows_after(rows, *_place(cursor))
    told = rows[:limit]
    more = len(rows) > limit
    return answer({
        "items": [row.shape() for row in told],
        "nextCursor": _cursor(told[-1]) if more else None,
        "total": total,
    })  # fmt: skip


async def rooms(state: State, request: Request) -> Response:
    """Answer the status of every room of a house now."""
    house = house_asked(state, request.query_params.get("propertyId"))
    return answer({"rooms": room_shapes(state.view, house)})


async def rates(state: State, request: Request) -> Response:
    """Answer the prices of every date asked for, what was pushed over what was there."""
    house = house_asked(state, request.query_params.get("propertyId"))
    found = house.rates(day_asked(request, "from"), day_asked(request, "to"))
    return answer({"rates": [_rate_shape(state, rate) for rate in found]})


async def properties(state: State, _: Request) -> Response:
    """Answer the houses with what is sold in them."""
    return answer({"properties": [_property_shape(state, house) for house in state.world.houses]})


def _rate_shape(state: State, rate: Rate) -> Json:
    day = rate.stay_on.isoformat()
    shape = {
        "propertyId": rate.property_id,
        "roomType": rate.room_type_code,
        "ratePlan": rate.rate_plan_code,
        "date": day,
        "price": major(rate.price_minor, exponent(rate.currency)),
        "currency": rate.currency,
        "taxIncluded": rate.is_tax_included,
        "occupancy": rate.occupancy_count,
    }
    return shape | state.rates.get((rate.property_id, rate.room_type_code, rate.rate_plan_code, day), {})


def _property_shape(state: State, house: House) -> Json:
    place = house.place
    return {
        "id": place.property_id,
        "name": place.name,
        "country": place.country_code,
        "timeZone": place.time_zone,
        "currency": place.currency,
        "roomCount": place.room_count,
        "taxIncluded": place.is_price_tax_included,
        "businessDate": state.view.business_on(place.property_id),
        "roomTypes": [
            {"code": kind.room_type_code, "name": kind.name, "roomCount": kind.room_count, "adults": kind.adult_count}
            for kind in house.types
        ],
        "ratePlans": [
            {
                "code": plan.rate_plan_code,
                "name": plan.name,
                "mealPlan": plan.meal_plan_code,
                "refundable": plan.is_refundable,
                "segment": plan.market_segment_code,
                "currency": plan.currency,
                "taxIncluded": plan.is_tax_included,
            }
            for plan in house.plans
        ],
    }


def _number(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        msg = "limit must be a number from 1"
        raise BadRequestError(msg)
    return int(text)


def _cursor(told: Told) -> str:
    return base64.urlsafe_b64encode(f"{moment(told.modified_at)} {told.ref}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        instant, ref = base64.urlsafe_b64decode(cursor).decode().split(" ")
        return datetime.fromisoformat(instant), ref
    except (ValueError, binascii.Error):
        msg = "cursor is none of ours"
        raise BadRequestError(msg) from None
