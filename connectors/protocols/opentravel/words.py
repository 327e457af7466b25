"""The standard's words and code lists, and what they are in our house."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hotel.status import CANCELLED, CHECKED_OUT, CONFIRMED, IN_HOUSE, NO_SHOW, RESERVATION_STATUSES, WAITLISTED

NEW: Final = "new"
MODIFIED: Final = "modified"
# A tentative booking: on the wait list in our words, and yet it holds its room.
OPTION: Final = "option"
# The first half of a booking in two steps, or a question: nothing has happened yet.
NOT_FINAL: Final = "not_final"
MEANINGS: Final = frozenset({*RESERVATION_STATUSES, NEW, MODIFIED, OPTION, NOT_FINAL})

STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "book": NEW,
        "commit": NEW,
        "committed": NEW,
        "commitoverrideedits": NEW,
        "confirmed": NEW,
        "reserved": NEW,
        "new": NEW,
        "modify": MODIFIED,
        "modified": MODIFIED,
        "cancel": CANCELLED,
        "cancelled": CANCELLED,
        "canceled": CANCELLED,
        "requestdenied": CANCELLED,
        "inhouse": IN_HOUSE,
        "checkedin": IN_HOUSE,
        "checkedout": CHECKED_OUT,
        "noshow": NO_SHOW,
        "waitlisted": WAITLISTED,
        "requested": OPTION,
        "hold": OPTION,
        "onhold": OPTION,
        "pending": OPTION,
        "initiate": NOT_FINAL,
        "ignore": NOT_FINAL,
        "ignored": NOT_FINAL,
        "quote": NOT_FINAL,
        "verifyprice": NOT_FINAL,
        "pendingcancellation": NOT_FINAL,
        "pendingpurchase": NOT_FINAL,
        "unsuccessful": NOT_FINAL,
    }
)
# What a message means that does not say so, by its name.
BY_MESSAGE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "HotelResModifyNotifRQ": MODIFIED,
        "HotelResModifyNotifRS": MODIFIED,
        "HotelResModifyRQ": MODIFIED,
        "HotelResModifyRS": MODIFIED,
        "CancelRQ": CANCELLED,
        "CancelRS": CANCELLED,
    }
)
STATUS_OF: Final[Mapping[str, str]] = MappingProxyType({NEW: CONFIRMED, MODIFIED: CONFIRMED, OPTION: WAITLISTED})

ADULT: Final = "adult"
CHILD: Final = "child"
INFANT: Final = "infant"
AGE_KINDS: Final = frozenset({ADULT, CHILD, INFANT})
AGE_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("1", "2", "10", "11", "15", "20"), ADULT),
        **dict.fromkeys(("4", "5", "8", "9", "14", "18", "19"), CHILD),
        **dict.fromkeys(("3", "7"), INFANT),
    }
)

# Fee Tax Type.
CHARGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1": "bed_tax",
        "2": "city_hotel_fee",
        "3": "city_tax",
        "4": "county_tax",
        "5": "energy_tax",
        "6": "federal_tax",
        "7": "food_and_beverage_tax",
        "8": "lodging_tax",
        "9": "maintenance_fee",
        "10": "occupancy_tax",
        "11": "package_fee",
        "12": "resort_fee",
        "13": "sales_tax",
        "14": "service_charge",
        "15": "state_tax",
        "16": "surcharge",
        "17": "total_tax",
        "18": "tourism_tax",
        "19": "vat",
        "27": "miscellaneous",
        "28": "room_tax",
        "30": "country_tax",
        "31": "extra_person_charge",
        "34": "local_fee",
        "35": "gst",
        "36": "vat",
        "40": "pet_fee",
        "43": "convention_tax",
        "44": "extra_child_charge",
        "46": "national_tax",
        "52": "total_surcharges",
        "55": "destination_fee",
        "57": "charity_fee",
        "60": "destination_marketing_fee",
        "63": "sustainability_fee",
        "65": "insurance_fee",
        "66": "local_government_fee",
    }
)
# Collected for somebody else: no revenue of the house.
PASS_THROUGH: Final = frozenset({"bed_tax", "city_tax", "tourism_tax", "convention_tax"})

GUARANTEES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "None": "none",
        "CC/DC/Voucher": "card",
        "Deposit": "deposit",
        "DepositRequired": "deposit",
        "PrePay": "deposit",
        "GuaranteeRequired": "card",
        "Profile": "company",
    }
)


def status_word(word: str) -> str:
    """Fold a status as it may be spelt: `Checked-Out`, `Checked out` and `CHECKED_OUT` are one word."""
    return "".join(char for char in word.lower() if char.isalnum())
