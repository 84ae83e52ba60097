"""The values of a statement, kept apart from its text."""

from __future__ import annotations

from typing import TypeAlias

ParameterValue: TypeAlias = int | str | bytes | list[int] | None


class Parameters:
    """Hands out a name for each value: SQL text never holds what somebody typed."""

    def __init__(self) -> None:
        """Start with none."""
        self.values: dict[str, ParameterValue] = {}

    def add(self, value: ParameterValue) -> str:
        """Keep ``value`` and return how the statement refers to it.

        >>> parameters = Parameters()
        >>> parameters.add(443), parameters.values
        ('$p1', {'p1': 443})
        """
        name = f"p{len(self.values) + 1}"
        self.values[name] = value
        return f"${name}"
