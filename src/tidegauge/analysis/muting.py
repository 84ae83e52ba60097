"""Muting: which findings the mutes of a lake hide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.evidence import shows
from tidegauge.analysis.mute import MuteError, actor_of
from tidegauge.analysis.mute_file import read_mutes
from tidegauge.analysis.naming import home_of, macros_of
from tidegauge.analysis.policy_file import end_from_text
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.query.parser import parse
from tidegauge.query.syntax import Not

if TYPE_CHECKING:
    from tidegauge.analysis.actors import Holder
    from tidegauge.analysis.finding import Finding
    from tidegauge.analysis.mute import Mute
    from tidegauge.analysis.reading import Reading
    from tidegauge.store.lake import Lake


class Muting:
    """The mutes at work on the findings of one question; a file that cannot be read is a warning."""

    def __init__(self, lake: Lake, reading: Reading) -> None:
        self.warnings: list[str] = []
        self._reading = reading
        self._home = home_of(lake)
        self._macros = macros_of(lake)
        try:
            self._mutes = read_mutes(lake.path, self._macros)
        except (MuteError, OSError) as error:
            self._mutes = []
            self.warnings.append(f"nothing is muted: {error}")

    def muted_by(self, finding: Finding, holder: Holder) -> str | None:
        """The ``id`` of the first mute that hides a finding, None where none does."""
        return next((mute.id for mute in self._mutes if self._hides(mute, finding, holder)), None)

    def _hides(self, mute: Mute, finding: Finding, holder: Holder) -> bool:
        return (
            mute.finding in ("", finding.fingerprint)
            and mute.detector in ("", finding.detector)
            and (not mute.until or finding.last_seen < instant_from_text(mute.until))
            and (not mute.about or self._is_by(mute.about, finding, holder))
            and (not mute.filter or self._is_all(mute.filter, finding))
        )

    def _is_by(self, about: str, finding: Finding, holder: Holder) -> bool:
        return actor_of(finding, holder, self._home).is_at(end_from_text(about, self._macros))

    def _is_all(self, words: str, finding: Finding) -> bool:
        """Whether no flow behind the finding is one that nobody wanted to hide."""
        term = parse(words, self._macros).term
        return not shows(self._reading, finding, Not(term)) and shows(self._reading, finding, term)
