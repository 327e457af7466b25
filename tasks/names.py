"""Run names: source, property and window, so that the list of runs answers the first question by itself."""

from typing import Final

from prefect.runtime import flow_run

from tasks.parameters import MessageChoice, QuarantineChoice, Window

DATASETS: Final = {"sync-guest-profiles": "guests", "sync-reservations": "reservations"}


def load_run_name() -> str:
    """Name a load run: `sandbox_pms harbour-lisbon guests since watermark`."""
    given = flow_run.parameters
    return " ".join((given["source"], given["property_id"], DATASETS[str(flow_run.flow_name)], _window(given)))


def property_day_run_name() -> str:
    """Name a run about one property's date: `city-hotel 2016-08-15`, or the date as of `2026-11-20 03:15Z`."""
    given = flow_run.parameters
    date = given.get("business_on") or f"as of {flow_run.scheduled_start_time:%Y-%m-%d %H:%MZ}"
    return f"{given['property_id']} {date}"


def shift_run_name() -> str:
    """Name a shift by its scheduled minute: `bookings 2026-11-20 03:14`."""
    return f"bookings {flow_run.scheduled_start_time:%Y-%m-%d %H:%M}"


def pull_run_name() -> str:
    """Name a stretch of pulling by whom it asks and its scheduled minute: `pulls expedia * 2026-11-20 03:14`."""
    given = flow_run.parameters
    asked = f"{given['source']} {given['property_id']}" if given.get("source") else f"all {given['property_id']}"
    return f"pulls {asked} {flow_run.scheduled_start_time:%Y-%m-%d %H:%M}"


def push_run_name() -> str:
    """Name a stretch of telling by who is told what: `push all city-hotel from scratch 2026-11-20 03:30`."""
    given = flow_run.parameters
    channel = "all" if given["channel"] == "*" else given["channel"]
    what = "from scratch" if given["is_full"] else "what waits"
    return f"push {channel} {given['property_id']} {what} {flow_run.scheduled_start_time:%Y-%m-%d %H:%M}"


def replay_run_name() -> str:
    """Name a replay by what was chosen: `replay no_guests sandbox_pms`, or `release 3 rows`."""
    given = flow_run.parameters
    choice = QuarantineChoice.model_validate(given["choice"])
    verb = "release" if given.get("release") else "replay"
    rows = f"{len(choice.ids)} rows" if choice.ids else None
    told = [str(each) for each in (rows, choice.reason, choice.source, choice.property_id) if each]
    return " ".join((verb, *(told or ["all open rows"])))


def message_replay_run_name() -> str:
    """Name a replay of messages by what was chosen: `replay messages unmapped expedia`."""
    choice = MessageChoice.model_validate(flow_run.parameters["choice"])
    count = f"{len(choice.ids)} of them" if choice.ids else None
    told = [str(each) for each in (count, choice.reason, choice.source, choice.property_id) if each]
    return " ".join(("replay messages", *(told or ["all that are stuck"])))


def resync_run_name() -> str:
    """Name a resync: `resync expedia harbour-lisbon 2026-11-19T00:00Z..2026-11-20T00:00Z`, or of `the last day`."""
    given = flow_run.parameters
    window = _window(given) if given.get("window") else "the last day"
    return " ".join(("resync", given["source"], given["property_id"], window))


def _window(given: dict[str, object]) -> str:
    window, file = given.get("window"), given.get("file")
    if isinstance(file, str):
        return file.replace("\\", "/").rsplit("/", 1)[-1]
    if isinstance(window, dict):
        window = Window.model_validate(window)
    if isinstance(window, Window):
        return f"{window.since:%Y-%m-%dT%H:%MZ}..{window.until:%Y-%m-%dT%H:%MZ}"
    return "since watermark"
