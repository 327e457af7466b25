"""Who else loads guests: dlt, as its documentation shows it."""

import logging
from collections.abc import Callable
from typing import Any

import dlt
from dlt.destinations import postgres

from benchmarks.guest_cases import Case
from benchmarks.guest_contenders import KEY
from benchmarks.server import Server


class Dlt:
    """A dlt pipeline with write disposition merge, strategy upsert, from dicts or from an Arrow table."""

    def __init__(self, server: Server, count: int, *, from_arrow: bool) -> None:
        self._database = "dlt_arrow" if from_arrow else "dlt_records"
        self._server, self.url = server, server.address(self._database)
        self._count, self._from_arrow = count, from_arrow
        self._round = 0
        dlt.config["runtime.dlthub_telemetry"] = False

    def begin(self) -> None:
        """Begin with an empty database and a pipeline without memory."""
        self._server.fresh(self._database)
        self._round += 1
        folder = self._server.folder / f"{self._database}_{self._round}"
        self._pipeline = dlt.pipeline(
            self._database, str(folder), destination=postgres(credentials=self.url), dataset_name="bench"
        )

    def prepare(self, case: Case) -> Callable[[], None]:
        """Make the records."""
        told = case.rows.slice(0, self._count) if self._from_arrow else case.records(self._count)
        return lambda: self._load(told)

    def _load(self, told: Any) -> None:
        resource = dlt.resource(
            [told] if self._from_arrow else told,
            name="guests",
            primary_key=KEY.split(", "),
            columns={"merged_into_ref": {"data_type": "text"}},  # nobody has one, so there is nothing to infer it from
            write_disposition={"disposition": "merge", "strategy": "upsert"},
        )
        logging.getLogger("dlt").setLevel(logging.ERROR)  # dlt sets it itself when a pipeline is made
        self._pipeline.run(resource).raise_on_failed_jobs()
