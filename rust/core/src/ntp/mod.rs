//! NTP on the wire, and what a server answers (RFC 5905).
//!
//! Requests and arrival times go in, replies come out. Nothing here reads a clock or a socket,
//! and nothing here decides how good this machine's clock is: Python does, and vouches for it.

pub mod packet;
pub mod server;
pub mod stamp;

pub use packet::{HEADER_BYTES, Header, Mode};
pub use server::{Action, Refusal, ServerState, Vouching, respond};
pub use stamp::{NtpShort, NtpStamp};

#[cfg(test)]
mod tests;
