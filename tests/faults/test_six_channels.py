"""Six channels sell at once through the services that `make up` runs: nothing is lost, nothing doubled, all are told."""

from pathlib import Path

from sqlalchemy import make_url

from benchmarks.channel_fair import SELLERS
from benchmarks.six_channels import run


def test_nothing_is_lost_or_doubled_and_every_other_channel_hears_the_new_count(
    clean_database: str, tmp_path: Path
) -> None:
    url = make_url(clean_database).set(drivername="postgresql").render_as_string(hide_password=False)

    found = run(url, tmp_path, seconds=9, rate=15, quiet_sales=1)

    assert set(found["channels"]) == {each.name for each in SELLERS}
    for name, told in found["channels"].items():
        assert (told["lost"], told["doubled"], told["money_off_minor"]) == (0, 0, 0), (name, told)
        assert told["bookings"] > 10
    assert {name: told["unsent"] for name, told in found["availability"].items()} == dict.fromkeys(found["channels"], 0)
    assert found["sale_to_other_channels"]["due"] == len(SELLERS) - 1
    assert found["sale_to_other_channels"]["told"] == found["sale_to_other_channels"]["due"]
    assert found["problems"] == {}
