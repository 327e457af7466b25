"""The closed vocabularies: what a reservation, a night and a room can be. Vendor words are mapped before they get here."""

from typing import Final

CONFIRMED: Final = "confirmed"
IN_HOUSE: Final = "in_house"
CHECKED_OUT: Final = "checked_out"
CANCELLED: Final = "cancelled"
NO_SHOW: Final = "no_show"
WAITLISTED: Final = "waitlisted"

RESERVATION_STATUSES: Final = (CONFIRMED, IN_HOUSE, CHECKED_OUT, CANCELLED, NO_SHOW, WAITLISTED)
# What holds a room against sale, what earns, what was lost.
HOLDING: Final = frozenset({CONFIRMED, IN_HOUSE})
STAYED: Final = frozenset({IN_HOUSE, CHECKED_OUT})
EARNING: Final = frozenset({CONFIRMED, IN_HOUSE, CHECKED_OUT})
LOST: Final = frozenset({CANCELLED, NO_SHOW})

SOLD: Final = "sold"
COMPLIMENTARY: Final = "complimentary"
HOUSE_USE: Final = "house_use"
SHARE: Final = "share"
PSEUDO: Final = "pseudo"

NIGHT_USES: Final = (SOLD, COMPLIMENTARY, HOUSE_USE, SHARE, PSEUDO)
OCCUPYING: Final = frozenset({SOLD, COMPLIMENTARY, HOUSE_USE})

OCCUPANCIES: Final = ("vacant", "occupied", "unknown")
HOUSEKEEPINGS: Final = ("clean", "dirty", "pickup", "inspected", "unknown")
SELLABILITIES: Final = ("ok", "out_of_order", "out_of_service", "unknown")

GUEST_KINDS: Final = ("person", "company", "travel_agent", "group")

# Who takes the guest's money, and how the channel is paid for what it sold.
COLLECTS: Final = ("property", "channel", "split")
COMMISSION_MODELS: Final = ("gross_invoice", "net_vcc", "net_bank", "hotel_collect")

# A code column whose source has no such field, and one whose code has no mapping yet.
NONE_CODE: Final = "none"
UNMAPPED_CODE: Final = "unmapped"


def use_of_night(
    *,
    price_minor: int,
    is_complimentary: bool = False,
    is_house_use: bool = False,
    is_share: bool = False,
    is_pseudo: bool = False,
    zero_price_use: str = SOLD,
) -> str:
    """Say what a night's room is used for: the one place that decides (K-01).

    A pseudo room never counts, a sharer's night belongs to the first guest, house use beats complimentary;
    a zero price alone is `sold` or `complimentary` as the property's `zero_price_use` says.
    """
    if is_pseudo:
        return PSEUDO
    if is_share:
        return SHARE
    if is_house_use:
        return HOUSE_USE
    if is_complimentary:
        return COMPLIMENTARY
    return zero_price_use if price_minor == 0 else SOLD
