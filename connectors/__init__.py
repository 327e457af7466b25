"""One folder per outside system, and what all of them share. Settings arrive as values, ports from `operations/`."""
