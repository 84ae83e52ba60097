//! One tracked connection.

use std::hash::{Hash, Hasher};

use super::attributes::Attributes;
use crate::{
    address::{Address, address_from_v4},
    time::Instant,
};

/// Attributes of a connection (`ctattr_type`), of a tuple (`ctattr_tuple`, `ctattr_ip`, `ctattr_l4proto`),
/// of counters and of times.
mod attribute {
    pub const ORIGINAL: u16 = 1;
    pub const REPLY: u16 = 2;
    pub const COUNTED_ORIGINAL: u16 = 9;
    pub const COUNTED_REPLY: u16 = 10;
    pub const ID: u16 = 12;
    pub const LIFE: u16 = 20;
    pub const EVENT_TIME: u16 = 27;

    pub const ADDRESSES: u16 = 1;
    pub const TRANSPORT: u16 = 2;
    pub const SRC_V4: u16 = 1;
    pub const DST_V4: u16 = 2;
    pub const SRC_V6: u16 = 3;
    pub const DST_V6: u16 = 4;
    pub const PROTOCOL: u16 = 1;
    pub const SRC_PORT: u16 = 2;
    pub const DST_PORT: u16 = 3;

    pub const PACKETS: u16 = 1;
    pub const BYTES: u16 = 2;
    pub const START: u16 = 1;
    pub const STOP: u16 = 2;
}

/// One direction's ends, as its packets carry them when they reach this machine, before any translation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tuple {
    /// Source address.
    pub src: Address,
    /// Destination address.
    pub dst: Address,
    /// Source port; 0 where the protocol has none.
    pub src_port: u16,
    /// Destination port; 0 where the protocol has none.
    pub dst_port: u16,
    /// IP protocol number.
    pub protocol: u8,
}

/// Protocols that have ports: TCP, UDP, DCCP, SCTP, UDP-Lite.
const WITH_PORTS: [u8; 5] = [6, 17, 33, 132, 136];

impl Tuple {
    /// Whether the protocol has ports.
    pub fn has_ports(&self) -> bool {
        WITH_PORTS.contains(&self.protocol)
    }

    /// The same with ports 0 where the protocol has none: flows tell ICMP's type and code there, connections GRE's key.
    #[must_use]
    pub fn normalised(self) -> Self {
        if self.has_ports() { self } else { Self { src_port: 0, dst_port: 0, ..self } }
    }

    /// The ends of what comes the other way.
    #[must_use]
    pub fn inverted(&self) -> Self {
        Self { src: self.dst, dst: self.src, src_port: self.dst_port, dst_port: self.src_port, ..*self }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (mut src, mut dst, mut tuple) = (None, None, Self::default());
        for (kind, value) in Attributes::new(bytes) {
            match kind {
                attribute::ADDRESSES => {
                    for (kind, value) in Attributes::new(value) {
                        match kind {
                            attribute::SRC_V4 => src = Some(address_from_v4(exact(value)?)),
                            attribute::DST_V4 => dst = Some(address_from_v4(exact(value)?)),
                            attribute::SRC_V6 => src = Some(exact(value)?),
                            attribute::DST_V6 => dst = Some(exact(value)?),
                            _ => {}
                        }
                    }
                }
                attribute::TRANSPORT => {
                    for (kind, value) in Attributes::new(value) {
                        match kind {
                            attribute::PROTOCOL => [tuple.protocol] = exact(value)?,
                            attribute::SRC_PORT => tuple.src_port = u16::from_be_bytes(exact(value)?),
                            attribute::DST_PORT => tuple.dst_port = u16::from_be_bytes(exact(value)?),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        (tuple.src, tuple.dst) = (src?, dst?);
        Some(tuple.normalised())
    }
}

impl Hash for Tuple {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for address in [&self.src, &self.dst] {
            let whole = u128::from_be_bytes(*address);
            state.write_u64((whole >> 64) as u64);
            state.write_u64(whole as u64);
        }
        state.write_u64(u64::from(self.src_port) << 48 | u64::from(self.dst_port) << 32 | u64::from(self.protocol));
    }
}

/// What one direction of a connection carried, where the kernel counts (`net.netfilter.nf_conntrack_acct`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Packets, as the kernel handles them: several segments may be one.
    pub packets: u64,
    /// IP bytes.
    pub bytes: u64,
}

impl Counted {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut counted = Self::default();
        for (kind, value) in Attributes::new(bytes) {
            match kind {
                attribute::PACKETS => counted.packets = u64::from_be_bytes(exact(value)?),
                attribute::BYTES => counted.bytes = u64::from_be_bytes(exact(value)?),
                _ => {}
            }
        }
        Some(counted)
    }
}

/// A connection as a message tells of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// The kernel's number for it; numbers come again once a connection is over.
    pub id: u32,
    /// From who began it.
    pub original: Tuple,
    /// From who answers.
    pub reply: Tuple,
    /// What the original direction carried.
    pub counted_original: Option<Counted>,
    /// What the reply direction carried.
    pub counted_reply: Option<Counted>,
    /// When it began and ended, where the kernel notes it (`net.netfilter.nf_conntrack_timestamp`).
    pub start: Option<Instant>,
    /// See `start`.
    pub stop: Option<Instant>,
    /// When the message was made, by new kernels.
    pub time: Option<Instant>,
}

impl Connection {
    /// Whether an address or a port is another on the other side of this machine.
    pub fn is_translated(&self) -> bool {
        self.reply != self.original.inverted()
    }

    /// Read the attributes of a message; `None` where the ends are missing or a value has an impossible length.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (mut original, mut reply, mut connection) = (None, None, Self::default());
        for (kind, value) in Attributes::new(bytes) {
            match kind {
                attribute::ORIGINAL => original = Some(Tuple::parse(value)?),
                attribute::REPLY => reply = Some(Tuple::parse(value)?),
                attribute::COUNTED_ORIGINAL => connection.counted_original = Some(Counted::parse(value)?),
                attribute::COUNTED_REPLY => connection.counted_reply = Some(Counted::parse(value)?),
                attribute::ID => connection.id = u32::from_be_bytes(exact(value)?),
                attribute::EVENT_TIME => connection.time = Some(instant(value)?),
                attribute::LIFE => {
                    for (kind, value) in Attributes::new(value) {
                        match kind {
                            attribute::START => connection.start = Some(instant(value)?),
                            attribute::STOP => connection.stop = Some(instant(value)?),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Some(Self { original: original?, reply: reply?, ..connection })
    }
}

fn exact<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    value.try_into().ok()
}

fn instant(value: &[u8]) -> Option<Instant> {
    Instant::try_from(u64::from_be_bytes(exact(value)?)).ok()
}
