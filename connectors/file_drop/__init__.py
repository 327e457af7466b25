"""Exports of small systems, dropped as files: CSV, XLSX and JSON lines by a declarative mapping each."""
