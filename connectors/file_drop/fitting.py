"""Which mapping a file fits: by its header and the dates of its first rows. One must fit, none is chosen for you."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from connectors.errors import FixMapping
from connectors.file_drop.export import EXPORTS, export_names, load_export
from connectors.file_drop.plan import check_header
from connectors.file_drop.received import Received, drop_files, receive
from connectors.file_drop.rules import Export
from connectors.file_drop.tables import open_table
from connectors.file_drop.values import Reader, Unreadable

FIRST_ROWS: Final = 1_000


def check_fit(export: Export, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Refuse a file whose header lacks columns, or a date column most of whose first rows do not read as stated."""
    check_header(export, header)
    reader = Reader(export.file, export.name)
    for column, stated in export.date_formats().items():
        at = list(header).index(column)
        shapes: list[str] = []
        read_count = 0
        for text in (row[at] for row in rows if len(row) == len(header)):
            try:
                read_count += reader.day(column, text, stated) is not None
            except Unreadable as unreadable:
                shapes.append(unreadable.reason.shape)
        if len(shapes) > read_count:
            form = f'date_format = "{stated.text}"' if stated else "ISO dates"
            finding = f"{column}: most of the first dates do not read as {form}, they look like {shapes[0]}"
            msg = f"{finding}: state date_format in exports/{export.name}.toml"
            raise FixMapping(msg)


def fitting_exports(path: Path, folder: Path = EXPORTS) -> list[str]:
    """Name the mappings that accept a file (or a folder's first file)."""
    received = receive(drop_files(path)[0])
    return [name for name in export_names(folder) if not _misfit(received, name, folder)]


def the_fitting_export(path: Path, folder: Path = EXPORTS) -> Export:
    """Give the one mapping that accepts a file; raises FixMapping where none does (and why) or several do."""
    received = receive(drop_files(path)[0])
    misfits = {name: _misfit(received, name, folder) for name in export_names(folder)}
    fitting = [name for name, misfit in misfits.items() if not misfit]
    if len(fitting) == 1:
        return load_export(fitting[0], folder)
    if fitting:
        msg = f"{received.name}: several mappings fit, state which: export = {' or '.join(fitting)}"
        raise FixMapping(msg)
    reasons = "".join(f"\n- {name}: {misfit}" for name, misfit in misfits.items())
    msg = f"{received.name}: no mapping in exports/ fits:{reasons}"
    raise FixMapping(msg)


def _misfit(received: Received, name: str, folder: Path) -> str:
    try:
        export = load_export(name, folder)
        table = open_table(received, export)
        check_fit(export, table.header, list(islice(table.rows, FIRST_ROWS)))
    except FixMapping as misfit:
        return str(misfit)
    return ""
