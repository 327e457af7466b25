"""The Cloudbeds API as an integration sees it: pages by modification in the property's time, a 200 whatever happens."""

from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.channels.desk import Desk, Json
from sandbox.channels.json_answers import answer, major
from sandbox.channels.sales import CANCELLED, NEW, Sale, SoldRoom

MOST_ROWS: Final = 100
MOST_PER_SECOND: Final = 5
ZONE: Final = ZoneInfo("Europe/Lisbon")
REFRESH_TOKEN: Final = "sandbox-refresh-token"  # noqa: S105 invented, worth nothing

Handler = Callable[[Request], Response]


def routes(desk: Desk) -> list[Route]:
    """Serve one property's bookings."""
    server = _Server(desk)
    return [
        Route("/getReservationsWithRateDetails", server.guarded(server.reservations)),
        Route("/access_token", server.token, methods=["POST"]),
    ]


def event(desk: Desk, sale: Sale) -> tuple[dict[str, str], bytes]:
    """Give headers and body of the event of a sale: ids, and the secret of the address it is sent to."""
    action = "created" if sale.kind == NEW else "status_changed" if sale.kind == CANCELLED else "dates_changed"
    body = {
        "version": "1.0",
        "event": f"reservation/{action}",
        "timestamp": sale.modified_at.timestamp(),
        "propertyID": sale.hotel_ref,
        "propertyID_str": sale.hotel_ref,
        "reservationID": sale.ref,
    }
    named = b64encode(f"events:{desk.keys.webhook_secret}".encode()).decode()
    return {"Authorization": f"Basic {named}"}, msgspec.json.encode(body)


class _Server:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked: deque[float] = deque()

    def guarded(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Let only those in who have the key or a token, and not too often."""

        async def guard(request: Request) -> Response:
            now = self._desk.now()
            while self._asked and now - self._asked[0] >= 1:
                self._asked.popleft()
            self._asked.append(now)
            if len(self._asked) > MOST_PER_SECOND:
                return answer({"success": False, "message": "Too many requests"}, 429)
            key = self._desk.keys.api_key
            if key in (request.headers.get("x-api-key"), request.headers.get("authorization", "")[len("Bearer ") :]):
                return handler(request)
            return answer({"success": False, "message": "Access token is invalid or has expired."}, 401)

        return guard

    async def token(self, request: Request) -> Response:
        """Give a token for a refresh token."""
        told = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        right = {"grant_type": "refresh_token", "client_id": self._desk.keys.username, "refresh_token": REFRESH_TOKEN}
        if right.items() <= told.items() and told.get("client_secret") == self._desk.keys.password:
            return answer({"access_token": self._desk.keys.api_key, "token_type": "Bearer", "expires_in": 28800})
        return answer({"error": "invalid_grant"}, 400)

    def reservations(self, request: Request) -> Response:
        """List a page of the bookings of a window, each as it stands now."""
        asked = request.query_params
        first, last = _moment(asked.get("modifiedFrom", "")), _moment(asked.get("modifiedTo", ""))
        size, number = int(asked.get("pageSize", MOST_ROWS)), int(asked.get("pageNumber", 1))
        if size > MOST_ROWS:
            return answer({"success": False, "message": "pageSize is invalid"})
        now = {each.sale.ref: each.sale for each in self._desk.unacknowledged()}
        found = [
            sale
            for sale in sorted(now.values(), key=lambda sale: (sale.modified_at, sale.ref))
            if asked.get("propertyID") in (None, sale.hotel_ref) and first <= _local(sale.modified_at) <= last
        ]
        page = found[(number - 1) * size : number * size]
        has_guests = asked.get("includeGuestsDetails") == "true"
        told = [reservation(sale, has_guests=has_guests) for sale in page]
        return answer({"success": True, "data": told, "count": len(told), "total": len(found)})


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 in the property's time, as nobody says


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None, microsecond=0)


def _stamps(name: str, moment: datetime) -> Json:
    utc = moment.astimezone(UTC)
    return {name: f"{_local(moment):%Y-%m-%d %H:%M:%S}", f"{name}UTC": f"{utc:%Y-%m-%d %H:%M:%S}"}


def reservation(sale: Sale, *, has_guests: bool) -> Json:
    """Tell a sale as it stands, in the vendor's words."""
    is_gone = sale.kind == CANCELLED
    tax = sum(night.tax_minor for room in sale.rooms for night in room.nights)
    told = {
        "propertyID": sale.hotel_ref,
        "reservationID": sale.ref,
        "isDeleted": False,
        **_stamps("dateCreated", sale.booked_at),
        **_stamps("dateModified", sale.modified_at),
        **(_stamps("dateCancelled", sale.modified_at) if is_gone else {}),
        "status": "canceled" if is_gone else "confirmed",
        "reservationCheckIn": f"{min(room.arrival_on for room in sale.rooms)} 15:00:00",
        "reservationCheckOut": f"{max(room.departure_on for room in sale.rooms)} 11:00:00",
        "guestID": f"guest-{sale.ref}",
        "sourceName": sale.channel,
        "source": {
            "name": sale.channel,
            "paymentCollect": {"property": "hotel", "channel": "collect"}[sale.collect],
            "sourceID": "ss-1",
        },
        "sourceReservationID": sale.channel_ref,
        "propertyCurrency": sale.currency,
        # The vendor adds taxes to the rooms' prices: what a night is sold for has none in it here.
        "balanceDetailed": {
            "suggestedDeposit": "0.00",
            "subTotal": _number(sale.total_minor - tax, sale),
            "additionalItems": 0,
            "taxesFees": _number(tax, sale),
            "grandTotal": _number(sale.total_minor, sale),
            "paid": 0,
        },
        "total": _number(sale.total_minor, sale),
        "origin": "",
        "mealPlans": "",
        "rooms": [_room(sale, number, room) for number, room in enumerate(sale.rooms, 1)],
    }
    return told | ({"guestList": _guests(sale)} if has_guests else {})


def _room(sale: Sale, number: int, room: SoldRoom) -> Json:
    return {
        "roomTypeID": room.room_type,
        "subReservationID": f"{sale.ref}-{number}",
        "guestID": f"guest-{sale.ref}",
        "rateID": room.rate_plan,
        "adults": str(room.adults),
        "children": str(len(room.child_ages)),
        "roomID": None,
        "roomCheckIn": room.arrival_on.isoformat(),
        "roomCheckOut": room.departure_on.isoformat(),
        "roomStatus": "cancelled" if sale.kind == CANCELLED else "not_checked_in",
        "detailedRoomRates": {
            night.stay_on.isoformat(): _number(night.price_minor - night.tax_minor, sale) for night in room.nights
        },
        "marketCode": None,
    }


def _guests(sale: Sale) -> Json:
    profile = {
        "guestID": f"guest-{sale.ref}",
        "guestFirstName": sale.first_name,
        "guestLastName": sale.last_name,
        "guestEmail": sale.email,
        "guestPhone": sale.phone,
        "guestCountry": sale.country,
        "guestBirthdate": "",
        "isMainGuest": True,
    }
    return {f"guest-{sale.ref}": profile}


def _number(minor: int, sale: Sale) -> msgspec.Raw:
    """Write an amount as a JSON number, exactly."""
    return msgspec.Raw(major(minor, sale.currency).encode())
