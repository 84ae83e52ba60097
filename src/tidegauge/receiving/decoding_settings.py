"""How exports are decoded: what untrusted senders may make us remember, and what is made of odd habits."""

from __future__ import annotations

from typing import NamedTuple

DAY = 86_400_000_000_000
MINUTE = 60_000_000_000
MEBIBYTE = 1 << 20

MAXIMUM_EXPORTERS = 16_384
"""The file of counters that outlives a killed collector has room for no more."""
MAXIMUM_FIELDS = 65_535
TEMPLATE_SCOPES = ("exporter", "port")
UDP_WITHDRAWALS = ("heed", "ignore")


class DecodingSettings(NamedTuple):
    """Limits and leniencies of a decoder; memory is in mebibytes, time in nanoseconds.

    An exporter is an address, port, protocol version and observation domain. ``template_lifetime`` is how
    long a template is good for that is not sent again, 0 for ever; it applies to datagrams only.
    ``maximum_sources`` are those of sFlow's samples whose numbers are remembered.
    ``template_scope`` is who may use a template: all ports of its exporter where no other has one of that
    number, or its own port. ``udp_withdrawals`` says whether templates can be taken back over UDP,
    ``read_v9_sets`` whether sets 0 and 1 are template sets in IPFIX too.
    """

    maximum_exporters: int = MAXIMUM_EXPORTERS
    maximum_templates: int = 4096
    maximum_fields: int = 1024
    maximum_sources: int = 65_536
    template_memory: int = 64
    template_lifetime: int = DAY
    parked_memory: int = 16
    parked_memory_each: int = 4
    parked_age: int = 30 * MINUTE
    template_scope: str = "exporter"
    udp_withdrawals: str = "heed"
    read_v9_sets: bool = False

    def words(self, transport: str) -> dict[str, int]:
        """What a decoder for datagrams (``udp``) or connections is told."""
        return {
            "sessions": self.maximum_exporters,
            "templates_per_session": self.maximum_templates,
            "fields_per_template": self.maximum_fields,
            "sources": self.maximum_sources,
            "template_bytes": self.template_memory * MEBIBYTE,
            # Over a connection nothing is lost, so nothing is repeated: templates end with it.
            "template_lifetime": self.template_lifetime if transport == "udp" else 0,
            "parked_bytes": self.parked_memory * MEBIBYTE,
            "parked_bytes_per_exporter": self.parked_memory_each * MEBIBYTE,
            "parked_age": self.parked_age,
            "borrows_templates": int(self.template_scope == "exporter"),
            "heeds_withdrawals": int(self.udp_withdrawals == "heed"),
            "reads_v9_sets": int(self.read_v9_sets),
        }
