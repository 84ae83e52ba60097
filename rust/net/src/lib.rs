//! Sockets, kernel timestamps and mapped memory: all unsafe code but one instruction.
#![deny(unsafe_op_in_unsafe_fn)]

pub mod allocator;
mod arrivals;
pub mod copies;
pub mod counter_map;
pub mod datagram_sender;
mod departures;
mod listening;
mod listening_sockets;
pub mod live_meter;
mod netlink_socket;
mod outbox;
mod packet_ring;
mod raw_keeper;
mod receive_buffer;
pub mod replay;
pub mod scattered_file;
mod socket_address;
mod socket_program;
pub mod steering;
pub mod time_server;
mod timestamped_socket;
pub mod translation_watch;
pub mod udp_receiver;
