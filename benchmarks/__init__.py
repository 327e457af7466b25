"""Measured against peers, interleaved in one run, as ratios: one command, `make bench`."""
