"""The JSON report and what two versions say differently."""

import json
from datetime import timedelta

from hotel.figures import Change
from reports.json_report import changes_between, render_json
from tests.reports.samples import STAYS, report


def read(**kwargs: object) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(render_json(report(**kwargs)))  # type: ignore[arg-type]
    return loaded


def test_money_is_text_in_major_units_and_the_unknown_is_null_with_a_note() -> None:
    figures = read()["figures"]
    assert isinstance(figures, dict)
    assert figures["room_revenue"]["day"] == {"value": "173.44"}
    assert figures["occupied_rooms"]["day"] == {"value": 3}
    assert figures["occupancy_paid"]["day"] == {"value": "0.286"}
    assert figures["no_show_revenue"]["day"] == {"value": None, "note": "no charges loaded"}
    assert figures["in_house"]["month to date"] == {"value": None}


def test_every_part_of_the_report_is_in_it() -> None:
    document = read()
    assert document["status"] == "final v1"
    assert document["withheld"]["all"]["amounts"] == {"EUR": "-63.80"}  # type: ignore[index]
    assert document["pick_up"]["unexplained"] == {"room_nights": 0, "revenue": "0.50"}  # type: ignore[index]
    assert len(document["nights"]) == 31  # type: ignore[arg-type]
    assert set(document["splits"]) == {"market_segment_code", "channel_code", "room_type_code"}  # type: ignore[call-overload]


def test_what_changed_before_does_not_change_the_bytes_of_a_version() -> None:
    assert render_json(report(version=2)) == render_json(report(version=2, changes=(Change("a", "b", "c"),)))


def test_equal_figures_of_two_versions_have_no_changes() -> None:
    assert changes_between(render_json(report(version=1)), render_json(report(version=2))) == ()


def test_a_late_stay_is_listed_figure_by_figure() -> None:
    later = (*STAYS, STAYS[4]._replace(arrives=0, segment="group"))
    changes = {
        change.place: change[1:]
        for change in changes_between(render_json(report()), render_json(report(version=2, stays=later)))
    }
    assert changes["figures / occupied_rooms / day"] == ("3", "4")
    assert changes["figures / room_revenue / day"] == ("173.44", "273.44")
    assert changes["splits / market_segment_code / group / rooms"] == ("n/a", "1")
    assert not [place for place in changes if place.endswith("last year")]


def test_a_line_that_vanished_is_listed_too() -> None:
    changes = changes_between(render_json(report()), render_json(report(stays=STAYS[4:])))
    assert ("splits / channel_code / @SUM(1) / rooms", "1", "n/a") in [tuple(change) for change in changes]


def test_without_a_snapshot_the_reason_stands_in_its_place() -> None:
    made = report()
    bare = made._replace(figures=made.figures._replace(pick_up=None, pick_up_note="no snapshot yet"))
    assert json.loads(render_json(bare))["pick_up"] == {"note": "no snapshot yet"}


def test_nights_of_last_year_that_are_not_loaded_are_null() -> None:
    made = report()
    night = made.figures.nights[-1]._replace(last_year_room_count=None, last_year_revenue_minor=None)
    bare = made._replace(figures=made.figures._replace(nights=(night,)))
    (shown,) = json.loads(render_json(bare))["nights"].values()
    assert (shown["rooms_last_year"], shown["revenue_last_year"]) == (None, None)
    assert night.stay_on - timedelta(days=0) == made.figures.business_on
