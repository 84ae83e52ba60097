//! Sockets, kernel timestamps and mapped memory: the only crate with unsafe code.
#![deny(unsafe_op_in_unsafe_fn)]

mod allocator;
mod arrivals;
mod counter_map;
mod departures;
pub mod live_meter;
mod packet_ring;
pub mod time_server;
mod timestamped_socket;
pub mod udp_receiver;
