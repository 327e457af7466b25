"""Webhooks we send: signed, paced, retried, out of order, twice, and counted."""
