"""What is asked of the house through its own API: a booking that must be had whole, or not at all."""

from typing import Final

SOURCE: Final = "booking_engine"

# The types of message.
CREATE: Final = "ask.create"
MODIFY: Final = "ask.modify"
CANCEL: Final = "ask.cancel"
ASKS: Final = (CREATE, MODIFY, CANCEL)

# Why it was not to be had: stable codes.
SOLD_OUT: Final = "sold_out"
EXISTS_ALREADY: Final = "exists_already"
UNKNOWN_BOOKING: Final = "unknown_booking"
CANCELLED_ALREADY: Final = "cancelled_already"
STAY_BEGUN: Final = "stay_begun"
NOT_ACCEPTED: Final = "not_accepted"
