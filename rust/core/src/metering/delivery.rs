//! What the kernel says of a frame beside its bytes.

/// Which way a frame passed the interface, numbered as flowDirection (RFC 5102, section 5.11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// Into this machine.
    Ingress = 0,
    /// Out of it.
    Egress = 1,
}

/// What a capture file does not keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Which way the frame went; `None` where nobody knows.
    pub direction: Option<Direction>,
    /// Identifier of a VLAN tag that the network card took off.
    pub vlan: Option<u16>,
    /// Payload of each packet on the wire that a super-frame of segmentation offload stands for; 0 for an ordinary frame.
    pub segment_bytes: u16,
}
