"""Every table of the house, one module per schema; importing this package fills METADATA."""

from storage.tables import core, ops, raw, recon
from storage.tables.metadata import METADATA, SCHEMAS

__all__ = ["METADATA", "SCHEMAS", "core", "ops", "raw", "recon"]
