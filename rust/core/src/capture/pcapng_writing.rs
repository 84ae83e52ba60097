//! Writing pcapng: a section with one interface, and packets in pieces (draft-ietf-opsawg-pcapng).

use super::pcapng::{BLOCK_OVERHEAD, BYTE_ORDER_MAGIC, ENHANCED_PACKET, INTERFACE_DESCRIPTION, SECTION_HEADER};
use crate::time::Instant;

/// The link type of packets that begin with an IP header of either version.
const RAW_IP: u16 = 101;

const OPTION_INTERFACE_NAME: u16 = 2;
const OPTION_APPLICATION: u16 = 4;
const OPTION_TIMESTAMP_RESOLUTION: u16 = 9;
const NANOSECONDS: u8 = 9;

/// Begin a section whose one interface brings IP packets, stamped in nanoseconds.
pub fn begin_section(out: &mut Vec<u8>, application: &str, interface: &str) {
    block(out, SECTION_HEADER, |out| {
        out.extend(BYTE_ORDER_MAGIC.to_le_bytes());
        out.extend([1, 0, 0, 0]); // version 1.0
        out.extend((-1_i64).to_le_bytes()); // of a length that is not known yet
        option(out, OPTION_APPLICATION, application.as_bytes());
        option(out, 0, &[]);
    });
    block(out, INTERFACE_DESCRIPTION, |out| {
        out.extend(RAW_IP.to_le_bytes());
        out.extend([0; 2]);
        out.extend(0_u32.to_le_bytes()); // no packet is cut
        option(out, OPTION_INTERFACE_NAME, interface.as_bytes());
        option(out, OPTION_TIMESTAMP_RESOLUTION, &[NANOSECONDS]);
        option(out, 0, &[]);
    });
}

/// Add a packet, which lies in two pieces.
pub fn packet(out: &mut Vec<u8>, timestamp: Instant, pieces: [&[u8]; 2]) {
    let length = (pieces[0].len() + pieces[1].len()) as u32;
    let ticks = timestamp.max(0) as u64;
    block(out, ENHANCED_PACKET, |out| {
        for word in [0, (ticks >> 32) as u32, ticks as u32, length, length] {
            out.extend(word.to_le_bytes());
        }
        out.extend_from_slice(pieces[0]);
        out.extend_from_slice(pieces[1]);
    });
}

/// A block: its length stands at both ends, and is divisible by four.
fn block(out: &mut Vec<u8>, block_type: u32, put: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    out.extend(block_type.to_le_bytes());
    out.extend([0; 4]);
    put(out);
    pad(out, begin);
    let length = ((out.len() - begin + BLOCK_OVERHEAD - 8) as u32).to_le_bytes();
    out[begin + 4..begin + 8].copy_from_slice(&length);
    out.extend(length);
}

fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let begin = out.len();
    out.extend(code.to_le_bytes());
    out.extend((value.len() as u16).to_le_bytes());
    out.extend_from_slice(value);
    pad(out, begin);
}

fn pad(out: &mut Vec<u8>, begin: usize) {
    let missing = (out.len() - begin).next_multiple_of(4) - (out.len() - begin);
    out.resize(out.len() + missing, 0);
}
