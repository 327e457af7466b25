"""What is pushed to the channel: rates and inventory, remembered for tests to read. State, never deltas."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sandbox.server.answers import BadRequestError, answer, house_asked
from sandbox.server.state import State
from sandbox.world.houses import House

Json = dict[str, Any]


async def push_rates(state: State, request: Request) -> Response:
    """Take prices: {propertyId, roomType, ratePlan, rates: [{date, price, currency, …}]}."""
    return await _once(state, request, _take_rates)


async def push_inventory(state: State, request: Request) -> Response:
    """Take counts: {propertyId, inventory: [{date, roomType, totalRooms, availableRooms, restrictions}]}."""
    return await _once(state, request, _take_inventory)


async def _once(state: State, request: Request, take: Callable[[State, House, Json], list[Json]]) -> Response:
    """Do a push once per Idempotency-Key; a repeated key gets the first answer again.

    Rows that cannot be taken are named in `errors` under status 200, with `success` false; the others are taken.
    """
    key = request.headers.get("idempotency-key")
    if key and key in state.answers:
        return answer(state.answers[key])
    try:
        body = msgspec.json.decode(await request.body())
        house = house_asked(state, body.get("propertyId"))
        outcome = take(state, house, body)
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError) as error:
        msg = f"the body cannot be read: {type(error).__name__}"
        raise BadRequestError(msg) from None
    errors = [row for row in outcome if "code" in row]
    told = {"success": not errors, "updated": len(outcome) - len(errors), "errors": errors}
    if key:
        state.answers[key] = told
    return answer(told)


def _take_rates(state: State, house: House, body: Json) -> list[Json]:
    property_id = house.place.property_id
    outcome = []
    for index, row in enumerate(body["rates"]):
        room_type, plan = row.get("roomType", body.get("roomType")), row.get("ratePlan", body.get("ratePlan"))
        code = _wrong_rate(house, room_type, plan, row)
        outcome.append({"index": index} | ({"code": code} if code else {}))
        if not code:
            state.rates[property_id, room_type, plan, row["date"]] = {"price": str(row["price"])}
    return outcome


def _wrong_rate(house: House, room_type: str | None, plan: str | None, row: Json) -> str | None:
    if plan not in house.plan_percent:
        return "rate_plan_unknown"
    if row.get("currency", house.place.currency) != house.place.currency:
        return "currency_differs"
    try:
        if Decimal(str(row["price"])) < 0:
            return "price_negative"
    except InvalidOperation:
        return "price_unreadable"
    return _wrong_cell(house, room_type, row)


def _take_inventory(state: State, house: House, body: Json) -> list[Json]:
    property_id = house.place.property_id
    outcome = []
    for index, row in enumerate(body["inventory"]):
        code = _wrong_cell(house, row.get("roomType"), row)
        if not code and not _is_countable(row):
            code = "count_unreadable"
        outcome.append({"index": index} | ({"code": code} if code else {}))
        if not code:
            cell = property_id, row["roomType"], row["date"]
            state.inventory[cell] = state.inventory.get(cell, {}) | row
    return outcome


def _is_countable(row: Json) -> bool:
    """Tell whether a row says how many rooms are left; one that only restricts the sale need not."""
    if "availableRooms" not in row:
        return "restrictions" in row
    return isinstance(row["availableRooms"], int) and row["availableRooms"] >= 0


def _wrong_cell(house: House, room_type: str | None, row: Json) -> str | None:
    if room_type not in house.base_minor:
        return "room_type_unknown"
    try:
        date.fromisoformat(row["date"])
    except ValueError:
        return "date_unreadable"
    return None
