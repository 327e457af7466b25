"""The myallocator API as a PMS vendor sees it: credentials in every body, a 200 whatever happens, callbacks in forms."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.channels.desk import Desk, Json
from sandbox.channels.json_answers import answer, major
from sandbox.channels.sales import CANCELLED, MODIFIED, Sale, SoldRoom

METHODS: Final = "/pms/v201408/json/"
WRONG_LOGIN: Final = 3
ROOM_UNKNOWN: Final = 206
# A room type nobody has set up here.
UNKNOWN: Final = "unknown-"
_LIMITS: Final = ("Closed", "ClosedForArrival", "ClosedForDeparture", "MinStay", "MaxStay")

Method = Callable[[Json], Response]


def routes(desk: Desk) -> list[Route]:
    """Serve one property's bookings and what it is sold by."""
    server = _Server(desk)
    methods = {
        "BookingList": server.booking_list,
        "ARIUpdate": server.update,
        "ARIUpdateStatus": server.update_status,
    }
    return [Route(METHODS + name, server.guarded(method), methods=["POST"]) for name, method in methods.items()]


def callback(desk: Desk, sale: Sale) -> tuple[dict[str, str], bytes]:
    """Give headers and body of the callback of a sale: the booking as JSON and the password, in a form."""
    fields = {"booking": msgspec.json.encode(booking(sale)), "password": desk.keys.webhook_secret}
    return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(fields).encode()


class _Server:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def guarded(self, method: Method) -> Callable[[Request], Awaitable[Response]]:
        """Let only those in whose body bears the vendor's and the hotel's credentials."""
        keys = self._desk.keys
        right = {
            "Auth/VendorId": keys.username,
            "Auth/VendorPassword": keys.password,
            "Auth/UserToken": keys.api_key,
        }

        async def guard(request: Request) -> Response:
            asked = msgspec.json.decode(await request.body())
            if right.items() <= asked.items() and asked.get("Auth/PropertyId"):
                return method(asked)
            wrong = {"id": WRONG_LOGIN, "msg": "Invalid user or user password"}
            return answer({"Success": False, "Errors": [wrong]})

        return guard

    def booking_list(self, asked: Json) -> Response:
        """List the bookings of a window of modification, each as it stands now."""
        first, last = (_moment(asked[f"Modification{edge}DateTime"]) for edge in ("Start", "End"))
        if last - first > timedelta(days=31):
            self._desk.problems.append("a window longer than a month is asked for")
        now = {each.sale.ref: each.sale for each in self._desk.unacknowledged()}
        told = [
            booking(sale)
            for sale in sorted(now.values(), key=lambda sale: (sale.modified_at, sale.ref))
            if sale.hotel_ref == asked["Auth/PropertyId"] and first <= sale.modified_at.replace(microsecond=0) <= last
        ]
        count = {"Count": len(told)} if asked.get("Options", {}).get("IncludeCount") else {}
        return answer({"Success": True, "query_type": "modification", "Bookings": told, **count})

    def update(self, asked: Json) -> Response:
        """Take allocations; a room nobody has set up is warned of, the others are taken."""
        if not asked.get("Channels") or not asked.get("Allocations"):
            return answer({"Success": False, "Errors": [{"id": 101, "msg": "Channels and Allocations are required"}]})
        if not asked.get("Options", {}).get("QueryForStatus"):
            self._desk.problems.append("an update waits for its channels instead of asking for its status")
        bad = [each for each in asked["Allocations"] if each["RoomId"].startswith(UNKNOWN)]
        if bad and not asked["Options"].get("IgnoreInvalidRooms"):
            return answer({"Success": False, "Errors": [{"id": ROOM_UNKNOWN, "msg": "Invalid RoomId"}]})
        good = [each for each in asked["Allocations"] if each not in bad]
        count = sum(self._take(each) for each in good)
        self._desk.note(_kind(good), count)
        warnings = [
            each | {"type": "warning", "id": ROOM_UNKNOWN, "msg": "Invalid RoomId", "source": "api"} for each in bad
        ]
        info = {"type": "info", "id": 99, "msg": "QueryForStatus mode enabled (will not wait)"}
        update_id = 832522158 + len(self._desk.pushed)
        return answer({"Success": True, "Errors": [], "Messages": [info, *warnings], "UpdateId": update_id})

    def update_status(self, asked: Json) -> Response:
        """Tell how the channels fare: two sell, one has lost its credentials."""
        if not asked.get("UpdateId"):
            self._desk.problems.append("a status is asked for without an update")
        done: Json = {"Success": "true", "Parts": 0, "ActivePart": 1, "Errors": [], "Warnings": []}
        wrong = {"id": 15, "msg": "Missing or wrong channel credentials"}
        failed = done | {"Success": "false", "Errors": [wrong]}
        busy = done | {"Success": "false", "Parts": 3}
        return answer({"Success": True, "Channels": {"boo": done, "exp": busy, "iwb": failed}})

    def _take(self, told: Json) -> int:
        first, last = (date.fromisoformat(told[edge]) for edge in ("StartDate", "EndDate"))
        room, plan = told["RoomId"], told.get("RatePlanId", "")
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        if not days or any(value is None for value in told.values()):
            self._desk.problems.append("an allocation has no day, or a field without a value")
        for day in days:
            if "Units" in told:
                self._desk.take_count(room, day, int(told["Units"]))
            if "Price" in told:
                self._desk.take_price(room, plan, day, told["Price"], "")
            limits: Json = {name: told[name] for name in _LIMITS if name in told}
            if limits:
                self._desk.take_restriction(room, plan, day, limits)
        return len(days)


def _kind(told: list[Json]) -> str:
    names = {name for each in told for name in each}
    return "availability" if "Units" in names else "rates" if "Price" in names else "restrictions"


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def booking(sale: Sale) -> Json:
    """Tell a sale as it stands, in the vendor's words."""
    created, changed = sale.booked_at.astimezone(UTC), sale.modified_at.astimezone(UTC)
    return {
        "MyallocatorId": f"ma-{sale.ref}",
        "PropertyId": sale.hotel_ref,
        "Channel": "boo",
        "OrderId": sale.channel_ref,
        "OrderSource": sale.channel,
        "OrderDate": created.date().isoformat(),
        "OrderTime": f"{created:%H:%M:%S}",
        "MyallocatorCreationDate": created.date().isoformat(),
        "MyallocatorCreationTime": f"{created:%H:%M:%S}",
        "MyallocatorModificationDate": changed.date().isoformat(),
        "MyallocatorModificationTime": f"{changed:%H:%M:%S}",
        "IsCancellation": sale.kind == CANCELLED,
        "IsModification": sale.kind == MODIFIED,
        "Version": sale.revision - 1,
        "StartDate": min(room.arrival_on for room in sale.rooms).isoformat(),
        "EndDate": max(room.nights[-1].stay_on for room in sale.rooms).isoformat(),
        "OrderAdults": sum(room.adults for room in sale.rooms),
        "OrderChildren": sum(len(room.child_ages) for room in sale.rooms),
        "TotalPrice": major(sale.total_minor, sale.currency),
        "TotalCurrency": sale.currency,
        "Commission": major(sale.commission_minor, sale.currency),
        "CommissionCurrency": sale.currency,
        "PaymentCollect": {"property": "PropertyCollect", "channel": "ChannelCollect"}[sale.collect],
        "Customers": [_customer(sale)],
        "Rooms": [_room(sale, room) for room in sale.rooms],
    }


def _customer(sale: Sale) -> Json:
    return {
        "CustomerFName": sale.first_name,
        "CustomerLName": sale.last_name,
        "CustomerEmail": sale.email,
        "CustomerPhone": sale.phone,
        "CustomerCountry": sale.country,
        "CustomerNote": sale.comment or " ",
    }


def _room(sale: Sale, room: SoldRoom) -> Json:
    nights: list[dict[str, Any]] = [
        {
            "Date": night.stay_on.isoformat(),
            "Rate": major(night.price_minor, sale.currency),
            "Description": "",
            "RateId": "",
        }
        for night in room.nights
    ]
    return {
        "StartDate": room.arrival_on.isoformat(),
        "EndDate": room.nights[-1].stay_on.isoformat(),
        "Price": major(room.total_minor, sale.currency),
        "Currency": sale.currency,
        "RoomTypeIds": [room.room_type],
        "MyallocatorRateplanIds": [room.rate_plan],
        "ChannelRoomType": f"channel-{room.room_type}",
        "RoomDesc": room.room_type,
        "Units": "1",
        "DayRates": nights,
        "Adults": room.adults,
        "Children": len(room.child_ages),
        "Occupancy": room.adults + len(room.child_ages),
    }
