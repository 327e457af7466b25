"""Where real messages and schemas lie: beside the project, not in it."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="real messages lie beside the project, in ../shared/corpus"
)


@cache
def schema(path: str) -> Any:
    """Load a schema of the corpus."""
    return etree.XMLSchema(etree.parse(CORPUS / path))


def complaints(path: str, document: Any) -> list[str]:
    """List what a schema has against a document, which is given as bytes or as an element."""
    found = schema(path)
    found.validate(etree.fromstring(document) if isinstance(document, bytes) else document)
    return [f"{each.line}: {each.message}" for each in found.error_log]
