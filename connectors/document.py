"""`docs/channels.md`: what every connector can, from its `Capabilities`. `python -m connectors.document` writes it."""

from pathlib import Path
from typing import Final

from connectors.ports import Connector
from connectors.registry import KINDS, connector

PATH: Final = Path(__file__).resolve().parent.parent / "docs" / "channels.md"
_UNITS: Final = {"d": 86_400, "h": 3_600, "min": 60}
_HEAD: Final = """# What every connector can

Generated from `CAPABILITIES` by `python -m connectors.document`; a test compares it. What each is verified against, and what
it cannot do, stands in its README.

| connector | bookings come | asked every | acknowledged within | versions | told of by us | rows a message |
|---|---|---|---|---|---|---|
"""


def document() -> str:
    """Write the table, one line a connector."""
    return _HEAD + "".join(_line(connector(kind)) for kind in KINDS)


def _line(one: Connector) -> str:
    can = one.capabilities
    seconds = can.acknowledge_seconds
    within = "–" if not can.acknowledges else f"{seconds // 60} min" if seconds else "no deadline stated"
    versions = ", ".join(sorted({each.replace("_", " ") for each in can.versions.values()})) or "order of arrival"
    cells = (
        f"[{one.kind}](../connectors/{one.kind}/README.md)",
        ", ".join(_roads(one)) or "–",
        _spelt(can.cadence_seconds),
        within,
        versions,
        ", ".join(sorted(can.pushes)) or "–",
        f"{can.push_cap:,}" if can.pushes else "–",
    )
    return f"| {' | '.join(cells)} |\n"


def _roads(one: Connector) -> list[str]:
    can = one.capabilities
    roads = ["queue"] if can.acknowledges else []
    if "reservations" in can.datasets:
        roads.append("pages by modification")
    if one.webhooks is not None:
        roads.append("webhook that hints" if can.hints_by_webhook else "webhook")
    return roads


def _spelt(seconds: int) -> str:
    for unit, length in _UNITS.items():
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")
