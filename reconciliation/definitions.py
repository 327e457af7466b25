"""What each figure means, in the words the house has agreed on (K-01…K-16, K-24). The only place they are written."""

from typing import Final, NamedTuple


class Definition(NamedTuple):
    """One agreed definition."""

    metric_id: str
    title: str
    wording: str


DEFINITIONS: Final = (
    Definition(
        "K-01",
        "Occupied rooms and rooms sold",
        "**Occupied rooms** = room nights with `use` in (sold, complimentary, house_use) of reservations of record "
        "whose status is in_house or checked_out (and confirmed for dates not yet closed). **Rooms sold** = occupied "
        "− complimentary − house use. Whether a night at a zero price is sold or complimentary is the property's "
        "`zero_price_use`.",
    ),
    Definition(
        "K-02",
        "Room revenue",
        "**Room revenue** = Σ `room_revenue_minor` (price without included tax and without the package share, before "
        "OTA commission, after allowances once postings are loaded). Where a source does not say whether tax is "
        "included, revenue is the stated price and the report carries `tax basis: unknown`. Before night audit it is "
        "*expected* revenue from reservations; once postings for the date are final it is *posted* revenue, and both "
        "are shown with their difference.",
    ),
    Definition(
        "K-03",
        "Planned nights",
        "A stay's nights are the planned ones. Stays that ended before their planned departure load with the warning "
        "`left_early` and count with their planned nights.",
    ),
    Definition(
        "K-04",
        "Rooms available, occupancy, RevPAR",
        "**Rooms available** (basis `usali`, default) = physical rooms − rooms closed ≥ 6 months − seasonal closure − "
        "permanent house use; short-term out-of-order rooms **stay in**. Basis `net_of_ooo` = the same − out of "
        "order. Out-of-service rooms always stay in. Occupancy = rooms sold / rooms available; **paid** occupancy by "
        "default, total occupancy (occupied / available) beside it. RevPAR = room revenue / rooms available = "
        "occupancy × ADR on unrounded values. Without inventory for the date: `n/a`, never 0 and never an estimate.",
    ),
    Definition(
        "K-05",
        "ADR",
        "ADR = room revenue of sold nights / rooms sold; day use, no-show and cancellation revenue are in neither. "
        "Zero rooms sold: `n/a`. Rounded half-even once, at display.",
    ),
    Definition(
        "K-06",
        "Day use",
        "Reservations with arrival = departure load with the warning `no_nights`. Day use adds no room night and "
        "nothing to rooms sold or occupancy; its revenue is its own line inside room revenue, its rooms are counted "
        "as *day-use rooms*; arrivals, departures and in house exclude it.",
    ),
    Definition(
        "K-07",
        "No-shows",
        "**No-shows** of a business date = reservations of record with status no_show and `no_show_on` = that date "
        "(source gives none: arrival date). Their nights are never sold or available-reducing. Revenue: only what was "
        "charged (posting or `no_show_fee_minor`), shown as `no-show revenue` inside rooms revenue but outside ADR; "
        "the stay's value is `no-show value lost`.",
    ),
    Definition(
        "K-08",
        "Cancellations",
        "Two figures, named: **cancelled today** (`cancelled_on` = business date, whatever the arrival) and "
        "**cancelled arrivals** (arrival = business date, cancelled at any time before). Cancellation rate = "
        "cancelled / booked **by arrival date**. Reinstated bookings leave both.",
    ),
    Definition(
        "K-09",
        "Cancellation and deposit revenue",
        "Cancellation fees and forfeited deposits are miscellaneous income (USALI), never rooms revenue, recognised "
        "on the business date of the cancellation or forfeiture. The value of cancelled non-refundable bookings is "
        "reported as `exposure`, not revenue.",
    ),
    Definition(
        "K-10",
        "Arrivals, departures, in house",
        "In house = occupied rooms at close of the business date: in house(d) = in house(d−1) + arrivals − "
        "departures, asserted when the previous day is loaded. Persons likewise; unknown children count 0 and are "
        "flagged.",
    ),
    Definition(
        "K-11",
        "Room type, segment, channel",
        "Revenue by room type = **booked (charged)** type; housekeeping counts by assigned type. Segment, channel: of "
        "the night if given, else of the reservation. Unmapped values are a line `unmapped`; each split's sum equals "
        "the total.",
    ),
    Definition(
        "K-12",
        "Pick-up",
        "Pick-up(stay date; s1→s2) = on the books at s2 − at s1, in rooms and revenue; split new / cancelled / "
        "modified from `reservation_changes`; the sum of the split equals the difference. s1 = the **latest "
        "existing** snapshot before s2, its date printed. No earlier snapshot: `no snapshot yet`. On the books = "
        "confirmed + in house + (for stay dates before s2) checked out; tentative and undelivered block rooms are "
        "separate columns; cancelled, no-show and wait list never. Re-running a date with unchanged data writes "
        "nothing; with changed data it writes version n+1, earlier versions stay.",
    ),
    Definition(
        "K-13",
        "Last year",
        "STLY = stay date − 364 days at snapshot − 364 days; for month figures calendar month vs calendar month; "
        "both labelled.",
    ),
    Definition(
        "K-14",
        "Several currencies",
        "Reports are per property in its currency. Group totals convert each day's amounts at that day's reference "
        "rate (source and date printed), then add; without a rate for a currency no group total is shown.",
    ),
    Definition(
        "K-16",
        "Withheld by quarantine",
        "The report for any date states rows, room nights and revenue withheld by quarantine. An operator can "
        "release a row with a reason.",
    ),
    Definition(
        "K-24",
        "Preliminary and final",
        "For properties without a business date from a PMS the date closes at `day_rolls_at` local time and the "
        "report is marked `clock`. A report before the close is `preliminary`; the first after it is `final v1`; "
        "later data makes `final v2` with a list of changed figures.",
    ),
)
