//! NTP on the wire, and what a server answers (RFC 5905).
//!
//! Requests and arrival times go in, replies come out. Nothing here reads a clock or a socket,
//! and nothing here decides how good this machine's clock is: Python does, and vouches for it.

pub mod access;
pub mod clients;
pub mod cookie;
pub mod interleaving;
pub mod leap;
pub mod nts;
pub mod packet;
pub mod rate;
pub mod responder;
pub mod server;
pub mod stamp;

pub use access::{Access, Network};
pub use clients::{Client, Clients};
pub use cookie::{CookieKeys, KEY_BYTES};
pub use leap::Leap;
pub use packet::{HEADER_BYTES, Header, Mode};
pub use rate::RateLimit;
pub use responder::{Action, Policy, REPLY_BYTES, Refusal, Reply, Request, Responder, Sending};
pub use server::{ServerState, Vouching};
pub use stamp::{NtpShort, NtpStamp};

#[cfg(test)]
mod tests;
