//! What a flow meter needs of one packet, read in one pass.
//!
//! Parsing is total: it looks at no byte that was not captured. A packet whose transport header
//! was cut off or came in another fragment still counts, with ports 0. Checksums are not verified: offloading
//! network cards leave them wrong in captures of their own host.

mod link;
mod network;
mod transport;

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
    /// Length of the IP packet, header included.
    pub ip_length: u32,
    /// Identifier of the outermost VLAN tag.
    pub vlan: Option<u16>,
    /// Source MAC address, where the link has one.
    pub src_mac: Option<Mac>,
    /// Destination MAC address, where the link has one.
    pub dst_mac: Option<Mac>,
    /// Whether the packet is whole.
    pub fragment: Fragment,
    /// What was captured behind the transport header.
    pub payload: &'a [u8],
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
        let network = network::parse(link.network, wire_length)?;
        let transport = transport::parse(&network);
        Ok(Self {
            src: network.src,
            dst: network.dst,
            src_port: transport.src_port,
            dst_port: transport.dst_port,
            protocol: network.protocol,
            tcp_flags: transport.tcp_flags,
            tos: network.tos,
            ip_length: network.ip_length,
            vlan: link.vlan,
            src_mac: link.src_mac,
            dst_mac: link.dst_mac,
            fragment: network.fragment,
            payload: transport.payload,
        })
    }
}
