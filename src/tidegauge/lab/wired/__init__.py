"""The office for real: people's traffic over the network stack of this machine, in network namespaces.

Needs root. Every namespace belongs to the office by its name; all are removed at the end, and those of a
run that was killed at the beginning of the next one.
"""
