//! Ports, TCP's own header and the payload.

use super::{Fragment, Segment, network::Network};

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const DCCP: u8 = 33;
const ICMPV6: u8 = 58;
const SCTP: u8 = 132;
const UDP_LITE: u8 = 136;

const TCP_FLAGS_MASK: u16 = 0x0fff;

/// What the transport header says.
#[derive(Default)]
pub struct Transport<'a> {
    pub src_port: u16,
    pub dst_port: u16,
    pub tcp_flags: u16,
    pub segment: Option<Segment<'a>>,
    pub payload: &'a [u8],
}

/// Read as much of the transport header as was captured.
#[inline]
pub fn parse<'a>(network: &Network<'a>) -> Transport<'a> {
    let data = network.transport;
    if matches!(network.fragment, Fragment::Later { .. }) {
        return Transport { payload: data, ..Transport::default() };
    }
    match network.protocol {
        TCP => tcp(data, network),
        UDP | UDP_LITE => ports(data, 8),
        SCTP | DCCP => ports(data, 12),
        ICMP | ICMPV6 => icmp(data),
        _ => Transport { payload: data, ..Transport::default() },
    }
}

#[inline]
fn ports(data: &[u8], header_length: usize) -> Transport<'_> {
    let Some([s0, s1, d0, d1]) = data.first_chunk() else { return Transport::default() };
    Transport {
        src_port: u16::from_be_bytes([*s0, *s1]),
        dst_port: u16::from_be_bytes([*d0, *d1]),
        payload: data.get(header_length..).unwrap_or_default(),
        ..Transport::default()
    }
}

#[inline]
fn tcp<'a>(data: &'a [u8], network: &Network<'a>) -> Transport<'a> {
    let Some(header) = data.first_chunk::<14>() else { return ports(data, data.len()) };
    let header_length = usize::from(header[12] >> 4).max(5) * 4;
    let mut transport = ports(data, header_length);
    transport.tcp_flags = u16::from_be_bytes([header[12], header[13]]) & TCP_FLAGS_MASK;
    if network.fragment == Fragment::None
        && let Some(options) = data.get(20..header_length)
    {
        transport.segment = Some(Segment {
            sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            acknowledgment: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            window: u16::from_be_bytes([data[14], data[15]]),
            options,
        });
    }
    transport
}

#[inline]
fn icmp(data: &[u8]) -> Transport<'_> {
    let Some(type_and_code) = data.first_chunk() else { return Transport::default() };
    Transport {
        dst_port: u16::from_be_bytes(*type_and_code),
        payload: data.get(8..).unwrap_or_default(),
        ..Transport::default()
    }
}
