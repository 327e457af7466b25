"""What a hotel shows and offers: availability, room types, prices, and the page of the house itself."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection

from gateway.booking_engine import offer_shapes as shapes
from gateway.booking_engine.amounts import shown
from gateway.booking_engine.auth import Caller, Reader
from gateway.booking_engine.problems import UNKNOWN_HOTEL, malformed, missing
from gateway.booking_engine.quoting import Market, house_of, market, nightly
from gateway.booking_engine.service import ServiceDep
from gateway.booking_engine.shapes import MOST_NIGHTS, Day, Problem
from hotel.offers import objection
from hotel.pages import HotelPage, Image
from hotel.properties import Property, hotel_date
from hotel.rooms import Rate, RatePlan, RoomType
from storage.hotel_pages import hotel_page
from storage.offers import Cell, prices, room_types

PRICING_DAYS: Final = 31
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": told}
    for status, told in {
        401: "No API key that is good", 403: "The key lacks the scope", 404: "Not there, or not this key's",
        413: "The body is too large", 415: "The body is compressed", 422: "Not as documented",
        429: "Too many requests of this key: see Retry-After", 503: "The database is away: see Retry-After",
    }.items()
}  # fmt: skip
HotelId = Annotated[str, Path(description="The hotel's id; a key sees its own hotel only.", examples=["harbour"])]
CheckIn = Annotated[Day, Query(description="First night.")]
CheckOut = Annotated[Day, Query(description=f"Departure, at most {MOST_NIGHTS} nights later.")]
Guests = Annotated[int, Query(ge=1, le=20, description="Adults to a room.")]
hotels = APIRouter(tags=["hotel"], responses=REFUSALS)
plain = APIRouter(tags=["the same under plain names"], responses=REFUSALS)


@hotels.get("/availability/{hotel_id}")
async def availability(
    service: ServiceDep, caller: Reader, hotel_id: HotelId, check_in: CheckIn, check_out: CheckOut, guests: Guests = 2
) -> shapes.Availability:
    """Rooms that may be sold and what the stay costs, by room type, as of now."""
    _own(caller, hotel_id)
    _check_dates(check_in, check_out)
    name = ("market", hotel_id, check_in, check_out)
    offered = await service.ask(lambda connection: market(connection, hotel_id, check_in, check_out), name)
    types = [_type_available(offered, kind, guests) for kind in offered.types.values()]
    return shapes.Availability(
        hotel_id=hotel_id, check_in=check_in, check_out=check_out, guests=guests, room_types=types
    )


@plain.get("/availability")
async def own_availability(
    service: ServiceDep, caller: Reader, check_in: CheckIn, check_out: CheckOut, guests: Guests = 2
) -> shapes.Availability:
    """The same of the key's own hotel."""
    return await availability(service, caller, caller.property_id, check_in, check_out, guests)


@hotels.get("/room-types/{hotel_id}")
async def list_room_types(service: ServiceDep, caller: Reader, hotel_id: HotelId) -> shapes.RoomTypes:
    """The room types the hotel sells."""
    page, types = await _shown(service, caller, hotel_id)
    return shapes.RoomTypes(hotel_id=hotel_id, room_types=[_room_type(kind, page.images) for kind in types])


@hotels.get("/amenities/{hotel_id}")
async def amenities(service: ServiceDep, caller: Reader, hotel_id: HotelId) -> shapes.Amenities:
    """What the hotel and its rooms have."""
    page, types = await _shown(service, caller, hotel_id)
    rooms = [shapes.RoomAmenities(room_type=kind.room_type_code, amenities=_listed(kind.amenities)) for kind in types]
    return shapes.Amenities(hotel_id=hotel_id, amenities=list(page.amenities), room_types=rooms)


@hotels.get("/hotels/{hotel_id}")
async def hotel(service: ServiceDep, caller: Reader, hotel_id: HotelId) -> shapes.Hotel:
    """What the hotel shows of itself."""
    _own(caller, hotel_id)

    def read(connection: Connection) -> tuple[Property, HotelPage]:
        return house_of(connection, hotel_id), hotel_page(connection, hotel_id) or HotelPage()

    house, page = await service.ask(read, ("hotel", hotel_id))
    told = {name: getattr(page, name) for name in shapes.Hotel.model_fields if name in HotelPage._fields}
    return shapes.Hotel(
        **told
        | {
            "id": hotel_id,
            "name": house.name,
            "country": house.country_code,
            "time_zone": house.time_zone,
            "currency": house.currency,
            "check_in_from": page.check_in_at,
            "check_out_until": page.check_out_at,
            "images": _pictures(page.images),
        }
    )


@hotels.get("/hotels/{hotel_id}/images")
async def images(service: ServiceDep, caller: Reader, hotel_id: HotelId) -> shapes.Images:
    """The hotel's pictures."""
    page, _ = await _shown(service, caller, hotel_id)
    return shapes.Images(hotel_id=hotel_id, images=_pictures(page.images))


@hotels.get("/hotels/{hotel_id}/pricing")
async def pricing(
    service: ServiceDep,
    caller: Reader,
    hotel_id: HotelId,
    check_in: Annotated[Day | None, Query(description="First night; today, where left out.")] = None,
    check_out: Annotated[Day | None, Query(description=f"{PRICING_DAYS} days later, where left out.")] = None,
    room_type: Annotated[str | None, Query(max_length=64)] = None,
    rate_plan: Annotated[str | None, Query(max_length=64)] = None,
) -> shapes.Pricing:
    """Prices and restrictions by rate plan, room type and date."""
    _own(caller, hotel_id)
    _check_text(room_type=room_type, rate_plan=rate_plan)

    def read(connection: Connection) -> tuple[date, date, list[Rate]]:
        house = house_of(connection, hotel_id)
        first = check_in or hotel_date(house, datetime.now(UTC))
        until = check_out or first + timedelta(days=PRICING_DAYS)
        _check_dates(first, until)
        wanted = {"room_types": _some(room_type), "rate_plans": _some(rate_plan)}
        return first, until, prices(connection, hotel_id, first, until, **wanted)

    first, until, rates = await service.ask(read)
    return shapes.Pricing(hotel_id=hotel_id, check_in=first, check_out=until, prices=[_price(rate) for rate in rates])


async def _shown(service: ServiceDep, caller: Caller, hotel_id: str) -> tuple[HotelPage, list[RoomType]]:
    _own(caller, hotel_id)

    def read(connection: Connection) -> tuple[HotelPage, list[RoomType]]:
        house_of(connection, hotel_id)
        return hotel_page(connection, hotel_id) or HotelPage(), room_types(connection, hotel_id)

    return await service.ask(read, ("shown", hotel_id))


def _own(caller: Caller, hotel_id: str) -> None:
    if hotel_id != caller.property_id:
        raise missing(UNKNOWN_HOTEL)


def _check_dates(check_in: date, check_out: date) -> None:
    if not 1 <= (check_out - check_in).days <= MOST_NIGHTS:
        raise malformed(field="check_out", problem=f"must be 1 to {MOST_NIGHTS} nights after check_in")


def _check_text(**told: str | None) -> None:
    for name, text in told.items():
        if text is not None and not text.isprintable():
            raise malformed(field=name, problem="must be printable")


def _some(code: str | None) -> Sequence[str]:
    return [] if code is None else [code]


def _type_available(offered: Market, kind: RoomType, guests: int) -> shapes.TypeAvailable:
    mine = [cell for cell in offered.cells if cell.room_type_code == kind.room_type_code]
    known = _by_date(offered, mine)
    counts = [each.available for each in known]
    available = None if None in counts else min((count for count in counts if count is not None), default=None)
    fits = kind.adult_count is None or guests <= kind.adult_count
    is_open = available != 0 and fits and offered.stay.arrival_on >= offered.stay.today
    return shapes.TypeAvailable(
        room_type=kind.room_type_code,
        name=kind.name,
        available=available,
        most_guests=kind.occupancy_count,
        dates=known,
        offers=list(_offers(offered, kind.room_type_code, guests)) if is_open else [],
    )


def _by_date(offered: Market, mine: Sequence[Cell]) -> list[shapes.DateAvailable]:
    counts = {cell.stay_on: cell.available_count for cell in mine}
    first, nights = offered.stay.arrival_on, offered.stay.night_count
    dates = [first + timedelta(days=day) for day in range(nights)]
    return [shapes.DateAvailable(date=each, available=counts.get(each)) for each in dates]


def _offers(offered: Market, room_type: str, guests: int) -> Iterator[shapes.Offer]:
    for (plan, kind), rates in offered.rates.items():
        if kind != room_type or objection(offered.stay, rates):
            continue
        nights = [rate for rate in nightly(offered.stay, rates, guests) if rate]
        currencies = {rate.currency for rate in nights}
        if len(nights) == offered.stay.night_count and len(currencies) == 1:
            yield _offer(plan, offered.plans.get(plan), nights)


def _offer(code: str, plan: RatePlan | None, nights: Sequence[Rate]) -> shapes.Offer:
    currency = nights[0].currency
    taxed = {rate.is_tax_included for rate in nights}
    return shapes.Offer(
        rate_plan=code,
        name=plan.name if plan else None,
        meal_plan=plan.meal_plan_code if plan else None,
        refundable=plan.is_refundable if plan else None,
        total=shown(sum(rate.price_minor for rate in nights), currency),
        currency=currency,
        tax_included=taxed.pop() if len(taxed) == 1 else None,
        nights=[shapes.NightPrice(date=rate.stay_on, price=shown(rate.price_minor, currency)) for rate in nights],
    )


def _room_type(kind: RoomType, images: Sequence[Image]) -> shapes.RoomType:
    return shapes.RoomType(
        room_type=kind.room_type_code,
        name=kind.name,
        description=kind.description,
        bed=kind.bed_code,
        room_class=kind.class_code,
        room_count=kind.room_count,
        most_adults=kind.adult_count,
        most_guests=kind.occupancy_count,
        amenities=_listed(kind.amenities),
        images=_pictures([image for image in images if image.room_type_code == kind.room_type_code]),
    )


def _price(rate: Rate) -> shapes.Price:
    return shapes.Price(
        date=rate.stay_on,
        room_type=rate.room_type_code,
        rate_plan=rate.rate_plan_code,
        guests=rate.occupancy_count or None,
        price=shown(rate.price_minor, rate.currency),
        currency=rate.currency,
        tax_included=rate.is_tax_included,
        closed=rate.is_stop_sell,
        closed_to_arrival=rate.is_closed_to_arrival,
        closed_to_departure=rate.is_closed_to_departure,
        min_stay_on_arrival=rate.min_stay_arrival_count,
        min_stay=rate.min_stay_through_count,
        max_stay=rate.max_stay_count,
    )


def _pictures(images: Sequence[Image]) -> list[shapes.Picture]:
    return [shapes.Picture(url=each.url, caption=each.caption, room_type=each.room_type_code) for each in images]


def _listed(amenities: Sequence[str] | None) -> list[str] | None:
    return None if amenities is None else list(amenities)
