"""Make, list and take back keys of our own API: `python -m gateway.api_keys create --property city-hotel`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from hotel.asked import SOURCE
from operations.house import open_house
from storage.api_keys import SCOPES, ApiKey, create_key, list_keys, revoke_key
from storage.codebooks import properties
from storage.integrations import Integration, integration, save_integration
from storage.sealing import house_keys

USUAL_DAYS: Final = 365


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked; 0 where it was done."""
    given = _parser().parse_args(arguments)
    answer: int = given.run(open_house(), given)
    return answer


def _create(house: Engine, given: argparse.Namespace) -> int:
    with house.begin() as connection:
        if given.property not in properties(connection):
            return _complain(f"there is no property {given.property!r}: {', '.join(properties(connection)) or 'none'}")
        _connect_engine(connection, given.property)
        expires_at = datetime.now(UTC) + timedelta(days=given.days) if given.days else None
        key_id, key = create_key(
            connection, house_keys(), given.property, given.scope or SCOPES, expires_at=expires_at,
            description=given.description,
        )  # fmt: skip
    until = f"until {expires_at:%Y-%m-%d}" if expires_at else "until it is taken back"
    sys.stderr.write(f"key {key_id} of {given.property}, good {until}. It is shown this once:\n")
    sys.stdout.write(f"{key}\n")
    return 0


def _list(house: Engine, given: argparse.Namespace) -> int:
    with house.connect() as connection:
        for each in list_keys(connection, given.property):
            sys.stdout.write(f"{_line(each)}\n")
    return 0


def _revoke(house: Engine, given: argparse.Namespace) -> int:
    with house.begin() as connection:
        is_done = revoke_key(connection, given.key)
    return 0 if is_done else _complain(f"there is no active key {given.key}")


def _connect_engine(connection: Connection, property_id: str) -> None:
    """See to it that what the key writes is read: by the booking engine's connector."""
    if integration(connection, SOURCE, property_id=property_id) is None:
        settings = {"as_is": ["channel"]}
        told = Integration(SOURCE, property_id, "booking_engine", account=property_id, settings=settings)
        save_integration(connection, told)


def _line(key: ApiKey) -> str:
    state = "good" if key.is_good(datetime.now(UTC)) else "expired" if key.is_active else "taken back"
    used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
    until = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "no end"
    parts = (key.key_id, key.property_id, " ".join(key.scopes), state, until, used, key.description or "")
    return "  ".join(map(str, parts)).rstrip()


def _complain(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway.api_keys", description=__doc__)
    commands = parser.add_subparsers(required=True)
    create = commands.add_parser("create", help="make a key and print it, once")
    create.add_argument("--property", required=True, help="the hotel it is for")
    create.add_argument("--scope", action="append", choices=SCOPES, help="may be repeated; all where left out")
    create.add_argument("--days", type=int, default=USUAL_DAYS, help=f"how long it is good; 0: for ever ({USUAL_DAYS})")
    create.add_argument("--description", help="who uses it")
    create.set_defaults(run=_create)
    listing = commands.add_parser("list", help="list keys; never the keys themselves")
    listing.add_argument("--property", help="of one hotel only")
    listing.set_defaults(run=_list)
    revoke = commands.add_parser("revoke", help="take a key back; it ends within seconds")
    revoke.add_argument("key", type=int, help="its number, as listed")
    revoke.set_defaults(run=_revoke)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
