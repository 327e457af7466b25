"""What is written is held against the published schemas, which lie beside the project and are not part of it."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connectors.protocols.safe_xml import local

XML = Path(__file__).resolve().parents[5] / "shared" / "corpus" / "ota_xml"
OPENTRAVEL = XML / "xsd_opentravel_2015A"


@cache
def schema(path: Path) -> Any:
    if not path.exists():
        pytest.skip(f"the published schema {path.name} lies beside the project, in ../shared/corpus")
    return etree.XMLSchema(etree.parse(path))


def assert_opentravel(written: Any) -> None:
    """Hold a message against its OpenTravel 2015A schema."""
    found = schema(OPENTRAVEL / f"{local(written)}.xsd")
    found.validate(etree.fromstring(etree.tostring(written)))
    errors = "; ".join(error.message for error in found.error_log)
    assert not errors, errors
