"""The internet as far as the office knows it: who is there, under which name and address."""

from __future__ import annotations

from typing import NamedTuple


class Site(NamedTuple):
    """A server by the name that people call it and the address that packets go to."""

    name: str
    address: str


VIDEO = Site("www.youtube.com", "198.51.100.50")
MUSIC = Site("open.spotify.com", "198.51.100.60")
"""Over QUIC, where it can be spoken."""
WEB = Site("www.wikipedia.org", "198.51.100.80")
NEWS = Site("www.debian.org", "198.51.100.81")
"""In clear, without TLS."""
WEBMAIL = Site("mail.google.com", "198.51.100.90")
MAIL = Site("smtp.gmail.com", "192.0.2.25")
FILES = Site("www.dropbox.com", "192.0.2.60")
SITES = (VIDEO, MUSIC, WEB, NEWS, WEBMAIL, MAIL, FILES)

TIME_SERVER = "192.0.2.123"
BEHIND_EDGE2 = "192.0.2.0/24"
"""What goes there leaves the office over the second router."""
