//! Everything in front of the IP header.

use super::{Mac, Refusal};

// Link types of tcpdump.org.
const NULL: u32 = 0;
const ETHERNET: u32 = 1;
const RAW: u32 = 101;
/// Systems that wrote their own number for raw IP into files: most BSDs, and OpenBSD.
const RAW_AS_DLT: [u32; 2] = [12, 14];
const LOOP: u32 = 108;
const LINUX_COOKED: u32 = 113;
const IPV4: u32 = 228;
const IPV6: u32 = 229;
const LINUX_COOKED_2: u32 = 276;

// EtherTypes.
const TYPE_IPV4: u16 = 0x0800;
const TYPE_IPV6: u16 = 0x86dd;
const TYPE_VLAN: u16 = 0x8100;
const TYPE_SERVICE_VLAN: u16 = 0x88a8;
/// Service tags from before IEEE 802.1ad gave them a number.
const TYPE_OLD_SERVICE_VLAN: [u16; 2] = [0x9100, 0x9200];
const TYPE_MPLS: u16 = 0x8847;
const TYPE_MPLS_MULTICAST: u16 = 0x8848;
const TYPE_PPPOE_SESSION: u16 = 0x8864;
/// A whole frame in a tunnel.
const TYPE_ETHERNET: u16 = 0x6558;

const PPP_IPV4: u16 = 0x0021;
const PPP_IPV6: u16 = 0x0057;

/// A frame without its link headers.
pub struct Link<'a> {
    pub vlan: Option<u16>,
    pub src_mac: Option<Mac>,
    pub dst_mac: Option<Mac>,
    /// From the IP header on.
    pub network: &'a [u8],
}

impl<'a> Link<'a> {
    pub fn bare(network: &'a [u8]) -> Self {
        Self { vlan: None, src_mac: None, dst_mac: None, network }
    }
}

/// Find the IP header.
#[inline]
pub fn strip(link_type: u32, data: &[u8]) -> Result<Link<'_>, Refusal> {
    match link_type {
        ETHERNET => ethernet(data),
        LINUX_COOKED => linux_cooked(data),
        LINUX_COOKED_2 => linux_cooked_2(data),
        // The address family in front differs between systems and byte orders; the IP version says the same.
        NULL | LOOP => data.get(4..).map(Link::bare).ok_or(Refusal::Cut),
        RAW | IPV4 | IPV6 => Ok(Link::bare(data)),
        other if RAW_AS_DLT.contains(&other) => Ok(Link::bare(data)),
        _ => Err(Refusal::UnknownLink),
    }
}

/// What a tunnel carries, by its `EtherType`.
pub fn by_type(ether_type: u16, data: &[u8]) -> Result<Link<'_>, Refusal> {
    if ether_type == TYPE_ETHERNET {
        return ethernet(data);
    }
    let (vlan, network) = unwrap_tags(ether_type, data)?;
    Ok(Link { vlan, ..Link::bare(network) })
}

/// Ethernet and what lies between it and IP.
#[inline]
pub fn ethernet(data: &[u8]) -> Result<Link<'_>, Refusal> {
    let (header, rest) = data.split_first_chunk::<14>().ok_or(Refusal::Cut)?;
    let (vlan, network) = unwrap_tags(u16::from_be_bytes([header[12], header[13]]), rest)?;
    Ok(Link { vlan, src_mac: header[6..].first_chunk().copied(), dst_mac: header.first_chunk().copied(), network })
}

fn linux_cooked(data: &[u8]) -> Result<Link<'_>, Refusal> {
    let (header, rest) = data.split_first_chunk::<16>().ok_or(Refusal::Cut)?;
    let (vlan, network) = unwrap_tags(u16::from_be_bytes([header[14], header[15]]), rest)?;
    let src_mac = sender(u16::from_be_bytes([header[4], header[5]]), &header[6..14]);
    Ok(Link { vlan, src_mac, dst_mac: None, network })
}

fn linux_cooked_2(data: &[u8]) -> Result<Link<'_>, Refusal> {
    let (header, rest) = data.split_first_chunk::<20>().ok_or(Refusal::Cut)?;
    let (vlan, network) = unwrap_tags(u16::from_be_bytes([header[0], header[1]]), rest)?;
    Ok(Link { vlan, src_mac: sender(u16::from(header[11]), &header[12..20]), dst_mac: None, network })
}

/// Cooked headers have eight bytes for a sender address of any length.
fn sender(length: u16, address: &[u8]) -> Option<Mac> {
    if length == 6 { address.first_chunk().copied() } else { None }
}

/// Take off VLAN tags, MPLS labels and PPP over Ethernet; each step shortens the data, so this ends.
#[inline]
fn unwrap_tags(mut ether_type: u16, mut data: &[u8]) -> Result<(Option<u16>, &[u8]), Refusal> {
    let mut vlan = None;
    loop {
        match ether_type {
            TYPE_IPV4 | TYPE_IPV6 => return Ok((vlan, data)),
            TYPE_VLAN | TYPE_SERVICE_VLAN => (ether_type, data) = tag(&mut vlan, data)?,
            TYPE_MPLS | TYPE_MPLS_MULTICAST => return Ok((vlan, below_labels(data)?)),
            TYPE_PPPOE_SESSION => return Ok((vlan, pppoe(data)?)),
            other if TYPE_OLD_SERVICE_VLAN.contains(&other) => (ether_type, data) = tag(&mut vlan, data)?,
            _ => return Err(Refusal::NotIp),
        }
    }
}

fn tag<'a>(vlan: &mut Option<u16>, data: &'a [u8]) -> Result<(u16, &'a [u8]), Refusal> {
    let ([control, identifier, t0, t1], rest) = data.split_first_chunk().ok_or(Refusal::Cut)?;
    vlan.get_or_insert(u16::from_be_bytes([control & 0x0f, *identifier]));
    Ok((u16::from_be_bytes([*t0, *t1]), rest))
}

/// Labels do not say what they carry: behind the last, the IP version has to (RFC 4928).
fn below_labels(mut data: &[u8]) -> Result<&[u8], Refusal> {
    loop {
        let ([_, _, bottom, _], rest) = data.split_first_chunk().ok_or(Refusal::Cut)?;
        data = rest;
        if bottom & 1 != 0 {
            let version = data.first().ok_or(Refusal::Cut)? >> 4;
            return if matches!(version, 4 | 6) { Ok(data) } else { Err(Refusal::NotIp) };
        }
    }
}

fn pppoe(data: &[u8]) -> Result<&[u8], Refusal> {
    let ([_, code, _, _, _, _, p0, p1], rest) = data.split_first_chunk().ok_or(Refusal::Cut)?;
    match (code, u16::from_be_bytes([*p0, *p1])) {
        (0, PPP_IPV4 | PPP_IPV6) => Ok(rest),
        _ => Err(Refusal::NotIp),
    }
}
