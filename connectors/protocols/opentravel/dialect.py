"""In what partners differ who all speak OpenTravel. Every default is the standard's; the rest is configuration."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, NoReturn, get_args

from connectors.errors import FixMapping
from connectors.protocols.opentravel.places import place
from connectors.protocols.opentravel.words import (
    AGE_CODES,
    AGE_KINDS,
    GUARANTEES,
    MEANINGS,
    STATUSES,
    status_word,
)
from hotel.money import is_currency

Places = tuple[str, ...]
Words = Mapping[str, str]
Receipt = Literal["message", "reservation"]
ExpireDate = Literal["fit", "exclusive", "inclusive"]
ExpireAbsent = Literal["until_next", "one_night"]
DecimalPlaces = Literal["informs", "scales"]
RateTotal = Literal["range", "night"]
PriceAbsent = Literal["refuse", "zero"]
CancelFee = Literal["none", "total"]
Covers = Literal["reservation", "room"]
Collect = Literal["property", "channel", "split"]

_NOTHING: Final[Words] = MappingProxyType({})
COLLECTS: Final = frozenset(get_args(Collect))


class Dialect(NamedTuple):
    """How one partner tells a reservation. Places are written as `places` reads them; the first that is told counts.

    Numbers: `reservation_refs` the partner's own number of the booking; `cancel_refs` more places for it in a cancel;
    `message_ids` what names the message; `pms_refs` our number as they know it; `channel_refs` the number of the OTA that
    sold it (else the booking's own); `channels` that OTA, `seller` where none is told; `group_refs` the group a booking is
    of; `hotel_refs` the hotel; `receipt` what an acknowledgement names.

    Status: looked for in the order of `status_from`: `reservation`, `message` (its ResStatus or CancelType), `response`
    (its ResResponseType); `statuses` folded word -> one of ours, `new`, `modified`, `option` or `not_final`;
    `absent_status` where none is told (None: as the message is called). `cancel_fee`: what a cancel's total is.

    Versions: `versions` where a revision or time stamp is told; `naive_zone` of stamps without an offset. Whoever names
    several must be sure that they compare: all revisions, or all stamps.

    Rooms: `room_types`, `rate_plans` attributes with the codes; `room_refs` places in a RoomStay that name it for ever;
    `unit_counts` `Element@attribute` that count rooms; `guests_per_room` what counts of guests mean beside several units
    (None: as IsPerRoom says, else for all); `age_codes`, and `adult_age` for ages without a code.

    Money: `expire_date` whether the last date of a rate is a night (`fit`: as the stay's dates and the neighbours say);
    `expire_absent` how long a rate without one is good: `until_next` rate or the end of the stay, or for `one_night`;
    `is_tax_included` of an amount that does not say (None: as the house sells); `decimal_places` `informs`: amounts have a
    decimal point, `scales`: they are whole numbers to be divided; `rate_total`: whether a Rate's Total is of all its
    nights; `price_absent`; `currency` where the message has none (None: the house's, with a warning); `collects`
    PaymentCode, GuaranteeType or PaymentType -> who takes the guest's money; `guarantees` their words -> our codes.

    Cards: below a form of payment, `card_signs` what says that its card is virtual (`""` at no place), `card_limits`,
    `card_currencies`, `card_activations`, `card_expiries` its facts.
    """

    reservation_refs: Places = (
        "UniqueID[Type=14]",
        "UniqueID[Type=]",
        "HotelReservationID[ResID_Type=14]",
        "HotelReservationID[ResID_Type=]",
        "HotelReservationID[ResID_Type=13]",
    )
    cancel_refs: Places = ()
    message_ids: Places = ("UniqueID[Type=16][ID_Context=MESSAGE_UNIQUE_ID]", "UniqueID[Type=16]")
    pms_refs: Places = ("UniqueID[Type=10]", "HotelReservationID[ResID_Type=10]", "HotelReservationID[ResID_Type=40]")
    channel_refs: Places = ("HotelReservationID[ResID_Type=13]",)
    channels: Places = (
        "POS/Source/BookingChannel/CompanyName@Code",
        "POS/Source/BookingChannel/CompanyName",
        "HotelReservationID[ResID_Type=13]@ResID_Source",
    )
    hotel_refs: Places = (
        "RoomStays/RoomStay/BasicPropertyInfo@HotelCode",
        "ResGlobalInfo/BasicPropertyInfo@HotelCode",
        "BasicPropertyInfo@HotelCode",
        "HotelReservations@HotelCode",
        "Verification/TPA_Extensions/BasicPropertyInfo@HotelCode",
        "TPA_Extensions/BasicPropertyInfo@HotelCode",
    )
    group_refs: Places = (
        "UniqueID[Type=9]",
        "HotelReservationID[ResID_Type=9]",
        "ResGuests/ResGuest@GroupEventCode",
    )
    seller: str | None = None
    receipt: Receipt = "message"
    status_from: Places = ("reservation", "message", "response")
    statuses: Words = STATUSES
    absent_status: str | None = None
    cancel_fee: CancelFee = "none"
    versions: Places = ("@LastModifyDateTime",)
    naive_zone: str | None = None
    covers: Covers = "reservation"
    room_types: Places = ("RoomTypeCode",)
    rate_plans: Places = ("RatePlanCode", "RatePlanID")
    room_refs: Places = ("@IndexNumber", "@RPH")
    unit_counts: Places = ("RoomRate@NumberOfUnits", "RoomType@NumberOfUnits", "RoomType@Quantity")
    guests_per_room: bool | None = None
    age_codes: Words = AGE_CODES
    adult_age: int = 18
    expire_date: ExpireDate = "fit"
    expire_absent: ExpireAbsent = "until_next"
    is_tax_included: bool | None = None
    decimal_places: DecimalPlaces = "informs"
    rate_total: RateTotal = "range"
    price_absent: PriceAbsent = "refuse"
    currency: str | None = None
    collects: Words = _NOTHING
    guarantees: Words = GUARANTEES
    card_signs: Places = ("@GuaranteeTypeCode=43", "PaymentCard@VirtualInd=true")
    card_limits: Places = ("AmountPercent@Amount",)
    card_currencies: Places = ("AmountPercent@CurrencyCode",)
    card_activations: Places = ("PaymentCard@EffectiveDate",)
    card_expiries: Places = ("PaymentCard@ExpireDate",)


STANDARD: Final = Dialect()

_NAMES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "receipt": frozenset(get_args(Receipt)),
        "expire_date": frozenset(get_args(ExpireDate)),
        "expire_absent": frozenset(get_args(ExpireAbsent)),
        "decimal_places": frozenset(get_args(DecimalPlaces)),
        "rate_total": frozenset(get_args(RateTotal)),
        "price_absent": frozenset(get_args(PriceAbsent)),
        "cancel_fee": frozenset(get_args(CancelFee)),
        "covers": frozenset(get_args(Covers)),
        "absent_status": MEANINGS,
    }
)
_PLACES: Final = frozenset(
    {
        "room_refs", "reservation_refs", "cancel_refs", "message_ids", "pms_refs", "channel_refs", "group_refs", "channels", "hotel_refs", "versions",
        "card_limits", "card_currencies", "card_activations", "card_expiries",
    }
)  # fmt: skip
_ATTRIBUTES: Final = frozenset({"room_types", "rate_plans"})
_WORDS: Final[Mapping[str, frozenset[str] | None]] = MappingProxyType(
    {"statuses": MEANINGS, "age_codes": AGE_KINDS, "collects": COLLECTS, "guarantees": None}
)
_STATUS_PLACES: Final = frozenset({"reservation", "message", "response"})
_UNIT_ELEMENTS: Final = frozenset({"RoomRate", "RoomType", "RoomStay"})


def dialect_from(settings: Mapping[str, Any], base: Dialect = STANDARD) -> Dialect:
    """Make a dialect from plain settings; what they do not name stays as in `base`, words are added to its words.

    Raises FixMapping for a name that is none and a value that cannot be meant.
    """
    for name in settings:
        if name not in Dialect._fields:
            _refuse(str(name)[:40], "is nothing in which dialects differ")
    return base._replace(**{name: _value(name, value, base) for name, value in settings.items()})


def _value(name: str, value: Any, base: Dialect) -> Any:
    if name in _WORDS:
        return _words(name, value, getattr(base, name))
    if name in _NAMES:
        return _one_of(name, value)
    if isinstance(getattr(STANDARD, name), tuple):
        return _places(name, value)
    return _plain(name, value)


def _words(name: str, value: Any, known: Words) -> Words:
    if not isinstance(value, Mapping):
        _refuse(name, "maps words to words")
    allowed = _WORDS[name]
    fold = status_word if name == "statuses" else str
    told = {fold(str(word)): str(meaning) for word, meaning in value.items()}
    if allowed is not None and not set(told.values()) <= allowed:
        _refuse(name, f"maps to one of {', '.join(sorted(allowed))}")
    return MappingProxyType({**known, **told})


def _one_of(name: str, value: Any) -> Any:
    if value is None and getattr(STANDARD, name) is None:
        return None
    if value not in _NAMES[name]:
        _refuse(name, f"is one of {', '.join(sorted(_NAMES[name]))}")
    return value


def _places(name: str, value: Any) -> Places:
    told = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else None
    if told is None or not all(isinstance(each, str) and each for each in told):
        _refuse(name, "is a list of texts")
    for each in told:
        _check_place(name, each)
    return told


def _check_place(name: str, written: str) -> None:
    if name in _PLACES:
        place(written)
    elif name == "card_signs":
        sign(written)
    elif name == "status_from" and written not in _STATUS_PLACES:
        _refuse(name, f"names {', '.join(sorted(_STATUS_PLACES))}")
    elif name in _ATTRIBUTES and not written.isidentifier():
        _refuse(name, "names attributes")
    elif name == "unit_counts":
        element, _, attribute = written.partition("@")
        if element not in _UNIT_ELEMENTS or not attribute.isidentifier():
            _refuse(name, f"is written Element@attribute, with {', '.join(sorted(_UNIT_ELEMENTS))}")


def _plain(name: str, value: Any) -> Any:
    is_right = {
        "guests_per_room": value is None or isinstance(value, bool),
        "is_tax_included": value is None or isinstance(value, bool),
        "adult_age": isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 30,  # noqa: PLR2004
        "currency": value is None or (isinstance(value, str) and is_currency(value)),
        "naive_zone": value is None or isinstance(value, str),
        "seller": value is None or (isinstance(value, str) and bool(value)),
    }
    if not is_right[name]:
        _refuse(name, "has a value that cannot be meant")
    return value


@lru_cache(maxsize=256)
def sign(written: str) -> tuple[str, str]:
    """Part a sign, `place=value`, into the place and the value that must stand there; `*` is any value."""
    at, equals, value = written.rpartition("=")
    if not equals or not value:
        msg = f"card_signs: {written[:60]!r} is no sign: write a place, = and what must stand there, * for anything"
        raise FixMapping(msg)
    place(at)
    return at, value


def _refuse(name: str, problem: str) -> NoReturn:
    msg = f"dialect setting {name}: {problem}"
    raise FixMapping(msg)
