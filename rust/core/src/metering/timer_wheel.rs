//! Which flows to look at when: a ring of slots, each a short stretch of time.
//!
//! Setting a timer is a push, so that a packet costs nothing here: a flow's timer is set once, and looked at
//! again only when it fires. Order within a slot does not matter, since a flow whose timeout has passed is
//! split at its next packet anyway, fired or not.

use crate::time::Instant;

const SLOTS: i64 = 64;

/// Number of a slot since 1970.
pub type Tick = i64;

/// Timers by the time they fire.
pub struct TimerWheel {
    slots: Vec<Vec<u32>>,
    width: i64,
    position: Tick,
    /// Where the current slot ends: asked with each packet, and a division each time would be felt.
    end: Instant,
}

impl TimerWheel {
    /// A wheel for timers of at most `longest` nanoseconds.
    pub fn new(longest: i64) -> Self {
        let width = (longest / (SLOTS - 2)).max(1);
        Self { slots: vec![Vec::new(); SLOTS as usize], width, position: Tick::MIN, end: Instant::MIN }
    }

    /// Fire for `flow` once `deadline` has passed.
    #[inline]
    pub fn set(&mut self, flow: u32, deadline: Instant) -> Tick {
        let tick = self.tick(deadline);
        self.slot(tick).push(flow);
        tick
    }

    /// When a timer for `deadline` would fire.
    #[inline]
    pub fn tick(&self, deadline: Instant) -> Tick {
        (deadline.div_euclid(self.width) + 1).clamp(self.position + 1, self.position + SLOTS - 1)
    }

    /// Whether [`Self::advance`] has something to do.
    #[inline]
    pub fn is_due(&self, now: Instant) -> bool {
        now >= self.end
    }

    /// Move to the next slot before `now` that holds timers, and empty it into `fired`.
    ///
    /// Returns its tick; `None` when the wheel stands at `now`.
    pub fn advance(&mut self, now: Instant, fired: &mut Vec<u32>) -> Option<Tick> {
        let target = now.div_euclid(self.width);
        // Everything in the ring lies within one turn, however far the time jumps.
        let last = target.min(self.position.saturating_add(SLOTS));
        while self.position < last {
            self.position += 1;
            let tick = self.position;
            if !self.slot(tick).is_empty() {
                fired.append(self.slot(tick));
                return Some(tick);
            }
        }
        self.position = self.position.max(target);
        self.end = self.position.saturating_add(1).saturating_mul(self.width);
        None
    }

    /// Take the timer that would fire first, with its tick.
    pub fn pop(&mut self) -> Option<(u32, Tick)> {
        (self.position + 1..=self.position + SLOTS).find_map(|tick| Some((self.slot(tick).pop()?, tick)))
    }

    fn slot(&mut self, tick: Tick) -> &mut Vec<u32> {
        &mut self.slots[tick.rem_euclid(SLOTS) as usize]
    }
}
