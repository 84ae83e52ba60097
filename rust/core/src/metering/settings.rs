//! What a meter is told to do.

use super::{flow_cache::Limits, sampler::Sampling};

/// What a meter is told to do.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// When flows end.
    pub limits: Limits,
    /// Whether flows are of what tunnels carry, in place of the tunnels themselves.
    pub opens_tunnels: bool,
    /// Which packets to look at; `None` for all.
    pub sampling: Option<Sampling>,
}

impl From<Limits> for Settings {
    fn from(limits: Limits) -> Self {
        Self { limits, opens_tunnels: false, sampling: None }
    }
}
