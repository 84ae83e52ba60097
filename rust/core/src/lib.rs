//! What runs per packet or per record, without sockets, clocks, Python or unsafe code.
//!
//! Bytes and an arrival time go in; columns, datagrams and counters come out. Sockets and mapped
//! memory are `tidegauge-net`'s, the seam to Python is `tidegauge-python`'s.
#![forbid(unsafe_code)]

pub mod address;
pub mod application;
pub mod batch;
pub mod biflows;
pub mod capture;
pub mod columns;
pub mod conntrack;
pub mod datagram;
pub mod decoder;
pub mod dissection;
pub mod encoder;
pub mod enveloped;
pub mod export_file;
pub mod inspection;
pub mod ledger;
pub mod metering;
pub mod ntp;
pub mod packet;
mod recent;
pub mod schema;
pub mod segment;
pub mod sightings;
pub mod templates;
pub mod time;
pub mod wire;
