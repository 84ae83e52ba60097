//! What a flow meter needs of one packet, read in one pass.
//!
//! Parsing is total: it looks at no byte that was not captured. A packet whose transport header
//! was cut off or came in another fragment still counts, with ports 0. Checksums are not verified: offloading
//! network cards leave them wrong in captures of their own host.

mod link;
mod network;
pub mod sampled;
mod transport;
mod tunnel;

#[cfg(test)]
mod tests;

use crate::{address::Address, capture::Frame};

/// Why a frame holds no packet that can be metered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The link type is none of those we know.
    UnknownLink,
    /// The frame carries something else than IP: ARP, spanning tree.
    NotIp,
    /// The capture ends before the IP header does.
    Cut,
    /// The IP header contradicts itself.
    BadHeader,
}

/// Whether the packet is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// It is.
    None,
    /// The first fragment: it has the ports.
    First {
        /// What all fragments of a packet share.
        identification: u32,
    },
    /// A later fragment: its ports are in the first.
    Later {
        /// What all fragments of a packet share.
        identification: u32,
    },
}

/// A MAC address.
pub type Mac = [u8; 6];

/// What a TCP header says beside ports and control bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Number of the first byte.
    pub sequence: u32,
    /// Number of the byte that is expected from the other side.
    pub acknowledgment: u32,
    /// Room for more, before scaling.
    pub window: u16,
    /// The options, whole.
    pub options: &'a [u8],
}

/// What the headers of a packet say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Source address.
    pub src: Address,
    /// Destination address.
    pub dst: Address,
    /// Source port; 0 for protocols without.
    pub src_port: u16,
    /// Destination port; for ICMP type * 256 + code, as exporters put it.
    pub dst_port: u16,
    /// IP protocol number, behind all extension headers.
    pub protocol: u8,
    /// TCP control bits without the data offset (RFC 7125); 0 for other protocols.
    pub tcp_flags: u16,
    /// IPv4 type of service or IPv6 traffic class.
    pub tos: u8,
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// Length of the IP packet, header included; the sum of all packets that a super-frame stands for.
    pub ip_length: u32,
    /// Packets on the wire: one, but for a super-frame.
    pub packets: u32,
    /// Identifier of the outermost VLAN tag.
    pub vlan: Option<u16>,
    /// Source MAC address, where the link has one.
    pub src_mac: Option<Mac>,
    /// Destination MAC address, where the link has one.
    pub dst_mac: Option<Mac>,
    /// Whether the packet is whole.
    pub fragment: Fragment,
    /// TCP's header, where all of it was captured.
    pub segment: Option<Segment<'a>>,
    /// What was captured behind the transport header.
    pub payload: &'a [u8],
    /// Bytes behind the transport header on the wire.
    pub payload_length: u32,
}

impl<'a> Packet<'a> {
    /// Read a frame's headers.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] when the frame holds no IP packet, or not enough of one.
    #[inline]
    pub fn parse(frame: &Frame<'a>) -> Result<Self, Refusal> {
        let link = link::strip(frame.link_type, frame.data)?;
        let wire_length = (frame.original_length as usize).saturating_sub(frame.data.len() - link.network.len());
        Self::from_link(link, wire_length)
    }

    /// Read what lies behind the link's headers, and measured `wire_length` before the capture cut it.
    #[inline]
    fn from_link(link: link::Link<'a>, wire_length: usize) -> Result<Self, Refusal> {
        let network = network::parse(link.network, wire_length)?;
        let transport = transport::parse(&network);
        let captured = link.network.len().min(network.ip_length as usize);
        let header_length = (captured - transport.payload.len()) as u32;
        Ok(Self {
            src: network.src,
            dst: network.dst,
            src_port: transport.src_port,
            dst_port: transport.dst_port,
            protocol: network.protocol,
            tcp_flags: transport.tcp_flags,
            tos: network.tos,
            ttl: network.ttl,
            ip_length: network.ip_length,
            packets: 1,
            vlan: link.vlan,
            src_mac: link.src_mac,
            dst_mac: link.dst_mac,
            fragment: network.fragment,
            segment: transport.segment,
            payload: transport.payload,
            payload_length: network.ip_length - header_length,
        })
    }

    /// Count a super-frame as what went over the wire: packets with `segment_bytes` of the `payload_length` each, all
    /// with the headers in front.
    #[inline]
    pub fn expand(&mut self, segment_bytes: u16, payload_length: u32) {
        let segment_bytes = u32::from(segment_bytes);
        if segment_bytes > 0 && payload_length > segment_bytes {
            let header_length = self.ip_length.saturating_sub(payload_length);
            self.packets = payload_length.div_ceil(segment_bytes);
            self.ip_length = self.packets.saturating_mul(header_length).saturating_add(payload_length);
        }
    }

    /// Keep only some packets of a super-frame, of average length.
    pub fn keep(&mut self, packets: u32) {
        let kept = u64::from(self.ip_length) * u64::from(packets) / u64::from(self.packets.max(1));
        (self.packets, self.ip_length) = (packets, kept as u32);
    }
}
