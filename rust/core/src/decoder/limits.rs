//! Bounds on what untrusted senders can make us remember.

use crate::time::{Instant, MINUTE};

/// Bounds of one decoder; reaching one is counted.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Exporter address, port, version and domain combinations; those heard little and longest silent go first.
    pub sessions: usize,
    /// Templates of one session.
    pub templates_per_session: usize,
    /// Fields of one template.
    pub fields_per_template: usize,
    /// Bytes of the templates of all sessions; who holds most forgets first.
    pub template_bytes: usize,
    /// Bytes of data sets that wait for their template.
    pub parked_bytes: usize,
    /// How long they wait.
    pub parked_age: Instant,
    /// Sources of sFlow samples whose numbers are remembered; those silent longest go first.
    pub sources: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sessions: 16_384,
            templates_per_session: 4_096,
            fields_per_template: 1_024,
            template_bytes: 64 << 20,
            parked_bytes: 16 << 20,
            parked_age: 30 * MINUTE,
            sources: 65_536,
        }
    }
}
