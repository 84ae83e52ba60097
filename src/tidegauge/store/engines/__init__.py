"""Database engines that answer SQL over a generation of the lake."""
