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

impl Performance {
    /// Round trips in nanoseconds, as far as they are known: of the handshake all, to the server and to the client; of what was
    /// sent to the receiver the shortest, the mean and the longest.
    #[inline]
    pub fn durations(&self) -> [Option<i64>; 6] {
        let [shortest, mean, longest] = self.round_trips.summary().map_or([None; 3], |summary| summary.map(Some));
        let handshake = &self.handshake;
        [handshake.whole(), handshake.server(), handshake.client(), shortest, mean, longest]
    }
}

/// What is told of a flow beyond its counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// What the client wants; the same for both directions.
    pub wanted: Option<Arc<Wanted>>,
    /// Of TCP.
    pub performance: Option<Performance>,
}

/// Stories of flows that are over, by number.
#[derive(Default)]
pub struct Stories(Vec<Story>);

impl Stories {
    /// Add a story; tells its number.
    #[inline]
    pub fn add(&mut self, story: Story) -> u32 {
        self.0.push(story);
        self.0.len() as u32 - 1
    }

    /// The story of a number.
    #[inline]
    pub fn get(&self, number: u32) -> Option<&Story> {
        self.0.get(number as usize)
    }

    /// Forget all, but keep the room.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
