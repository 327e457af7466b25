"""Channex: booking revisions by feed and acknowledgement, ARI in JSON."""
