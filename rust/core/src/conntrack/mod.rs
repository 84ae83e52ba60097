//! What Linux tells of the connections that it tracks, over netlink (`linux/netfilter/nfnetlink_conntrack.h`).
//!
//! Bytes of a netlink socket go in, connections come out. Headers and lengths are in the order of the
//! machine that sent them, values in network order. What is cut or contradicts itself is said to be so, and skipped.

mod attributes;
mod connection;
mod message;
mod request;

#[cfg(test)]
mod tests;

pub use connection::{Connection, Counted, Tuple};
pub use message::{Message, messages};
pub use request::{DUMP_SEQUENCE, dump_request};
