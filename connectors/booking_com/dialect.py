"""In what Booking.com's OpenTravel differs from the standard."""

from typing import Final

from connectors.protocols.opentravel.dialect import STANDARD

# A card of theirs has a day from which it may be charged; a guest's own has none.
DIALECT: Final = STANDARD._replace(
    reservation_refs=("HotelReservationID",),
    message_ids=(),
    pms_refs=(),
    channel_refs=(),
    receipt="reservation",
    # Nothing in a message says which version of the booking it tells; the queue tells the newest one.
    versions=(),
    naive_zone="utc",
    room_refs=("@IndexNumber",),
    expire_date="exclusive",
    decimal_places="scales",
    rate_total="night",
    card_signs=("PaymentCard@EffectiveDate=*", "PaymentCard@VCCExpirationDate=*"),
    card_limits=("PaymentCard@CurrentBalance",),
    card_currencies=("PaymentCard@CurrencyCode",),
    card_expiries=("PaymentCard@VCCExpirationDate", "PaymentCard@ExpireDate"),
)
