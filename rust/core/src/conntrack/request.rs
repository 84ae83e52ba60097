//! The one question we ask.

/// Number by which the answer to [`dump_request`] is known.
pub const DUMP_SEQUENCE: u32 = 1;

/// Length, type, flags, sequence and sender, then netfilter's own header: any address family.
const LENGTH: usize = 20;
/// Connection tracking's request for connections.
const GET: u16 = 1 << 8 | 1;
/// A request, and for all there is.
const REQUEST_ALL: u16 = 0x1 | 0x300;

/// A message that asks for every connection there is.
pub fn dump_request() -> [u8; LENGTH] {
    let mut request = [0; LENGTH];
    request[..4].copy_from_slice(&(LENGTH as u32).to_ne_bytes());
    request[4..6].copy_from_slice(&GET.to_ne_bytes());
    request[6..8].copy_from_slice(&REQUEST_ALL.to_ne_bytes());
    request[8..12].copy_from_slice(&DUMP_SEQUENCE.to_ne_bytes());
    request
}
