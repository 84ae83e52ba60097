"""Instants, durations and ranges of time as arithmetic and as text. Nothing here reads a clock."""
