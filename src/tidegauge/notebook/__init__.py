"""Asking a lake from Python: the questions of the command line, as tables for pandas, polars and Arrow."""
