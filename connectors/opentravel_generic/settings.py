"""What an integration states of its partner: where to call, in which envelope, who we are, which messages, which dialect.

Everything is checked when the account is opened; a name that is none, and a value that cannot be meant, raise FixMapping.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVar

from connectors.errors import FixMapping
from connectors.opentravel_generic.partners import partner
from connectors.ports import HOUSE_SETTINGS
from connectors.protocols.opentravel.compose_ari import AvailStyle, RateStyle
from connectors.protocols.opentravel.dialect import STANDARD, Dialect, dialect_from

# Not every partner means a message by number 16: only one that says so names a message.
BASE: Final = STANDARD._replace(message_ids=("UniqueID[Type=16][ID_Context=MESSAGE_UNIQUE_ID]",))
SOAPS: Final = {"1.1": "1.1", "1.2": "1.2", "none": None}
AUTHS: Final = frozenset({"basic", "wsse_text", "wsse_digest", "api_key", "requestor", "none"})
READ, RES, GET = "OTA_ReadRQ", "OTA_HotelResRQ", "GET"
REPORT, TAKEN, NOTHING = "OTA_NotifReportRQ", "OTA_HotelResNotifRS", "none"
AVAIL, INVENTORY = "OTA_HotelAvailNotifRQ", "OTA_HotelInvCountNotifRQ"
RATES: Final = "OTA_HotelRateAmountNotifRQ"


class Party(NamedTuple):
    """Who we are in POS; without an `id` the username. `partner_id` names the software in a source of its own."""

    id: str | None = None
    type: str = "13"
    context: str | None = None
    company: str | None = None
    company_code: str | None = None
    channel_type: str | None = None
    partner_id: str | None = None
    partner_type: str = "2"


class Endpoint(NamedTuple):
    """One address: `soap` and `auth` where they differ from the partner's others, `action` for SOAPAction."""

    path: str = "/"
    action: str = ""
    soap: str | None = None
    auth: tuple[str, ...] | None = None


class Pull(NamedTuple):
    """How bookings are asked for: by delivery, or those changed in the last `hours`."""

    endpoint: Endpoint
    message: str = READ
    selection: str = "undelivered"
    status: str | None = None
    hours: int = 24
    names_hotel: bool = True


class Acknowledge(NamedTuple):
    """How they are confirmed: by the UniqueIDs they came with (`types`: of these types only), or by reservation ids.

    `our_ref_type` is ResID_Type of our number, `their_ref_type` of theirs; `at_once` how many a message may name.
    """

    endpoint: Endpoint
    message: str = REPORT
    names: str = "unique_ids"
    types: tuple[str, ...] = ()
    our_ref_type: str = "10"
    their_ref_type: str = "14"
    tells_our_ref: bool = True
    pos_inside: bool = False
    at_once: int = 100


class Push(NamedTuple):
    """How counts, restrictions or prices are sent; `cells` at most in a message."""

    endpoint: Endpoint
    message: str
    style: Any = None
    cells: int = 500


class Settings(NamedTuple):
    """One partner as an integration states it."""

    base_url: str
    soap: str | None
    auth: tuple[str, ...]
    version: str
    target: str | None
    language: str | None
    media_type: str
    api_key_header: str
    party: Party
    hotel: Mapping[str, str]
    dialect: Dialect
    warnings_refuse: bool
    pull: Pull | None
    acknowledge: Acknowledge | None
    counts: Push | None
    restrictions: Push | None
    rates: Push | None


_PLAIN: Final[Mapping[str, Any]] = {
    "soap": "1.1",
    "auth": "basic",
    "version": "1.0",
    "target": "Production",
    "language": "",
    "media_type": "text/xml; charset=utf-8",
    "api_key_header": "X-Api-Key",
    "warnings": "refuse",
}
_TABLES: Final = frozenset({"party", "hotel", "dialect", "pull", "acknowledge", "counts", "restrictions", "rates"})
_OTHERS: Final = frozenset(
    {"partner", "base_url", "naive_zone", "calls_per_second", "deadline_seconds", "note", "is_verified"}
)
_HOTEL: Final = frozenset({"name", "context", "chain_code", "brand_code"})


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Read an integration's settings over those of the partner they name."""
    told = merged(options)
    unknown = set(told) - set(_PLAIN) - _TABLES - _OTHERS - HOUSE_SETTINGS
    if unknown:
        _refuse(", ".join(sorted(unknown)), "is no setting")
    plain = {name: told.get(name, usual) for name, usual in _PLAIN.items()}
    for name, usual in _PLAIN.items():
        if name != "auth":
            _check_kind(name, plain[name], usual)
    _one_of("warnings", plain["warnings"], {"refuse", "ignore"})
    return Settings(
        base_url=str(told.get("base_url", "")),
        soap=_soap(plain["soap"]),
        auth=_auth(plain["auth"]),
        version=plain["version"],
        target=plain["target"] or None,
        language=plain["language"] or None,
        media_type=plain["media_type"],
        api_key_header=plain["api_key_header"],
        party=_filled(Party, "party", told.get("party", {})),
        hotel=_hotel(told.get("hotel", {})),
        dialect=dialect_of(told),
        warnings_refuse=plain["warnings"] == "refuse",
        pull=_pull(told.get("pull")),
        acknowledge=_acknowledge(told.get("acknowledge")),
        counts=_push("counts", told.get("counts"), AvailStyle, (AVAIL, INVENTORY)),
        restrictions=_push("restrictions", told.get("restrictions"), AvailStyle, (AVAIL,)),
        rates=_push("rates", told.get("rates"), RateStyle, (RATES,)),
    )


def dialect_of(options: Mapping[str, Any]) -> Dialect:
    """Give the dialect that settings state, over that of the partner they name."""
    return dialect_from(merged(options).get("dialect", {}), BASE)


def merged(options: Mapping[str, Any]) -> dict[str, Any]:
    """Lay settings over those of the partner they name, table by table; `false` takes a table away."""
    name = options.get("partner")
    told = dict(partner(name)) if name else {}
    for key, value in options.items():
        below = told.get(key)
        told[key] = {**below, **value} if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return {key: value for key, value in told.items() if not (key in _TABLES and value is False)}


def _pull(told: Any) -> Pull | None:
    if told is None:
        return None
    found = _filled(Pull, "pull", told)
    _one_of("pull.message", found.message, {READ, RES, GET})
    _one_of("pull.selection", found.selection, {"undelivered", "modified"})
    return found


def _acknowledge(told: Any) -> Acknowledge | None:
    if told is None:
        return None
    found = _filled(Acknowledge, "acknowledge", told)
    _one_of("acknowledge.message", found.message, {REPORT, TAKEN, NOTHING})
    _one_of("acknowledge.names", found.names, {"unique_ids", "reservation_ids"})
    return found._replace(types=tuple(map(str, found.types)))


def _push(name: str, told: Any, style: Any, messages: tuple[str, ...]) -> Push | None:
    if told is None:
        return None
    if not isinstance(told, Mapping):
        _refuse(name, "is a table")
    own = {key: value for key, value in told.items() if key in style._fields}
    rest = {key: value for key, value in told.items() if key not in style._fields and key != "style"}
    found = _filled(Push, name, {"message": messages[0], **rest})._replace(style=_filled(style, name, own))
    _one_of(f"{name}.message", found.message, set(messages))
    return found


T = TypeVar("T")


def _filled(kind: type[T], name: str, told: Any) -> T:
    """Make a part of the settings, its endpoint from the same table."""
    if not isinstance(told, Mapping):
        _refuse(name, "is a table")
    fields: Any = kind._fields  # type: ignore[attr-defined]
    values = dict(told)
    if "endpoint" in fields:
        own = {key: values.pop(key) for key in Endpoint._fields if key in values}
        values["endpoint"] = _endpoint(own)
    unknown = set(values) - set(fields)
    if unknown:
        _refuse(f"{name}.{min(unknown)}", "is no setting")
    usual: Mapping[str, Any] = kind._field_defaults  # type: ignore[attr-defined]
    for key, value in values.items():
        _check_kind(f"{name}.{key}", value, usual.get(key))
    return kind(**values)


def _check_kind(name: str, value: Any, usual: Any) -> None:
    """Refuse a value of another kind than the usual one; counts are above zero."""
    kinds = {bool: "true or false", int: "a number above zero", str: "a text", tuple: "a list"}
    kind: Any = type(usual)
    if kind not in kinds:
        return
    is_right = isinstance(value, list | tuple) if kind is tuple else type(value) is kind
    if not is_right or (kind is int and value < 1):
        _refuse(name, f"is {kinds[kind]}")


def _endpoint(told: dict[str, Any]) -> Endpoint:
    if "soap" in told:
        _one_of("soap", told["soap"], SOAPS)
    for name in ("path", "action"):
        _check_kind(name, told.get(name, ""), "")
    return Endpoint(**{**told, "auth": _auth(told["auth"]) if "auth" in told else None})


def _soap(word: Any) -> str | None:
    _one_of("soap", word, SOAPS)
    return SOAPS[word]


def _auth(told: Any) -> tuple[str, ...]:
    words = (told,) if isinstance(told, str) else tuple(told) if isinstance(told, list | tuple) else ()
    if not words:
        _refuse("auth", "is a word or a list of words")
    for word in words:
        _one_of("auth", word, AUTHS)
    return words


def _hotel(told: Any) -> Mapping[str, str]:
    if not isinstance(told, Mapping) or not set(told) <= _HOTEL:
        _refuse("hotel", f"is a table with {', '.join(sorted(_HOTEL))}")
    return {name: str(value) for name, value in told.items()}


def _one_of(name: str, word: Any, words: Any) -> None:
    if not isinstance(word, str) or word not in words:
        _refuse(name, f"is one of {', '.join(sorted(words))}")


def _refuse(name: str, problem: str) -> None:
    msg = f"setting {name}: {problem}"
    raise FixMapping(msg)
