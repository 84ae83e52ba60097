"""Lakes that keep datagrams as they came: from a real listener, over loopback."""

from __future__ import annotations

import socket
from pathlib import Path

from tidegauge.receiving.copying import Copying
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.listener import Listener
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import RAW


def keep(lake: Lake, contents: list[bytes], *, sender: str = "127.0.0.1") -> str:
    """Let a listener of its own receive datagrams and keep them; returns the name of its folder."""
    counters = lake.path / "counters.map"
    address = ListenAddress("127.0.0.1", 0)
    listener = Listener(
        address, writer_id="w", counters_path=counters, copying=Copying(folder=lake.path / RAW)
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((sender, 0))
        for content in contents:
            link.sendto(content, listener.address[:2])
    listener.close()  # reads what the socket holds first
    [row] = listener.copies()
    assert row["datagrams"] == len(contents)
    counters.unlink()
    return Path(str(row["folder"])).name
