"""What becomes of every file of the public corpus: a table for the documentation. Run as a module, it writes it.

Partners of the corpus differ by configuration alone: `DIALECTS` is all that is known of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from connectors.errors import ConnectorError, VendorChangedShape
from connectors.ports import MappingPlace
from connectors.protocols.opentravel.ari import ari
from connectors.protocols.opentravel.dialect import STANDARD, Dialect, dialect_from
from connectors.protocols.opentravel.outcomes import outcome
from connectors.protocols.opentravel.reading import map_reservations
from connectors.protocols.opentravel.requests import asked, offered, search
from connectors.protocols.safe_xml import local, parse
from connectors.protocols.soap import unwrap
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.reservations import Reservation
from tests.contract.suites import BOOK, PLACE

ROOT: Final = Path(__file__).resolve().parents[2]
CORPUS: Final = ROOT.parent / "shared" / "corpus" / "ota_xml"
TABLE: Final = ROOT / "docs" / "opentravel-corpus.md"

_TRAVELGATE: Final = {
    "reservation_refs": [
        "HotelReservationID[ResID_SourceContext=Client]",
        "HotelReservationID[ResID_SourceContext=Provider]",
    ],
    "pms_refs": ["HotelReservationID[ResID_SourceContext=Provider]"],
    "channel_refs": ["HotelReservationID[ResID_SourceContext=Client]"],
    "unit_counts": [],
    "expire_date": "exclusive",
    "collects": {"MerchantPayment": "channel", "DirectPayment": "property"},
}
# Folder of the corpus -> what its messages depart from the standard in.
DIALECTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "alpinebits_odh": {
        "reservation_refs": ["UniqueID[Type=14]"],
        "cancel_refs": ["UniqueID[Type=15]"],
        "channel_refs": ["UniqueID[Type=14]"],
        "channels": ["HotelReservationID[ResID_Type=13]@ResID_Source"],
        "receipt": "reservation",
    },
    "concur_docs": {"expire_date": "exclusive"},
    "samples_opentravel_2011B": {
        "reservation_refs": [
            *STANDARD.reservation_refs,
            *(f"HotelReservationID[ResID_Type={kind}]" for kind in ("40", "10", "8")),
        ],
        "expire_date": "exclusive",
    },
    "transcribed_vendor_pages": {"expire_date": "inclusive"},
    "travelgatex_docs": _TRAVELGATE,
    "xmltravelgate_docs": _TRAVELGATE,
}


class AnyHotel(dict[str, str]):
    """Every hotel of the corpus is the house of the tests."""

    def get(self, key: str, default: Any = None) -> Any:
        return default if key is None else "city-hotel"


CORPUS_BOOK: Final = Codebook("corpus", BOOK.properties, AnyHotel(), {}, BOOK.as_is)

Reader = Callable[[bytes], str]


def _expedia(_: bytes) -> str:
    return "expedia: see connector"


# Root element -> who reads what is no OpenTravel message.
READERS: Final[dict[str, Reader]] = dict.fromkeys(
    (
        "AvailRateUpdateRQ", "AvailRateUpdateRS", "BookingConfirmRQ", "BookingConfirmRS", "BookingRetrievalRQ",
        "BookingRetrievalRS", "ProductAvailRateRetrievalRQ", "ProductAvailRateRetrievalRS",
    ),
    _expedia,
)  # fmt: skip


def files() -> list[Path]:
    """List all files of the corpus, in the order of their paths."""
    return sorted((path for path in CORPUS.rglob("*") if path.is_file()), key=lambda path: path.as_posix())


def dialect_of(path: Path) -> Dialect:
    """Give the dialect of the folder that a file of the corpus lies in."""
    return dialect_from(DIALECTS.get(path.relative_to(CORPUS).parts[0], {}))


def rows_of(path: Path, place: MappingPlace = PLACE) -> list[Incoming | Refused]:
    """Map a file of the corpus in its dialect."""
    return list(map_reservations(path.read_bytes(), CORPUS_BOOK, place, dialect_of(path)))


def row_of(path: Path) -> tuple[str, str]:
    """Give the root message of a file, and what becomes of it."""
    if path.suffix != ".xml":
        return "–", {".xsd": "schema", ".wsdl": "service description", ".xlsm": "code list"}.get(
            path.suffix, "no message"
        )
    body = path.read_bytes()
    try:
        parse(body)
    except VendorChangedShape as error:
        return "–", "not well-formed" if error.code == VendorChangedShape.code else error.code
    try:
        root = local(unwrap(body).payload)
    except ConnectorError as error:
        return local(parse(body)), f"no message in the envelope ({error.code})"
    return root, _outcome(path, root, body)


def _outcome(path: Path, root: str, body: bytes) -> str:
    if root in READERS:
        return READERS[root](body)
    try:
        rows = rows_of(path)
    except VendorChangedShape:
        return ": ".join(("no reservation message", *_other(path, root, body)))
    return "; ".join(_read(rows)) or ": ".join(("no reservation in it", *_answer(body)))


def _read(rows: list[Incoming | Refused]) -> Iterator[str]:
    bookings = [row for row in rows if isinstance(row, Incoming) and isinstance(row.row, Reservation)]
    written = [row.row for row in bookings if row.action != CANCEL and isinstance(row.row, Reservation)]
    guests = sum(isinstance(row.row, Guest) for row in rows if isinstance(row, Incoming))
    if written:
        rooms = sum(len(row.rooms) for row in written)
        nights = sum(len(room.nights) for row in written for room in row.rooms)
        yield f"{len(written)} read: {rooms} rooms, {nights} nights, {guests} guests"
    if len(bookings) > len(written):
        yield f"{len(bookings) - len(written)} read as cancelled"
    reasons = Counter(reason.code for row in rows if isinstance(row, Refused) for reason in row.reasons)
    for code, count in sorted(reasons.items()):
        yield f"{count} refused: `{code}`"


def _other(path: Path, root: str, body: bytes) -> Iterator[str]:
    """Say what else was read from a message without reservations."""
    if root.endswith("HotelAvailRQ"):
        yield "a search for a hotel" if search(body).hotel_ref else "a search"
    elif root.endswith("HotelAvailRS"):
        yield f"{len(offered(body, dialect=dialect_of(path)))} offers"
    elif root.endswith("ReadRQ"):
        yield from _questions(body)
    else:
        yield from _told(body) if _is_ari(body) else _answer(body)


def _questions(body: bytes) -> Iterator[str]:
    try:
        yield f"{len(asked(body))} asked for"
    except VendorChangedShape:
        yield "asks for no hotel booking"


def _is_ari(body: bytes) -> bool:
    try:
        return bool(ari(body, currency="EUR").kind)
    except VendorChangedShape:
        return False


def _told(body: bytes) -> Iterator[str]:
    found = ari(body, currency="EUR")
    counted = {"counts": found.counts, "restrictions": found.restrictions, "prices": found.prices}
    parts = [f"{len(rows)} {name}" for name, rows in counted.items() if rows]
    reasons = Counter(problem.reason.code for problem in found.problems)
    parts += [f"{count} not read: `{code}`" for code, count in sorted(reasons.items())]
    yield ", ".join(parts) or "nothing told"


def _answer(body: bytes) -> Iterator[str]:
    found = outcome(body)
    if found.is_success:
        yield "success" + (f" with {len(found.warnings)} warnings" if found.warnings else "")
    elif found.errors:
        yield "errors " + ", ".join(sorted({f"{error.type or '-'}/{error.code or '-'}" for error in found.errors}))


def table() -> str:
    """Write the whole document."""
    rows = [(path.relative_to(CORPUS).as_posix(), *row_of(path)) for path in files()]
    sums = Counter(_kind(outcome) for _, _, outcome in rows)
    lines = [
        "# What becomes of the public OpenTravel corpus",
        "",
        "Generated by `python -m tests.contract.opentravel_corpus`; a test compares it with a fresh run. Each file is read in",
        "the dialect of its folder (`DIALECTS` in that module), all codes taken as they are. A reservation is read, or",
        "refused with the codes that stand here.",
        "",
        "| outcome | files |",
        "|---|---|",
        *(f"| {kind} | {count} |" for kind, count in sorted(sums.items())),
        "",
        "| file | message | outcome |",
        "|---|---|---|",
        *(f"| {file} | {root} | {outcome} |" for file, root, outcome in rows),
    ]
    return "\n".join(lines) + "\n"


def _kind(outcome: str) -> str:
    if " read" in outcome and "refused" in outcome:
        return "read in part"
    if " read" in outcome and "not read" not in outcome:
        return "read"
    return "refused" if "refused: " in outcome else outcome.partition(":")[0].partition(" (")[0]


if __name__ == "__main__":
    TABLE.write_text(table())
