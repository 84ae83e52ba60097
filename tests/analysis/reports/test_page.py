from __future__ import annotations

from html.parser import HTMLParser

from tidegauge.analysis.reports.answering import AnsweredReport
from tidegauge.analysis.reports.page import page


class Seen(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str | None] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def seen(found: AnsweredReport) -> Seen:
    reader = Seen()
    reader.feed(page(found))
    return reader


def test_a_page_tells_period_numbers_and_the_rest(found: AnsweredReport) -> None:
    text = seen(found).text
    assert "People & bytes" in text
    assert "Monday 05 January to Sunday 11 January 2026, Europe/Berlin" in text
    assert {"John", "2.00 MB", "others", "1.00 kB", "Nothing in this period."} <= set(text)


def test_a_page_needs_nothing_beside_it(found: AnsweredReport) -> None:
    reader = seen(found)
    assert reader.addresses == []
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert reader.tags.count("svg") == 2


def test_no_name_is_markup(found: AnsweredReport) -> None:
    assert "<s>" not in page(found)
    assert "Sarah <s>" in seen(found).text
