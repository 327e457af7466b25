"""What the rows say: pure functions on frames. No database, no clock, no settings."""
