//! The export protocols.

/// An export protocol. The number is its code in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ProtocolVersion {
    /// NetFlow version 5.
    NetflowV5,
    /// NetFlow version 9, RFC 3954.
    NetflowV9,
    /// IPFIX, RFC 7011.
    Ipfix,
    /// NetFlow version 1.
    NetflowV1,
    /// NetFlow version 6, which is version 5 and the encapsulations.
    NetflowV6,
    /// NetFlow version 7, of Catalyst switches.
    NetflowV7,
    /// NetFlow version 8: aggregations.
    NetflowV8,
    /// sFlow version 5.
    SflowV5,
}

impl ProtocolVersion {
    /// All versions, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::NetflowV5,
        Self::NetflowV9,
        Self::Ipfix,
        Self::NetflowV1,
        Self::NetflowV6,
        Self::NetflowV7,
        Self::NetflowV8,
        Self::SflowV5,
    ];

    /// The word for it in columns, JSON and the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::NetflowV1 => "netflow1",
            Self::NetflowV5 => "netflow5",
            Self::NetflowV6 => "netflow6",
            Self::NetflowV7 => "netflow7",
            Self::NetflowV8 => "netflow8",
            Self::NetflowV9 => "netflow9",
            Self::Ipfix => "ipfix",
            Self::SflowV5 => "sflow5",
        }
    }

    /// The number in the first two bytes of a datagram. sFlow has four bytes for it, so its is 0.
    pub fn number(self) -> u16 {
        match self {
            Self::SflowV5 => 0,
            Self::NetflowV1 => 1,
            Self::NetflowV5 => 5,
            Self::NetflowV6 => 6,
            Self::NetflowV7 => 7,
            Self::NetflowV8 => 8,
            Self::NetflowV9 => 9,
            Self::Ipfix => 10,
        }
    }

    /// The version of a number in the first two bytes.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.number() == number)
    }

    /// A byte that stands for it in mapped counters, where 0 is nobody's: its number, but 105 for sFlow.
    pub fn mark(self) -> u8 {
        match self {
            Self::SflowV5 => 105,
            other => other.number() as u8,
        }
    }

    /// The version that a byte in mapped counters stands for.
    pub fn from_mark(mark: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.mark() == mark)
    }

    /// Whether headers tell what time it is where they were written.
    pub fn has_wall_clock(self) -> bool {
        self != Self::SflowV5
    }

    /// Whether datagrams are numbered, or what they hold.
    pub fn has_sequence(self) -> bool {
        self != Self::NetflowV1
    }
}
