//! QUIC's first packets: encrypted, with keys that anybody can derive who saw the first (RFC 9001, section 5.2).
//!
//! That keeps out middleboxes that do not care, not readers. Versions 1 and 2 (RFC 9369) are known; what Retry
//! and 0-RTT packets carry says nothing of names.

use aes::cipher::{BlockEncrypt, KeyInit};
use aes_gcm::{AeadInPlace, Aes128Gcm};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::wire::Cursor;

/// The bit of a long header, and the one that is always set.
const LONG_HEADER_BITS: u8 = 0xc0;
const SAMPLE_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
const MAXIMUM_ID_BYTES: usize = 20;
const MAXIMUM_PACKET_NUMBER_BYTES: usize = 4;
/// Longest Initial that is opened: nobody's path carries longer ones.
const MAXIMUM_PACKET_BYTES: usize = 9_000;

/// What differs between versions.
struct Version {
    number: u32,
    salt: [u8; 20],
    /// Type bits of an Initial packet.
    initial: u8,
    key: &'static [u8],
    iv: &'static [u8],
    header: &'static [u8],
}

const VERSIONS: [Version; 2] = [
    Version {
        number: 1,
        salt: [
            0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
            0x7f, 0x0a,
        ],
        initial: 0x00,
        key: b"tls13 quic key",
        iv: b"tls13 quic iv",
        header: b"tls13 quic hp",
    },
    Version {
        number: 0x6b33_43cf,
        salt: [
            0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd,
            0x2e, 0xd9,
        ],
        initial: 0x10,
        key: b"tls13 quicv2 key",
        iv: b"tls13 quicv2 iv",
        header: b"tls13 quicv2 hp",
    },
];

impl Version {
    /// Key, initialisation vector and header protection key of a client's Initial packets.
    fn client_keys(&self, destination: &[u8]) -> Option<([u8; 16], [u8; 12], [u8; 16])> {
        let (_, initial) = Hkdf::<Sha256>::extract(Some(&self.salt), destination);
        let secret: [u8; 32] = expand(&initial, b"tls13 client in")?;
        let client = Hkdf::<Sha256>::from_prk(&secret).ok()?;
        Some((expand(&client, self.key)?, expand(&client, self.iv)?, expand(&client, self.header)?))
    }
}

/// Whether a payload begins with an Initial packet of a version we know: cheap, and seldom wrong.
#[inline]
pub fn is_initial(payload: &[u8]) -> bool {
    LongPacket::read(&mut Cursor::new(payload)).is_some_and(|packet| packet.is_initial())
}

/// A packet with a long header, still protected.
struct LongPacket<'a> {
    version: &'static Version,
    destination: &'a [u8],
    /// From the first byte to the end of the packet.
    bytes: &'a [u8],
    /// Where the packet number begins.
    number_at: usize,
}

impl<'a> LongPacket<'a> {
    /// Take a packet off a datagram; `None` where no such packet follows.
    fn read(datagram: &mut Cursor<'a>) -> Option<Self> {
        let start = datagram.rest();
        let first = datagram.u8().filter(|first| first & LONG_HEADER_BITS == LONG_HEADER_BITS)?;
        let number = datagram.u32()?;
        let version = VERSIONS.iter().find(|version| version.number == number)?;
        let destination = connection_id(datagram)?;
        connection_id(datagram)?;
        if first & 0x30 == version.initial {
            let token_length = variable(datagram)?;
            datagram.take(token_length)?;
        } else if first & 0x30 == version.initial.wrapping_sub(0x10) & 0x30 {
            // A Retry: no length, no number, and nothing may follow.
            return None;
        }
        let length = variable(datagram)?;
        let number_at = start.len() - datagram.rest().len();
        datagram.take(length)?;
        Some(Self { version, destination, bytes: &start[..number_at + length], number_at })
    }

    fn is_initial(&self) -> bool {
        self.bytes[0] & 0x30 == self.version.initial
    }
}

/// What opens the Initial packets of a client.
pub struct InitialKeys {
    version: u32,
    packet: Aes128Gcm,
    iv: [u8; 12],
    header: aes::Aes128,
}

impl InitialKeys {
    /// Derive the keys from the first Initial packet of a datagram: both ends take them from the connection id
    /// that the client drew for its very first one, or from the server's Retry.
    pub fn of_datagram(datagram: &[u8]) -> Option<Self> {
        let packet = LongPacket::read(&mut Cursor::new(datagram)).filter(LongPacket::is_initial)?;
        let (key, iv, header) = packet.version.client_keys(packet.destination)?;
        Some(Self {
            version: packet.version.number,
            packet: Aes128Gcm::new(&key.into()),
            iv,
            header: aes::Aes128::new(&header.into()),
        })
    }

    /// Open every Initial packet of a datagram and hand over its frames; false when none was opened.
    pub fn open(&self, datagram: &[u8], mut frames: impl FnMut(&[u8])) -> bool {
        let mut cursor = Cursor::new(datagram);
        let mut is_opened = false;
        while let Some(packet) = LongPacket::read(&mut cursor) {
            if packet.is_initial() && packet.version.number == self.version {
                is_opened |= self.open_packet(&packet).inspect(|plain| frames(plain)).is_some();
            }
        }
        is_opened
    }

    /// Take off header protection (RFC 9001, section 5.4) and then decrypt; `None` where somebody else's keys were used.
    fn open_packet(&self, packet: &LongPacket) -> Option<Vec<u8>> {
        let at = packet.number_at;
        let sample_at = at + MAXIMUM_PACKET_NUMBER_BYTES;
        if packet.bytes.len() > MAXIMUM_PACKET_BYTES {
            return None;
        }
        let sample: [u8; SAMPLE_BYTES] = packet.bytes.get(sample_at..sample_at + SAMPLE_BYTES)?.try_into().ok()?;
        let mut mask = sample.into();
        self.header.encrypt_block(&mut mask);
        let first = packet.bytes[0] ^ mask[0] & 0x0f;
        let number_bytes = usize::from(first & 0x03) + 1;
        let mut header = packet.bytes[..at + number_bytes].to_vec();
        header[0] = first;
        let mut nonce = self.iv;
        for place in 0..number_bytes {
            header[at + place] ^= mask[1 + place];
            // Numbers of Initial packets are small: what is sent of them is all of them.
            nonce[nonce.len() - number_bytes + place] ^= header[at + place];
        }
        let (sealed, tag) = packet.bytes[header.len()..].split_last_chunk::<TAG_BYTES>()?;
        let mut plain = sealed.to_vec();
        self.packet.decrypt_in_place_detached(&nonce.into(), &header, &mut plain, tag.into()).ok()?;
        Some(plain)
    }
}

/// The pieces of the handshake among the frames of an Initial packet, each with its place; `None` after a frame
/// that does not belong there.
pub fn crypto_frames(frames: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut cursor = Cursor::new(frames);
    std::iter::from_fn(move || next_crypto_frame(&mut cursor))
}

fn next_crypto_frame<'a>(cursor: &mut Cursor<'a>) -> Option<(usize, &'a [u8])> {
    const PADDING: u8 = 0x00;
    const PING: u8 = 0x01;
    const ACK: u8 = 0x02;
    const ACK_WITH_ECN: u8 = 0x03;
    const CRYPTO: u8 = 0x06;
    loop {
        match cursor.u8()? {
            PADDING | PING => {}
            kind @ (ACK | ACK_WITH_ECN) => skip_acknowledgement(cursor, kind == ACK_WITH_ECN)?,
            CRYPTO => {
                let (offset, length) = (variable(cursor)?, variable(cursor)?);
                return Some((offset, cursor.take(length)?));
            }
            _ => return None,
        }
    }
}

fn skip_acknowledgement(cursor: &mut Cursor, has_ecn: bool) -> Option<()> {
    variable(cursor)?;
    variable(cursor)?;
    let ranges = variable(cursor)?;
    variable(cursor)?;
    // Each takes at least a byte, so that this ends with the packet whatever the count says.
    for _ in 0..ranges.checked_mul(2)? {
        variable(cursor)?;
    }
    for _ in 0..if has_ecn { 3 } else { 0 } {
        variable(cursor)?;
    }
    Some(())
}

fn connection_id<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = cursor.u8().map(usize::from).filter(|length| *length <= MAXIMUM_ID_BYTES)?;
    cursor.take(length)
}

/// An integer whose first two bits say how long it is (RFC 9000, section 16).
fn variable(cursor: &mut Cursor) -> Option<usize> {
    let first = cursor.u8()?;
    let more = cursor.take((1 << (first >> 6)) - 1)?;
    let value = more.iter().fold(u64::from(first & 0x3f), |value, &byte| value << 8 | u64::from(byte));
    usize::try_from(value).ok()
}

/// HKDF-Expand-Label without context (RFC 8446, section 7.1); `label` includes the prefix.
fn expand<const N: usize>(secret: &Hkdf<Sha256>, label: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    let info = [&(N as u16).to_be_bytes()[..], &[label.len() as u8], label, &[0]].concat();
    secret.expand(&info, &mut out).ok().map(|()| out)
}

/// What a client does, so that tests can be one.
#[cfg(test)]
pub mod testing {
    use super::*;

    /// Key, initialisation vector and header protection key.
    pub fn derive(version: u32, destination: &[u8]) -> [Vec<u8>; 3] {
        let version = VERSIONS.iter().find(|known| known.number == version).unwrap();
        let (key, iv, header) = version.client_keys(destination).unwrap();
        [key.to_vec(), iv.to_vec(), header.to_vec()]
    }

    /// Put header protection on a packet whose number is one byte.
    pub fn protect(packet: &mut [u8], number_at: usize, key: &[u8]) {
        let cipher = aes::Aes128::new_from_slice(key).unwrap();
        let mut mask = *<&aes::Block>::from(&packet[number_at + 4..number_at + 20]);
        cipher.encrypt_block(&mut mask);
        packet[0] ^= mask[0] & 0x0f;
        packet[number_at] ^= mask[1];
    }
}
