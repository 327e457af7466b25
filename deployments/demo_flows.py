"""The demo's main job, as flows against a running Prefect server; `deployments.demo` starts it."""

import argparse
import asyncio
import sys
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text

import settings
from connectors.errors import ConnectorError
from connectors.file_drop.export import load_export
from connectors.file_drop.fitting import the_fitting_export
from deployments.demo_house import CHANNEL, PMS, sandbox_world, set_up_export, set_up_sandbox, source_of_export
from flows.import_bookings import import_bookings
from flows.publish_daily_report import publish_daily_report
from flows.sync_guest_profiles import sync_guest_profiles
from flows.sync_reservations import sync_reservations
from flows.take_booking_snapshot import take_booking_snapshot
from hotel.loads import LoadSummary, ReportSummary
from operations.house import open_house
from sandbox.server.running import running
from sandbox.webhooks.delivery import Manner, Target, deliver
from sandbox.webhooks.messages import world_messages
from sandbox.webhooks.signing import SECRET, signer
from storage.migrate import upgrade
from tasks.tables import money_text

# A full summer Monday in the middle of the data of the two Portuguese hotels.
EXPORT_DATE: Final = date(2016, 8, 15)


def main() -> None:
    """Run the demo and print what it did, with figures and where the reports lie."""
    asked = _parser().parse_args()
    house = open_house()
    upgrade(house)
    if asked.input:
        try:
            _show_export(house, asked.input.resolve(), asked.mapping, asked.date or EXPORT_DATE)
        except ConnectorError as error:
            sys.exit(str(error))
    else:
        _show_sandbox(house, asked.gateway, asked.sandbox, asked.date)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.demo_flows")
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--sandbox", help="the address of one that runs already; without it one is served for the demo")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--mapping")
    parser.add_argument("--date", type=date.fromisoformat)
    return parser


def _show_export(house: Engine, path: Path, mapping: str | None, on: date) -> None:
    export = load_export(mapping) if mapping else the_fitting_export(path)
    _say(f"{path.name} fits the mapping {export.name}")
    property_ids = set_up_export(house, export.name, path)
    _tell_load(sync_reservations(source_of_export(export), "*", file=str(path)))
    _tell_stock(house)
    for property_id in property_ids:
        for day in (on - timedelta(days=1), on):
            take_booking_snapshot(property_id, day)
        _tell_report(publish_daily_report(property_id, on))


def _show_sandbox(house: Engine, gateway: str, address: str | None, on: date | None) -> None:
    world = sandbox_world()
    with ExitStack() as serving:
        address = address or serving.enter_context(running(world)).url
        property_ids = set_up_sandbox(house, world, address)
        for property_id in property_ids:
            _tell_load(sync_guest_profiles(PMS, property_id))
            _tell_load(sync_reservations(PMS, property_id))
    target = Target(f"{gateway}/webhooks/bookings/{CHANNEL}", signer("standard", SECRET))
    sent = asyncio.run(deliver(world_messages(world.view(), "channel"), target, Manner()))
    shift = import_bookings(idle_seconds=1)
    _say(f"webhooks: {sent.sent_count} sent, {sent.accepted_count} accepted, {shift.message_count} imported")
    _tell_stock(house)
    for property_id in property_ids:
        closed_on = on or date.fromisoformat(world.view().business_on(property_id)) - timedelta(days=1)
        for day in (closed_on - timedelta(days=1), closed_on):
            take_booking_snapshot(property_id, day)
        _tell_report(publish_daily_report(property_id, closed_on))


def _tell_load(load: LoadSummary) -> None:
    for part in load.properties:
        held = ", ".join(f"{code} {count}" for code, count in part.top_reasons.items()) or "nothing"
        _say(
            f"{load.source} {part.property_id} {load.dataset}: {part.read_count} read, {part.inserted_count} new, "
            f"{part.updated_count} changed, {part.unchanged_count} unchanged, {part.quarantined_count} quarantined ({held})"
        )
        if part.warnings:
            _say("  warned: " + ", ".join(f"{code} {count}" for code, count in sorted(part.warnings.items())))


def _tell_stock(house: Engine) -> None:
    query = text("""
        SELECT r.property_id, count(*) AS nights, sum(n.room_revenue_minor)::bigint AS revenue, n.currency
        FROM core.reservations r JOIN core.room_nights n USING (source, property_id, source_ref)
        WHERE r.is_of_record AND r.status = 'checked_out' GROUP BY r.property_id, n.currency ORDER BY r.property_id
    """)
    with house.connect() as connection:
        rows = connection.execute(query).all()
        stored = connection.execute(text("SELECT count(*) FROM core.reservations")).scalar()
        held = connection.execute(text("SELECT count(*) FROM ops.quarantine WHERE status = 'open'")).scalar()
    _say(f"core.reservations: {stored} rows; ops.quarantine: {held} open")
    for row in rows:
        amount = money_text({row.currency: row.revenue})
        _say(f"  {row.property_id}: {row.nights} checked-out room nights, {amount}")


def _tell_report(report: ReportSummary) -> None:
    _say(f"\n{report.property_id} {report.business_on} ({report.status}); withheld: {report.withheld}")
    for line in report.lines:
        _say(f"  {line.metric_id:<6} {line.name:<36} {line.today}")
    folder = settings.load().data_dir / "reports"
    for file in report.files:
        _say(f"  {file.format:<5} {folder / file.path}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
