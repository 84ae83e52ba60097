//! Flows that are over, until somebody takes them.

use super::{
    flow::{EndReason, Flow},
    story::Story,
};

/// A flow that is over.
pub struct Ended {
    /// What was counted.
    pub flow: Flow,
    /// Why it ended.
    pub reason: EndReason,
    /// Which story is told of it.
    story: Option<u32>,
}

/// Flows that are over, in the order in which they ended, and what is told of some of them.
#[derive(Default)]
pub struct EndedFlows {
    flows: Vec<Ended>,
    stories: Vec<Story>,
}

impl EndedFlows {
    /// Add a flow.
    #[inline]
    pub fn push(&mut self, flow: Flow, reason: EndReason, story: Option<Story>) {
        let story = story.map(|story| {
            self.stories.push(story);
            self.stories.len() as u32 - 1
        });
        self.flows.push(Ended { flow, reason, story });
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
        self.stories.get(ended.story? as usize)
    }
}
