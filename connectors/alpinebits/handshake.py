"""What both sides can: versions, actions and capabilities told by each, and what is left when they are laid together."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from connectors.errors import VendorChangedShape
from connectors.json_rows import NOT_JSON
from connectors.protocols.opentravel.compose_replies import Remark, pong
from connectors.protocols.opentravel.compose_requests import ping
from connectors.protocols.opentravel.compose_xml import Element, Head
from connectors.protocols.safe_xml import child, children, text, told

VERSIONS: Final = ("2024-10", "2022-10", "2020-10", "2018-10")
OLDEST: Final = "2018-10"
HEAD: Final = Head(version="1.000", target=None)

PING: Final = "OTA_Ping:Handshaking"
READ: Final = "OTA_Read:GuestRequests"
CONFIRM: Final = "OTA_NotifReport:GuestRequests"
GUEST_REQUESTS: Final = "OTA_HotelResNotif:GuestRequests"
COUNTS: Final = "OTA_HotelInvCountNotif:FreeRooms"
OLD_COUNTS: Final = "OTA_HotelAvailNotif:FreeRooms"
RATE_PLANS: Final = "OTA_HotelRatePlanNotif:RatePlans"
INVENTORY: Final = "OTA_HotelDescriptiveContentNotif:Inventory"
# An action as it is sent, and as a handshake names it.
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        PING: "action_OTA_Ping",
        READ: "action_OTA_Read",
        GUEST_REQUESTS: "action_OTA_HotelResNotif_GuestRequests",
        COUNTS: "action_OTA_HotelInvCountNotif",
        OLD_COUNTS: "action_OTA_HotelAvailNotif",
        RATE_PLANS: "action_OTA_HotelRatePlanNotif_RatePlans",
        INVENTORY: "action_OTA_HotelDescriptiveContentNotif_Inventory",
    }
)
DELTAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        COUNTS: "OTA_HotelInvCountNotif_accept_deltas",
        OLD_COUNTS: "OTA_HotelAvailNotif_accept_deltas",
        RATE_PLANS: "OTA_HotelRatePlanNotif_accept_overlay",
    }
)
_RULES: Final = (
    "OTA_HotelRatePlanNotif_accept_overlay",
    "OTA_HotelRatePlanNotif_accept_RatePlan_RoomType_BookingRule",
    "OTA_HotelRatePlanNotif_accept_ArrivalDOW",
    "OTA_HotelRatePlanNotif_accept_DepartureDOW",
)
_STATUS: Final = "ALPINEBITS_HANDSHAKE"


class Action(msgspec.Struct, omit_defaults=True):
    """One action with its capabilities."""

    action: str
    supports: list[str] = []


class Version(msgspec.Struct):
    """One version with its actions."""

    version: str
    actions: list[Action] = []


class Handshake(msgspec.Struct):
    """What a side can, as EchoData tells it."""

    versions: list[Version] = []


class Agreed(NamedTuple):
    """What both sides can in the version they chose. `actions` None: nobody asked, everything is tried."""

    version: str
    actions: Mapping[str, frozenset[str]] | None = None

    def can(self, action: str) -> bool:
        """Tell whether an action may be sent."""
        return self.actions is None or NAMES[action] in self.actions

    def takes_deltas(self, action: str) -> bool:
        """Tell whether an action may tell of some dates only."""
        return self.actions is None or DELTAS[action] in self.actions.get(NAMES[action], frozenset())


def ours() -> Handshake:
    """Say what we can."""
    return Handshake([Version(version, _actions(version)) for version in VERSIONS])


def asked(told_by_us: Handshake) -> Element:
    """Write OTA_PingRQ."""
    return ping(HEAD, _written(told_by_us))


def answered(request: Element) -> Element:
    """Answer OTA_PingRQ: what it said, and in a warning what of it we can as well."""
    said = text(child(request, "EchoData")) or ""
    common = intersection(_read(said), ours())
    return pong(HEAD, said, [Remark(_written(common), "11", status=_STATUS, has_short=False)])


def agreed(answer: Element) -> Agreed | None:
    """Read OTA_PingRS: the newest version both know, None where they have none in common."""
    warnings = child(answer, "Warnings")
    found = (
        [each for each in children(warnings, "Warning") if told(each, "Status") == _STATUS]
        if warnings is not None
        else []
    )
    if not found:
        msg = "the answer to the handshake does not say what both sides can"
        raise VendorChangedShape(msg)
    common = intersection(_read(text(found[0]) or ""), ours())
    if not common.versions:
        return None
    newest = max(common.versions, key=lambda each: each.version)
    return Agreed(newest.version, {each.action: frozenset(each.supports) for each in newest.actions})


def intersection(theirs: Handshake, own: Handshake) -> Handshake:
    """Lay two sides together: versions, actions and capabilities that both have, in our order."""
    by_version = {
        each.version: {action.action: set(action.supports) for action in each.actions} for each in theirs.versions
    }
    return Handshake(
        [
            Version(
                each.version,
                [
                    Action(action.action, [name for name in action.supports if name in known[action.action]])
                    for action in each.actions
                    if action.action in known
                ],
            )
            for each in own.versions
            if (known := by_version.get(each.version)) is not None
        ]
    )


def _actions(version: str) -> list[Action]:
    if version == OLDEST:
        counts = Action(NAMES[OLD_COUNTS], ["OTA_HotelAvailNotif_accept_categories", DELTAS[OLD_COUNTS]])
    else:
        counts = Action(NAMES[COUNTS], ["OTA_HotelInvCountNotif_accept_categories", DELTAS[COUNTS]])
    bare = [Action(NAMES[action]) for action in (PING, READ, GUEST_REQUESTS, INVENTORY)]
    return [*bare, counts, Action(NAMES[RATE_PLANS], list(_RULES))]


def _written(handshake: Handshake) -> str:
    return msgspec.json.encode(handshake).decode()


def _read(said: str) -> Handshake:
    try:
        return msgspec.json.decode(said, type=Handshake)
    except NOT_JSON as error:
        msg = "the handshake is not the agreed JSON"
        raise VendorChangedShape(msg) from error
