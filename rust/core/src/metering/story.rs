//! What is told of a flow beyond its counters.

use std::sync::Arc;

use super::{
    handshake::Handshake,
    tcp::{Mishaps, RoundTrips},
};
use crate::application::Recognised;

/// What the client of a connection said it wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Name of the far end.
    pub site: Option<String>,
    /// How the name was told, in the word of `site_source`.
    pub source: Option<&'static str>,
    /// Protocol inside TLS (ALPN).
    pub protocol: Option<String>,
    /// Fingerprint of the client's program.
    pub fingerprint: Option<String>,
    /// What it said that in.
    pub application: Option<Recognised>,
}

/// How its TCP connection did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Performance {
    /// Of the connection.
    pub handshake: Handshake,
    /// Of the flow.
    pub round_trips: RoundTrips,
    /// Of the flow.
    pub mishaps: Mishaps,
}

/// What is told of a flow beyond its counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// What the client wants; the same for both directions.
    pub wanted: Option<Arc<Wanted>>,
    /// Of TCP.
    pub performance: Option<Performance>,
}
