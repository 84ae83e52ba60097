"""The sources of names that come with tidegauge, one format a file."""
