"""What all rows of a body share: whose they are, when they changed, what their codes and amounts mean here."""

from datetime import MAXYEAR, MINYEAR, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from connectors.clocks import placed, zone_of
from connectors.json_rows import Json, flat
from connectors.ports import MappingPlace
from hotel.codebook import ANY_PROPERTY, Codebook, code_or_unmapped
from hotel.incoming import Reason, Refused, UnmappedCode, shape_of
from hotel.money import InexactAmountError, exponent, is_currency, to_minor
from hotel.properties import Property

# Stamps that mean "never": in another zone they would be no date at all.
_ENDS_OF_TIME: Final = frozenset({MINYEAR, MAXYEAR})
# Codes are keys; what a channel takes for one and is longer is something else.
_LONGEST_CODE: Final = 255


class RefuseError(Exception):
    """The row cannot be understood; it becomes a `Refused` with this reason."""

    def __init__(self, code: str, column: str = "", value: object = "") -> None:
        super().__init__(code)
        self.reason = Reason(code, column, shape_of(value))


class Reading:
    """One body being mapped. `warnings` and `unmapped` are those of the row at hand."""

    def __init__(self, codebook: Codebook, place: MappingPlace, *, naive_zone: str | None = None) -> None:
        self.codebook = codebook
        self.place = place
        self.warnings: tuple[str, ...] = ()
        self.unmapped: list[UnmappedCode] = []
        # The integration's own statement goes before what the connector knows of its vendor.
        self._naive_zone: str | None = codebook.settings.get("naive_zone", naive_zone)
        self._houses: dict[str | None, Property] = {}

    def begin_row(self) -> None:
        """Forget the row before."""
        self.warnings = ()
        if self.unmapped:
            self.unmapped = []

    def warn(self, code: str) -> None:
        """Note a warning that loads and shows with the row at hand; once is enough."""
        if code not in self.warnings:
            self.warnings = (*self.warnings, code)

    def house(self, hotel_ref: str | None, column: str = "hotel") -> Property:
        """Give the property of a row: the one it names, else the one the body belongs to."""
        return self._houses.get(hotel_ref) or self._house(hotel_ref, column)

    def _house(self, hotel_ref: str | None, column: str) -> Property:
        property_id = self.codebook.hotel_refs.get(hotel_ref) if hotel_ref else self.place.property_id
        house = self.codebook.properties.get(property_id or "")
        if house is None:
            code = "property_unknown"
            raise RefuseError(code, column, hotel_ref or "")
        self._houses[hotel_ref] = house
        return house

    def at(self, stamp: datetime | None, column: str, house: Property) -> datetime | None:
        """Give an aware instant; a stamp without offset is read in the zone the integration states, else refused."""
        if stamp is None:
            return None
        if stamp.year in _ENDS_OF_TIME:
            code = "unreadable"
            raise RefuseError(code, column, stamp)
        if stamp.tzinfo is not None:
            return stamp
        zone = zone_of(self._naive_zone, house)
        if zone is None:
            code = "time_zone_missing"
            raise RefuseError(code, column, stamp)
        clock = placed(stamp, zone)
        if clock.warning:
            self.warnings = (*self.warnings, clock.warning)
        return clock.at

    def code(self, house: Property, field: str, ref: str | None) -> str | None:
        """Give our code for theirs; None where they told none, `unmapped` (and noted) where nobody mapped it."""
        if not ref:
            return None
        if len(ref) > _LONGEST_CODE:
            code = "code_too_long"
            raise RefuseError(code, field, ref)
        return code_or_unmapped(self.codebook.code(house.property_id, field, ref), self.unmapped)

    def refused(
        self,
        dataset: str,
        number: int,
        reason: Reason,
        row: Json,
        *,
        hotel_ref: str | None = None,
        source_ref: str = "",
        **rest: Any,
    ) -> Refused:
        """Make the refusal of a row, with what can be told of it; a property nobody knows is `*`."""
        own = self.codebook.hotel_refs.get(hotel_ref) if hotel_ref else self.place.property_id
        return Refused(
            dataset=dataset,
            source=self.codebook.source,
            property_id=own or ANY_PROPERTY,
            source_ref=source_ref,
            raw_ref=self.raw_ref(number),
            reasons=(reason,),
            row=flat(row),
            **rest,
        )

    def raw_ref(self, number: int) -> str:
        """Name the place of the n-th row of the body, from 0."""
        return f"{self.place.raw_ref}:{self.place.first_row + number}"


def decimals_of(currency: str | None) -> int:
    """Give the decimals of a currency; refuses a code that is none."""
    if not is_currency(currency):
        code = "currency_unknown"
        raise RefuseError(code, "currency", currency or "")
    return exponent(currency or "")


def minor(amount: Decimal | None, decimals: int, column: str) -> int | None:
    """Turn an amount into minor units exactly, or refuse the row."""
    if amount is None:
        return None
    try:
        # A signalling NaN has no hash, so it must not get as far as the cache.
        return _to_minor(amount if amount.is_finite() else Decimal("NaN"), decimals)
    except InexactAmountError:
        code = "decimals_exceed_currency"
    except ValueError:
        code = "unreadable"
    raise RefuseError(code, column, amount)


# Prices repeat, from night to night and from guest to guest.
_to_minor: Final = lru_cache(maxsize=65_536)(to_minor)
