//! What the table had no room for: flows of a flood, counted together.
//!
//! A flood of random sources is one thing, however many flows it looks like: all that it hits is counted as one flow, from
//! nobody. No packet and no byte is lost, and memory stays bounded.

use std::collections::HashMap;

use super::{
    ended::{EndedFlows, Told},
    flow::{EndReason, Flow, FlowKey},
    flow_cache::Limits,
    seeded_hash::SeededHash,
};
use crate::time::Instant;

/// Destinations told apart; beyond, all that is left counts together, by protocol.
const MAXIMUM_DESTINATIONS: usize = 1024;

/// Flows by what they hit.
#[derive(Default)]
pub struct Overflow {
    flows: HashMap<FlowKey, Flow, SeededHash>,
    /// Flows taken in.
    count: u64,
}

impl Overflow {
    /// Take a flow in.
    pub fn absorb(&mut self, flow: &Flow) {
        self.count += 1;
        let destination = flow.key.sent_by_nobody();
        let is_known = self.flows.len() < MAXIMUM_DESTINATIONS || self.flows.contains_key(&destination);
        let key = if is_known { destination } else { flow.key.of_everybody() };
        self.flows.entry(key).and_modify(|whole| whole.absorb(flow)).or_insert_with(|| Flow { key, ..flow.clone() });
    }

    /// Flows taken in so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Hand over what is old or silent.
    pub fn expire(&mut self, now: Instant, limits: &Limits, ended: &mut EndedFlows) {
        if self.flows.is_empty() {
            return;
        }
        self.flows.retain(|_, flow| {
            let is_over = now.saturating_sub(flow.end) >= limits.idle_timeout
                || now.saturating_sub(flow.start) >= limits.active_timeout;
            if is_over {
                ended.push(flow.clone(), EndReason::LackOfResources, Told::default());
            }
            !is_over
        });
    }

    /// Hand over everything.
    pub fn end_all(&mut self, ended: &mut EndedFlows) {
        self.flows.drain().for_each(|(_, flow)| ended.push(flow, EndReason::LackOfResources, Told::default()));
    }
}
