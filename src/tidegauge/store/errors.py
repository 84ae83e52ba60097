"""What can be wrong with a lake, each with a sentence that says where and what to do."""

from __future__ import annotations


class LakeError(Exception):
    """Something is wrong with the lake itself; the message is written for the person at the terminal."""


class LakeMissingError(LakeError):
    """There is no lake at the path."""


class LakeFormatError(LakeError):
    """The lake was written by a release that lays it out differently."""


class LakeUnreadableError(LakeError):
    """A file of the lake is damaged, gone, or not ours to read."""


class SegmentUnreadableError(LakeUnreadableError):
    """A file of flows, or of what is told of them, is damaged or gone."""


class QuestionTooLargeError(LakeError):
    """Answering would take more memory than one question may use."""


class NoSpaceError(LakeError):
    """The disk is so full that writing on would take the last of it."""
