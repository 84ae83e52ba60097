//! A payload with IP and UDP headers in front, as it lay on the wire: for captures, and for sending on in another's name.

use crate::{
    address::{Address, is_v4},
    datagram::End,
};

const V4_BYTES: usize = 20;
const V6_BYTES: usize = 40;
const UDP_BYTES: usize = 8;
const UDP: u8 = 17;
const FRAGMENT: u8 = 44;
const FRAGMENT_BYTES: usize = 8;
const MORE_FRAGMENTS: u16 = 0x2000;
/// What routers count down; systems send with as much.
const HOPS: u8 = 64;

/// The headers of one datagram.
#[derive(Clone, Copy)]
pub struct Envelope {
    bytes: [u8; V6_BYTES + UDP_BYTES],
    length: usize,
}

impl Envelope {
    /// Headers for a payload; `None` where it is too long for them.
    ///
    /// They are of IPv4 where the source is of IPv4, and then the destination is its last four bytes.
    pub fn new(source: End, destination: End, payload: &[u8]) -> Option<Self> {
        let udp_length = u16::try_from(UDP_BYTES + payload.len()).ok()?;
        let mut udp = [0; UDP_BYTES];
        udp[..2].copy_from_slice(&source.1.to_be_bytes());
        udp[2..4].copy_from_slice(&destination.1.to_be_bytes());
        udp[4..6].copy_from_slice(&udp_length.to_be_bytes());
        let mut bytes = [0; V6_BYTES + UDP_BYTES];
        let (length, addresses) = if is_v4(&source.0) {
            put_v4(&mut bytes, udp_length.checked_add(V4_BYTES as u16)?, &source.0, &destination.0);
            (V4_BYTES, 12..V4_BYTES)
        } else {
            put_v6(&mut bytes, udp_length, &source.0, &destination.0);
            (V6_BYTES, 8..V6_BYTES)
        };
        let pseudo = sum(&bytes[addresses]) + u64::from(UDP) + u64::from(udp_length);
        let checksum = match folded(pseudo + sum(&udp) + sum(payload)) {
            // Of which zero would say that there is none.
            0 => u16::MAX,
            other => other,
        };
        udp[6..].copy_from_slice(&checksum.to_be_bytes());
        bytes[length..length + UDP_BYTES].copy_from_slice(&udp);
        Some(Self { bytes, length: length + UDP_BYTES })
    }

    /// The headers.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The datagram in packets of at most so many bytes, for links that take no longer ones.
    ///
    /// `identification` tells its fragments from those of others.
    pub fn fragments(&self, payload: &[u8], maximum_bytes: usize, identification: u32) -> Vec<Vec<u8>> {
        let (ip, udp) = self.as_bytes().split_at(self.length - UDP_BYTES);
        let is_v4 = ip.len() == V4_BYTES;
        let overhead = ip.len() + if is_v4 { 0 } else { FRAGMENT_BYTES };
        // Offsets are told in steps of eight.
        let piece_bytes = (maximum_bytes.saturating_sub(overhead) / 8 * 8).max(8);
        let content = [udp, payload].concat();
        let pieces = content.chunks(piece_bytes).enumerate();
        pieces
            .map(|(number, piece)| {
                let at = number * piece_bytes;
                let is_last = at + piece.len() == content.len();
                let header = if is_v4 {
                    v4_fragment(ip, at, piece.len(), is_last, identification)
                } else {
                    v6_fragment(ip, at, piece.len(), is_last, identification)
                };
                [&header, piece].concat()
            })
            .collect()
    }
}

fn put_v4(bytes: &mut [u8], length: u16, source: &Address, destination: &Address) {
    bytes[0] = 0x45;
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    bytes[8] = HOPS;
    bytes[9] = UDP;
    bytes[12..16].copy_from_slice(&source[12..]);
    bytes[16..20].copy_from_slice(&destination[12..]);
    let checksum = folded(sum(&bytes[..V4_BYTES]));
    bytes[10..12].copy_from_slice(&checksum.to_be_bytes());
}

fn put_v6(bytes: &mut [u8], length: u16, source: &Address, destination: &Address) {
    bytes[0] = 0x60;
    bytes[4..6].copy_from_slice(&length.to_be_bytes());
    bytes[6] = UDP;
    bytes[7] = HOPS;
    bytes[8..24].copy_from_slice(source);
    bytes[24..40].copy_from_slice(destination);
}

fn v4_fragment(ip: &[u8], at: usize, length: usize, is_last: bool, identification: u32) -> Vec<u8> {
    let mut header = ip.to_vec();
    let more = if is_last { 0 } else { MORE_FRAGMENTS };
    header[2..4].copy_from_slice(&((V4_BYTES + length) as u16).to_be_bytes());
    header[4..6].copy_from_slice(&(identification as u16).to_be_bytes());
    header[6..8].copy_from_slice(&(more | (at / 8) as u16).to_be_bytes());
    header[10..12].fill(0);
    let checksum = folded(sum(&header));
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
    header
}

fn v6_fragment(ip: &[u8], at: usize, length: usize, is_last: bool, identification: u32) -> Vec<u8> {
    let mut header = ip.to_vec();
    header[4..6].copy_from_slice(&((FRAGMENT_BYTES + length) as u16).to_be_bytes());
    header[6] = FRAGMENT;
    header.extend([UDP, 0]);
    header.extend((at as u16 | u16::from(!is_last)).to_be_bytes());
    header.extend(identification.to_be_bytes());
    header
}

/// Sum of 16-bit words; an odd byte at the end stands for a whole one.
fn sum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(2);
    let odd = words.remainder().first().map_or(0, |&byte| u64::from(byte) << 8);
    words.map(|word| u64::from(u16::from_be_bytes([word[0], word[1]]))).sum::<u64>() + odd
}

/// The complement of a sum, its carries added (RFC 1071).
fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        address::address_from_v4,
        capture::Frame,
        packet::{Fragment, Packet},
    };

    const RAW: u32 = 101;

    fn ends(is_v4: bool) -> (End, End) {
        if is_v4 {
            ((address_from_v4([10, 1, 2, 3]), 50_001), (address_from_v4([127, 0, 0, 1]), 2055))
        } else {
            let mut source = [0x20; 16];
            source[15] = 9;
            ((source, 50_001), ([0x30; 16], 2055))
        }
    }

    fn parsed(bytes: &[u8]) -> Packet<'_> {
        let frame = Frame { timestamp: 0, link_type: RAW, data: bytes, original_length: bytes.len() as u32 };
        Packet::parse(&frame).unwrap()
    }

    #[test]
    fn our_own_reader_finds_the_payload_between_the_ends() {
        for is_v4 in [true, false] {
            let (source, destination) = ends(is_v4);
            let payload = b"nine byte";
            let whole = [Envelope::new(source, destination, payload).unwrap().as_bytes(), payload].concat();
            let packet = parsed(&whole);
            assert_eq!(((packet.src, packet.src_port), (packet.dst, packet.dst_port)), (source, destination));
            assert_eq!((packet.payload, packet.fragment), (&payload[..], Fragment::None));
        }
    }

    #[test]
    fn the_checksum_over_all_that_it_covers_comes_to_nothing() {
        for is_v4 in [true, false] {
            let (source, destination) = ends(is_v4);
            let payload = b"odd";
            let envelope = Envelope::new(source, destination, payload).unwrap();
            let bytes = envelope.as_bytes();
            let (addresses, ip) = if is_v4 { (12..20, 20) } else { (8..40, 40) };
            let pseudo = sum(&bytes[addresses]) + u64::from(UDP) + (UDP_BYTES + payload.len()) as u64;
            assert_eq!(folded(pseudo + sum(&bytes[ip..]) + sum(payload)), 0);
            assert!(!is_v4 || folded(sum(&bytes[..20])) == 0);
        }
    }

    #[test]
    fn what_is_longer_than_a_datagram_can_be_has_no_headers() {
        for (is_v4, longest) in [(true, 65_507), (false, 65_527)] {
            let (source, destination) = ends(is_v4);
            assert!(Envelope::new(source, destination, &vec![1; longest]).is_some());
            assert!(Envelope::new(source, destination, &vec![1; longest + 1]).is_none());
        }
    }

    #[test]
    fn fragments_fit_and_hold_everything_once() {
        for is_v4 in [true, false] {
            let (source, destination) = ends(is_v4);
            let payload: Vec<u8> = (0..4001_u32).map(|number| number as u8).collect();
            let envelope = Envelope::new(source, destination, &payload).unwrap();
            let fragments = envelope.fragments(&payload, 1500, 77);
            assert!(fragments.iter().all(|fragment| fragment.len() <= 1500));
            let (first, others) = fragments.split_first().unwrap();
            assert_eq!(parsed(first).fragment, Fragment::First { identification: 77 });
            assert!(others.iter().all(|each| parsed(each).fragment == Fragment::Later { identification: 77 }));
            let skipped = if is_v4 { V4_BYTES } else { V6_BYTES + FRAGMENT_BYTES };
            let content: Vec<u8> = fragments.iter().flat_map(|each| &each[skipped..]).copied().collect();
            assert_eq!(content[UDP_BYTES..], payload);
        }
    }
}
