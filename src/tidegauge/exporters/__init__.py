"""What we know of each exporter beside its flows: how to ask it, and what its answers mean."""
