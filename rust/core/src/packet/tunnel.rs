//! Packets inside packets: IP in IP, GRE, VXLAN and Geneve.
//!
//! Only a whole packet is opened: of a fragmented one the later parts would be counted a second time.

use super::{
    Fragment, Packet, Refusal,
    link::{self, Link},
};

const IPV4: u8 = 4;
const UDP: u8 = 17;
const IPV6: u8 = 41;
const GRE: u8 = 47;

const VXLAN_PORT: u16 = 4789;
const GENEVE_PORT: u16 = 6081;

const GRE_HAS_CHECKSUM: u8 = 0x80;
const GRE_HAS_KEY: u8 = 0x20;
const GRE_HAS_SEQUENCE: u8 = 0x10;
/// Source routes have a layout of their own, and nobody sends them (RFC 2784 took them away).
const GRE_HAS_ROUTES: u8 = 0x40;
const GRE_VERSION: u8 = 0x07;

const VXLAN_HAS_NETWORK: u8 = 0x08;

impl<'a> Packet<'a> {
    /// The packet that this one carries; `None` where it is no tunnel of ours, or contradicts itself.
    #[inline]
    pub fn inside(&self) -> Option<Self> {
        if self.fragment != Fragment::None {
            return None;
        }
        let link = match self.protocol {
            IPV4 | IPV6 => Ok(Link::bare(self.payload)),
            GRE => gre(self.payload),
            UDP if self.dst_port == VXLAN_PORT => vxlan(self.payload),
            UDP if self.dst_port == GENEVE_PORT => geneve(self.payload),
            _ => return None,
        };
        self.open(link.ok()?)
    }

    /// What is in the tunnel, if it fits: no packet is longer than the one that carries it.
    fn open(&self, link: Link<'a>) -> Option<Self> {
        let header_length = self.payload.len() - link.network.len();
        let room = (self.payload_length as usize).saturating_sub(header_length);
        let inner = Self::from_link(link, room).ok()?;
        let is_credible = inner.ip_length as usize <= room;
        is_credible.then(|| Self {
            vlan: inner.vlan.or(self.vlan),
            src_mac: inner.src_mac.or(self.src_mac),
            dst_mac: inner.dst_mac.or(self.dst_mac),
            ..inner
        })
    }
}

/// RFC 2784 and RFC 2890. Version 1, of PPTP, is left closed.
fn gre(data: &[u8]) -> Result<Link<'_>, Refusal> {
    let [flags, version, t0, t1] = *data.first_chunk().ok_or(Refusal::Cut)?;
    if flags & GRE_HAS_ROUTES != 0 || version & GRE_VERSION != 0 {
        return Err(Refusal::NotIp);
    }
    let optional = [GRE_HAS_CHECKSUM, GRE_HAS_KEY, GRE_HAS_SEQUENCE];
    let length = 4 + 4 * optional.iter().filter(|&flag| flags & flag != 0).count();
    link::by_type(u16::from_be_bytes([t0, t1]), data.get(length..).ok_or(Refusal::Cut)?)
}

/// RFC 7348.
fn vxlan(data: &[u8]) -> Result<Link<'_>, Refusal> {
    let (header, rest) = data.split_first_chunk::<8>().ok_or(Refusal::Cut)?;
    if header[0] & VXLAN_HAS_NETWORK == 0 { Err(Refusal::NotIp) } else { link::ethernet(rest) }
}

/// RFC 8926.
fn geneve(data: &[u8]) -> Result<Link<'_>, Refusal> {
    let [version, _, t0, t1] = *data.first_chunk().ok_or(Refusal::Cut)?;
    if version >> 6 != 0 {
        return Err(Refusal::NotIp);
    }
    let length = 8 + 4 * usize::from(version & 0x3f);
    link::by_type(u16::from_be_bytes([t0, t1]), data.get(length..).ok_or(Refusal::Cut)?)
}
