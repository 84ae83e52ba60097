"""Detectors: one file per kind of trouble that shows in flows. ``detector`` says how to add your own."""
