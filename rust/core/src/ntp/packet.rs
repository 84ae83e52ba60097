//! The 48-byte header that every NTP packet starts with (RFC 5905, section 7.3).

use super::stamp::{NtpShort, NtpStamp};

/// Length of the header, and of a packet without extension fields and authentication.
pub const HEADER_BYTES: usize = 48;

/// What the sender of a packet is to its receiver; three bits on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// 0, which clients of version 1 sent.
    #[default]
    Reserved,
    /// 1: a peer that keeps an association.
    SymmetricActive,
    /// 2: a peer that was asked by one.
    SymmetricPassive,
    /// 3: asks for the time.
    Client,
    /// 4: answers a client.
    Server,
    /// 5: sends unasked.
    Broadcast,
    /// 6: asks for or reports variables (RFC 9327).
    Control,
    /// 7: whatever an implementation likes; amplification attacks rode on it.
    Private,
}

impl Mode {
    const ALL: [Self; 8] = [
        Self::Reserved,
        Self::SymmetricActive,
        Self::SymmetricPassive,
        Self::Client,
        Self::Server,
        Self::Broadcast,
        Self::Control,
        Self::Private,
    ];

    fn from_bits(bits: u8) -> Self {
        Self::ALL[usize::from(bits & 7)]
    }
}

/// The fields of the header. Every bit pattern means something, so only a short packet cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// 0 to 2: no, a longer, a shorter last minute of the day; 3: the clock is not synchronised.
    pub leap: u8,
    /// Version of the protocol, 0 to 7.
    pub version: u8,
    /// Who is talking.
    pub mode: Mode,
    /// Hops to a reference clock; 0 in a kiss of death, 16 when not synchronised.
    pub stratum: u8,
    /// Time between polls, as a power of two in seconds.
    pub poll: i8,
    /// Fineness of the sender's clock, as a power of two in seconds.
    pub precision: i8,
    /// Round trip to the reference clock.
    pub root_delay: NtpShort,
    /// Error gathered on the way from the reference clock.
    pub root_dispersion: NtpShort,
    /// The source: ASCII at stratum 0 and 1, an address or its hash below.
    pub reference_id: [u8; 4],
    /// When the sender's clock was last set or corrected.
    pub reference_time: NtpStamp,
    /// The transmit stamp of the packet this one answers.
    pub origin: NtpStamp,
    /// When that packet arrived.
    pub receive: NtpStamp,
    /// When this packet left.
    pub transmit: NtpStamp,
}

impl Header {
    /// Read the header; whatever follows it is not looked at. `None` when the packet is too short.
    pub fn from_bytes(packet: &[u8]) -> Option<Self> {
        let bytes: &[u8; HEADER_BYTES] = packet.first_chunk()?;
        let short = |at: usize| NtpShort(u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
        let stamp = |at: usize| NtpStamp(u64::from(short(at).0) << 32 | u64::from(short(at + 4).0));
        Some(Self {
            leap: bytes[0] >> 6,
            version: bytes[0] >> 3 & 7,
            mode: Mode::from_bits(bytes[0]),
            stratum: bytes[1],
            poll: bytes[2] as i8,
            precision: bytes[3] as i8,
            root_delay: short(4),
            root_dispersion: short(8),
            reference_id: [bytes[12], bytes[13], bytes[14], bytes[15]],
            reference_time: stamp(16),
            origin: stamp(24),
            receive: stamp(32),
            transmit: stamp(40),
        })
    }

    /// Write the header.
    pub fn write(&self, bytes: &mut [u8; HEADER_BYTES]) {
        bytes[0] = self.leap << 6 | (self.version & 7) << 3 | self.mode as u8;
        bytes[1] = self.stratum;
        bytes[2] = self.poll as u8;
        bytes[3] = self.precision as u8;
        bytes[4..8].copy_from_slice(&self.root_delay.0.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.root_dispersion.0.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.reference_id);
        bytes[16..24].copy_from_slice(&self.reference_time.0.to_be_bytes());
        bytes[24..32].copy_from_slice(&self.origin.0.to_be_bytes());
        bytes[32..40].copy_from_slice(&self.receive.0.to_be_bytes());
        bytes[40..48].copy_from_slice(&self.transmit.0.to_be_bytes());
    }
}
