//! Sockets, kernel timestamps and mapped memory: all unsafe code but one instruction.
#![deny(unsafe_op_in_unsafe_fn)]

pub mod allocator;
mod arrivals;
pub mod counter_map;
mod departures;
pub mod live_meter;
mod netlink_socket;
mod packet_ring;
mod receive_buffer;
pub mod time_server;
mod timestamped_socket;
pub mod translation_watch;
pub mod udp_receiver;
