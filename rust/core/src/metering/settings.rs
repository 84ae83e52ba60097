//! What a meter is told to do.

use super::{connections::Curiosity, flow_cache::Limits, sampler::Sampling};

/// What a meter is told to do.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// When flows end.
    pub limits: Limits,
    /// Whether flows are of what tunnels carry, in place of the tunnels themselves.
    pub opens_tunnels: bool,
    /// Which packets to look at; `None` for all.
    pub sampling: Option<Sampling>,
    /// What to know beyond counters.
    pub curiosity: Curiosity,
}

impl Settings {
    /// What can be known: of a connection that is not seen whole, nobody can say how it does.
    pub fn curiosity(&self) -> Curiosity {
        Curiosity { performance: self.curiosity.performance && self.sampling.is_none(), ..self.curiosity }
    }
}

impl From<Limits> for Settings {
    fn from(limits: Limits) -> Self {
        Self { limits, opens_tunnels: false, sampling: None, curiosity: Curiosity::default() }
    }
}
