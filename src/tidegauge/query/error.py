"""What is wrong with a question, and where."""

from __future__ import annotations


class QuestionError(ValueError):
    """A question that cannot be asked: an unknown field, metric or step. Says what to ask instead."""


class FilterError(QuestionError):
    """A filter that cannot be read, with the column (from 1) where reading stopped making sense.

    ``expected`` lists what could stand there, which is also what an editor may complete;
    ``suggestion`` is the nearest known word, or empty. ``text`` is the whole filter.
    """

    def __init__(
        self, message: str, column: int, expected: tuple[str, ...] = (), suggestion: str = ""
    ) -> None:
        """Keep the parts apart, so that a terminal, a page and an API can each show them its own way."""
        self.message = message
        self.column = column
        self.expected = expected
        self.suggestion = suggestion
        self.text = ""
        super().__init__(f"column {column}: {self.sentence}")

    @property
    def sentence(self) -> str:
        """The message with its suggestion, without the place."""
        return f"{self.message}; did you mean {self.suggestion}?" if self.suggestion else self.message

    @property
    def picture(self) -> str:
        """The line of the filter with a caret under the column."""
        before = self.text[: self.column - 1]
        line_start = before.rfind("\n") + 1
        line = self.text[line_start:].partition("\n")[0]
        indent = "".join("\t" if letter == "\t" else " " for letter in before[line_start:])
        return f"{line}\n{indent}^"
