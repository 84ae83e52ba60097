//! Flows that are over, until somebody takes them.

use super::{
    flow::{EndReason, Flow},
    story::{Stories, Story},
};
use crate::application::Recognised;

/// What is known of a flow's connection when the flow ends.
#[derive(Default)]
pub struct Told {
    /// What the payload is; the same for both directions.
    pub application: Option<Recognised>,
    /// The number of the story that tells more.
    pub story: Option<u32>,
}

/// A flow that is over.
pub struct Ended {
    /// What was counted.
    pub flow: Flow,
    /// Why it ended.
    pub reason: EndReason,
    /// What its payload is.
    pub application: Option<Recognised>,
    /// Which story is told of it.
    story: Option<u32>,
}

/// Flows that are over, in the order in which they ended, and what is told of some of them.
#[derive(Default)]
pub struct EndedFlows {
    flows: Vec<Ended>,
    /// Where the story of a flow goes before the flow does.
    pub stories: Stories,
}

impl EndedFlows {
    /// Add a flow.
    #[inline]
    pub fn push(&mut self, flow: Flow, reason: EndReason, Told { application, story }: Told) {
        self.flows.push(Ended { flow, reason, application, story });
    }

    /// Forget all, but keep the room.
    pub fn clear(&mut self) {
        self.flows.clear();
        self.stories.clear();
    }

    /// All of them.
    pub fn flows(&self) -> &[Ended] {
        &self.flows
    }

    /// What is told of one of them.
    #[inline]
    pub fn story(&self, ended: &Ended) -> Option<&Story> {
        self.stories.get(ended.story?)
    }
}
