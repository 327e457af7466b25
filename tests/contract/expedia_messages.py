"""Bookings as Expedia tells them, written here for the tests of its connector."""

from collections.abc import Sequence
from datetime import date, timedelta

from lxml import etree

RETRIEVAL = "http://www.expediaconnect.com/EQC/BR/2014/01"
NIGHTS = ("100.00", "120.00")
GUEST = '<PrimaryGuest><Name givenName="Jane" middleName="Q." surname="Roe"/></PrimaryGuest>'


def nights(*rates: str, more: str = "") -> str:
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(len(rates))]
    return "".join(
        f'<PerDayRate stayDate="{day}" baseRate="{rate}" {more}/>' for day, rate in zip(days, rates, strict=True)
    )


def stay(
    rates: Sequence[str] = NIGHTS,
    *,
    total: str = "242.00",
    taxes: str | None = "22.00",
    currency: str = 'currency="EUR"',
    plan: str = "BAR",
    people: str = '<GuestCount adult="2"/>',
    night_more: str = "",
    after: str = "",
    departure: str | None = None,
) -> str:
    leaves = departure or (date(2026, 3, 1) + timedelta(days=len(rates))).isoformat()
    tax = f'amountOfTaxes="{taxes}"' if taxes is not None else ""
    rated = f"<PerDayRates {currency}>{nights(*rates, more=night_more)}</PerDayRates>" if rates else ""
    return (
        f'<RoomStay roomTypeID="STD" ratePlanID="{plan}"><StayDate arrival="2026-03-01" departure="{leaves}"/>{people}'
        f'{rated}<Total amountAfterTaxes="{total}" {tax} {currency}/>{after}</RoomStay>'
    )


def booking(
    ref: int = 1,
    *,
    kind: str = "Book",
    made_at: str = "2026-02-28T10:00:00Z",
    source: str = "Expedia",
    hotel: str = "CITY",
    status: str = "pending",
    room: str | None = None,
    guest: str = GUEST,
    after: str = "",
) -> str:
    return (
        f'<Booking id="{ref}" type="{kind}" createDateTime="{made_at}" source="{source}" status="{status}">'
        f'<Hotel id="{hotel}"/>{stay() if room is None else room}{guest}{after}</Booking>'
    )


def cancelled(ref: int = 1, *, made_at: str = "2026-02-28T11:00:00Z") -> str:
    room = (
        '<RoomStay roomTypeID="0" ratePlanID="0"><StayDate arrival="2026-03-01" departure="2034-03-03"/>'
        '<GuestCount adult="2"/><PerDayRates><PerDayRate stayDate="2026-03-01" baseRate="0.00"/></PerDayRates>'
        '<Total amountAfterTaxes="0.00" amountOfTaxes="0.00"/></RoomStay>'
    )
    return booking(ref, kind="Cancel", made_at=made_at, room=room)


def retrieved(*bookings: str) -> bytes:
    told = "".join(bookings)
    return f'<BookingRetrievalRS xmlns="{RETRIEVAL}"><Bookings>{told}</Bookings></BookingRetrievalRS>'.encode()


def error(name: str, namespace: str, code: str, sentence: str = "No.") -> bytes:
    return f'<{name} xmlns="{namespace}"><Error code="{code}">{sentence}</Error></{name}>'.encode()


def elements(body: bytes, name: str) -> list[dict[str, str]]:
    """List the attributes of every element of a name."""
    return [dict(each.attrib) for each in etree.fromstring(body).iter("{*}" + name)]
