"""`python -m sandbox serve | channels | send | replay`: a world over HTTP, channels, webhooks, real reservations as one's."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from sandbox.channels.hall import KINDS, Hall
from sandbox.channels.hall_page import PAGE, serve_hall
from sandbox.records import from_database, from_jsonl
from sandbox.server import State, serve
from sandbox.webhooks.delivery import Manner, Target, deliver
from sandbox.webhooks.messages import Message, world_messages
from sandbox.webhooks.replay import replayed
from sandbox.webhooks.signing import SECRET, signer
from sandbox.world import World, build

Json = dict[str, Any]
PORT: Final = 8090
CHANNELS_PORT: Final = 8091
HOTEL_REF: Final = "4711"
GATEWAY: Final = "http://127.0.0.1:8080"
CHANNEL: Final = "sandbox_channel"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; 0 where every message sent was taken."""
    asked = _parser().parse_args(arguments)
    if asked.command in _SERVING:
        _SERVING[asked.command](asked)
        return 0
    messages = _replayed(asked) if asked.command == "replay" else _sent(asked)
    target = Target(f"{asked.gateway.rstrip('/')}/webhooks/bookings/{asked.source}", signer(asked.scheme, asked.secret))
    report = asyncio.run(deliver(messages, target, _manner(asked)))
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(report._asdict()), indent=2).decode() + "\n")
    return 0 if report.accepted_count == report.sent_count else 1


def _serve(asked: argparse.Namespace) -> None:
    _say(f"the world of seed {asked.seed} on http://127.0.0.1:{asked.port}/sandbox")
    serve(State(_world(asked)), asked.port)


def _serve_channels(asked: argparse.Namespace) -> None:
    hall = Hall(asked.hotel_ref, asked.kind or KINDS, gateway=asked.gateway, seed=asked.seed)
    address = f"http://127.0.0.1:{asked.port}"
    _say(f"{', '.join(hall.stalls)} below {address}/, what they hold on {address}{PAGE}")
    serve_hall(hall, asked.port, asked.rate)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_SERVING: Final[dict[str, Callable[[argparse.Namespace], None]]] = {"serve": _serve, "channels": _serve_channels}


def _replayed(asked: argparse.Namespace) -> Iterable[Message]:
    return replayed(_rows(asked), is_history=asked.history)


def _rows(asked: argparse.Namespace) -> Iterator[Json]:
    for path in asked.from_jsonl:
        yield from from_jsonl(path)
    if asked.database_url:
        yield from from_database(
            asked.database_url, not_from=asked.source, property_ids=asked.property, limit=asked.limit
        )


def _sent(asked: argparse.Namespace) -> Iterable[Message]:
    return world_messages(_world(asked).view(), asked.side)


def _world(asked: argparse.Namespace) -> World:
    return build(asked.seed, size=asked.size, flawed_per_mille=asked.flawed_per_mille)


def _manner(asked: argparse.Namespace) -> Manner:
    return Manner(
        rate=asked.rate,
        concurrency=asked.concurrency,
        shuffle=asked.shuffle,
        is_twice=asked.twice,
        limit=asked.limit,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    serving = commands.add_parser("serve", help="serve the world by the hotel_rest contract until stopped")
    serving.add_argument("--port", type=int, default=PORT)
    _ask_for_world(serving)

    _ask_for_channels(commands.add_parser("channels", help="serve channels to connect to until stopped"))

    sending = commands.add_parser("send", help="send the world's booking events, by default one, as signed webhooks")
    sending.add_argument("--side", choices=("pms", "channel"), default="channel")
    _ask_for_world(sending)
    _ask_for_delivery(sending, limit=1)

    replaying = commands.add_parser("replay", help="send reservations that are there already as a channel's webhooks")
    replaying.add_argument("--database-url", help="read core.reservations there")
    replaying.add_argument("--property", action="append", help="only of this house; may be repeated")
    replaying.add_argument("--from-jsonl", type=Path, action="append", default=[], help="contract-shaped, one a line")
    replaying.add_argument("--history", action="store_true", help="a cancelled booking as booked, then cancelled")
    _ask_for_delivery(replaying, limit=None)
    return parser


def _ask_for_channels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=CHANNELS_PORT)
    parser.add_argument("--kind", action="append", choices=KINDS, help="only this kind; may be repeated (all)")
    parser.add_argument("--hotel-ref", default=HOTEL_REF, help="how all of them name the hotel (4711)")
    parser.add_argument(
        "--gateway", help="post what is sold to its /webhooks/bookings/<kind>; without it nothing is posted"
    )
    parser.add_argument(
        "--rate", type=float, help="bookings a second, sold by one kind after the other; without it none"
    )
    parser.add_argument("--seed", type=int, default=1, help="another one draws other bookings, under other numbers")


def _ask_for_world(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=400, help="bookings per house")
    parser.add_argument("--flawed-per-mille", type=int, default=0, help="bookings told wrong, of a thousand")


def _ask_for_delivery(parser: argparse.ArgumentParser, limit: int | None) -> None:
    parser.add_argument("--gateway", default=GATEWAY)
    parser.add_argument("--source", default=CHANNEL)
    parser.add_argument("--scheme", choices=("standard", "hmac", "bearer"), default="standard")
    parser.add_argument("--secret", default=SECRET)
    parser.add_argument("--rate", type=float, help="messages a second; without it as fast as answers come")
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--limit", type=int, default=limit)
    parser.add_argument("--shuffle", type=int, nargs="?", const=1, help="seed of another order (1)")
    parser.add_argument("--twice", action="store_true", help="send every message two times")


if __name__ == "__main__":
    sys.exit(main())
