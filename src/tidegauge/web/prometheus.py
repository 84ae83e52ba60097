"""The Prometheus text format: families of samples, each told with its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Labels: TypeAlias = dict[str, str]
    Sample: TypeAlias = tuple[Labels, int | float | None]

MEDIA_TYPE = "text/plain; version=0.0.4"


def family(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    """The lines of a family, without the samples that have no value.

    >>> print("".join(family("requests_total", "counter", "All.", [({"mode": "a"}, 2)])), end="")
    # HELP tidegauge_requests_total All.
    # TYPE tidegauge_requests_total counter
    tidegauge_requests_total{mode="a"} 2
    """
    yield f"# HELP tidegauge_{name} {meaning}\n# TYPE tidegauge_{name} {kind}\n"
    for labels, number in samples:
        if number is not None:
            yield f"tidegauge_{name}{_label_text(labels)} {number}\n"


def _label_text(labels: Labels) -> str:
    pairs = [f'{name}="{_escaped(text)}"' for name, text in labels.items()]
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
