"""Metering a capture straight into the lake: what a collector would make of the exports, without a socket."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegauge.app.answer_keeping import AnswerKeeping
from tidegauge.metering.announcement import sampling
from tidegauge.metering.encoder import Batch, Encoder
from tidegauge.metering.probe import Metered, meter_capture
from tidegauge.receiving.hand_over import HandOver
from tidegauge.store.load import Load
from tidegauge.store.recovery import recover
from tidegauge.store.writer import new_writer_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tidegauge.metering.settings import MeterSettings
    from tidegauge.metering.sink import SinkOpener
    from tidegauge.store.lake import Lake

PROTOCOL_VERSION = "ipfix"
"""It says all that we meter, and times to the nanosecond."""


class LakeSink:
    """Puts flows into a load as a collector would that got them as IPFIX at their export time."""

    def __init__(
        self,
        load: Load,
        answers: AnswerKeeping,
        hand_over: HandOver,
        settings: MeterSettings,
        *,
        boot_time: int,
    ) -> None:
        self._load = load
        self._answers = answers
        self._hand_over = hand_over
        self._encoder = Encoder(PROTOCOL_VERSION, boot_time=boot_time)
        if settings.sampling_interval > 1:
            self._encoder.announce(*sampling(PROTOCOL_VERSION, settings))
        self.datagrams = 0

    def send(self, batch: Batch, export_time: int) -> None:
        """Take every row."""
        for datagram in self._encoder.encode(batch, export_time):
            self._hand_over.take(datagram, export_time)
            self.datagrams += 1
        batches = self._hand_over.drain()
        self._load.append(batches)
        self._answers.keep(batches)


def meter_into_lake(
    lake: Lake, path: Path, settings: MeterSettings, sinks: Sequence[SinkOpener], *, exporter: str, now: int
) -> Metered:
    """Meter a capture into the lake in one commit, under the name of ``exporter``, and into ``sinks``.

    Rows arrive when the packets were captured. Nothing is committed when nothing was metered.
    Raises what ``meter_capture`` raises, and NoSpaceError for a disk that is too full.
    """
    writer_id = new_writer_id("probe")
    recover(lake, now)
    answers = AnswerKeeping(lake)
    with Load(lake, writer_id) as load:

        @contextmanager
        def lake_sink(boot_time: int) -> Iterator[LakeSink]:
            hand_over = HandOver(exporter, writer_id=writer_id)
            yield LakeSink(load, answers, hand_over, settings, boot_time=boot_time)
            load.append(hand_over.close())

        metered = meter_capture(path, [lake_sink, *sinks], settings)
        if metered.counters["packets"]:
            load.commit(now)
    return metered
