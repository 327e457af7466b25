"""Guests into rooms: those a RoomStay names, each once, and its counts as they are meant."""

from collections.abc import Sequence
from typing import Any

from connectors.protocols.opentravel.offers import Offer
from connectors.protocols.opentravel.party import Counts, Person, counts_of, counts_of_persons, rphs_of
from connectors.protocols.opentravel.scene import Scene
from connectors.protocols.opentravel.values import clock, flag
from connectors.protocols.safe_xml import child, told
from hotel.money import split_evenly
from hotel.reservations import Room

Element = Any  # lxml has no types of its own


def populated(scene: Scene, room_stay: Element, offers: Sequence[Offer], rooms: Sequence[Room]) -> list[Room]:
    """Put the guests of a RoomStay into its rooms."""
    rphs = rphs_of(room_stay)
    inside = [person for person in scene.persons if person.rph in rphs]
    if not rphs and scene.room_stay_count == 1:
        inside = list(scene.persons)
    counts = _counts(scene, room_stay, offers, inside)
    known = sorted((person for person in inside if person.customer is not None), key=lambda each: not each.is_primary)
    occupants = [known[n] if n < len(known) else None for n in range(len(rooms))]
    return [_with_guests(room, count, occupant) for room, count, occupant in zip(rooms, counts, occupants, strict=True)]


def _with_guests(room: Room, told_count: Counts | None, occupant: Person | None) -> Room:
    if occupant is not None:
        room = room._replace(occupant_guest_ref=occupant.ref, arrival_time=clock(told(occupant.element, "ArrivalTime")))
    if told_count is None:
        return room
    adults, children, infants, ages, _ = told_count
    nights = tuple(
        night._replace(
            adult_count=adults if night.adult_count is None else night.adult_count,
            child_count=children if night.child_count is None else night.child_count,
        )
        for night in room.nights
    )
    return room._replace(
        nights=nights, adult_count=adults, child_count=children, infant_count=infants, child_ages=ages or None
    )


def _counts(
    scene: Scene, room_stay: Element, offers: Sequence[Offer], inside: Sequence[Person]
) -> Sequence[Counts | None]:
    holder = child(room_stay, "GuestCounts")
    own = [counts_of(child(_first(offer.lane.room_rates), "GuestCounts"), scene.dialect) for offer in offers]
    whole = counts_of(holder, scene.dialect) or counts_of_persons(inside, scene.dialect)
    for each in (*own, whole):
        if each and each.is_age_code_unknown:
            scene.reading.warn("age_code_unknown")
    if all(own) or whole is None:
        return own
    is_each = (
        flag(told(holder, "IsPerRoom")) if scene.dialect.guests_per_room is None else scene.dialect.guests_per_room
    )
    if len(offers) == 1 or is_each:
        return [whole] * len(offers)
    scene.reading.warn("guests_spread")
    parts = [split_evenly(each, len(offers)) for each in whole[:3]]
    return [Counts(adults, children, infants, None) for adults, children, infants in zip(*parts, strict=True)]


def _first(found: Sequence[Element]) -> Element | None:
    return found[0] if found else None
