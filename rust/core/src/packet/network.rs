//! The IP header, with IPv6 extension headers.

use super::{Fragment, Refusal};
use crate::address::{Address, address_from_v4};

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;

/// More extension headers than any honest packet has; what lies behind is not looked at.
const MAXIMUM_EXTENSION_HEADERS: usize = 8;

const IPV6_HEADER_BYTES: usize = 40;

/// What the IP header says.
pub struct Network<'a> {
    pub src: Address,
    pub dst: Address,
    pub protocol: u8,
    pub tos: u8,
    pub ttl: u8,
    pub ip_length: u32,
    pub fragment: Fragment,
    /// From the transport header on, without Ethernet padding.
    pub transport: &'a [u8],
}

/// Read the IP header; `wire_length` is what the packet measured before the capture cut it.
#[inline]
pub fn parse(data: &[u8], wire_length: usize) -> Result<Network<'_>, Refusal> {
    match data.first().ok_or(Refusal::Cut)? >> 4 {
        4 => parse_v4(data, wire_length),
        6 => parse_v6(data, wire_length),
        _ => Err(Refusal::BadHeader),
    }
}

#[inline]
fn parse_v4(data: &[u8], wire_length: usize) -> Result<Network<'_>, Refusal> {
    let header = data.first_chunk::<20>().ok_or(Refusal::Cut)?;
    let header_length = usize::from(header[0] & 0x0f) * 4;
    let total_length = match usize::from(u16::from_be_bytes([header[2], header[3]])) {
        // A packet that segmentation offload made longer than 16 bits can say.
        0 => wire_length,
        length => length,
    };
    if header_length < 20 || total_length < header_length {
        return Err(Refusal::BadHeader);
    }
    let captured = data.get(..total_length).unwrap_or(data);
    let identification = u32::from(u16::from_be_bytes([header[4], header[5]]));
    let fragment = fragment(u16::from_be_bytes([header[6] & 0x1f, header[7]]), header[6] & 0x20 != 0, identification);
    Ok(Network {
        src: address_from_v4([header[12], header[13], header[14], header[15]]),
        dst: address_from_v4([header[16], header[17], header[18], header[19]]),
        protocol: header[9],
        tos: header[1],
        ttl: header[8],
        ip_length: total_length as u32,
        fragment,
        transport: captured.get(header_length..).unwrap_or_default(),
    })
}

#[inline]
fn parse_v6(data: &[u8], wire_length: usize) -> Result<Network<'_>, Refusal> {
    let header = data.first_chunk::<IPV6_HEADER_BYTES>().ok_or(Refusal::Cut)?;
    let total_length = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
        // A jumbogram (RFC 2675), also made by segmentation offload.
        0 => wire_length.max(IPV6_HEADER_BYTES),
        length => length + IPV6_HEADER_BYTES,
    };
    let captured = data.get(..total_length).unwrap_or(data);
    let (protocol, fragment, transport) = skip_extensions(header[6], &captured[IPV6_HEADER_BYTES..]);
    let mut network = Network {
        src: [0; 16],
        dst: [0; 16],
        protocol,
        tos: header[0] << 4 | header[1] >> 4,
        ttl: header[7],
        ip_length: total_length as u32,
        fragment,
        transport,
    };
    network.src.copy_from_slice(&header[8..24]);
    network.dst.copy_from_slice(&header[24..40]);
    Ok(network)
}

#[inline]
fn skip_extensions(mut protocol: u8, mut data: &[u8]) -> (u8, Fragment, &[u8]) {
    let mut whole = Fragment::None;
    for _ in 0..MAXIMUM_EXTENSION_HEADERS {
        let Some(start) = data.first_chunk::<8>() else { break };
        let length = match protocol {
            HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | MOBILITY | HOST_IDENTITY | SHIM6 => {
                usize::from(start[1]) * 8 + 8
            }
            AUTHENTICATION => usize::from(start[1]) * 4 + 8,
            FRAGMENT => 8,
            _ => break,
        };
        if protocol == FRAGMENT {
            let offset = u16::from_be_bytes([start[2], start[3]]);
            let identification = u32::from_be_bytes([start[4], start[5], start[6], start[7]]);
            whole = fragment(offset >> 3, offset & 1 != 0, identification);
        }
        protocol = start[0];
        data = data.get(length..).unwrap_or_default();
        // Behind a later fragment's header lies the middle of something.
        if matches!(whole, Fragment::Later { .. }) {
            break;
        }
    }
    (protocol, whole, data)
}

#[inline]
fn fragment(offset: u16, more: bool, identification: u32) -> Fragment {
    match (offset, more) {
        (0, false) => Fragment::None,
        (0, true) => Fragment::First { identification },
        _ => Fragment::Later { identification },
    }
}
