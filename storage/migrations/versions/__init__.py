"""One file a step, a folder of SQL beside it."""
