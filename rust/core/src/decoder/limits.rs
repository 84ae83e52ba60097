//! Bounds on what untrusted senders can make us remember.

use crate::time::{Instant, MINUTE};

/// Bounds of one decoder; reaching one is counted.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Exporter address, port, version and domain combinations; those heard little and longest silent go first.
    pub sessions: usize,
    /// Templates of one session; those not used for longest go first.
    pub templates_per_session: usize,
    /// Fields of one template.
    pub fields_per_template: usize,
    /// Bytes of the templates of all sessions; who holds most for each datagram it sent forgets first.
    pub template_bytes: usize,
    /// How long a template is good for when it is not sent again; `None` for as long as there is no other.
    pub template_lifetime: Option<Instant>,
    /// Bytes of data sets that wait for their template. Passers-by may take half of them.
    pub parked_bytes: usize,
    /// Bytes of them from one exporter.
    pub parked_bytes_per_exporter: usize,
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
            // For a file, and over a connection, it ends with these. Who listens to datagrams says when.
            template_lifetime: None,
            parked_bytes: 16 << 20,
            parked_bytes_per_exporter: 4 << 20,
            parked_age: 30 * MINUTE,
            sources: 65_536,
        }
    }
}

/// What is made of habits that the standards leave open, or forbid.
#[derive(Clone, Copy, Debug)]
pub struct Leniency {
    /// Data may be laid out by the template of another port of the same exporter, where it is the only one. RFC 7011
    /// (section 8.4) tells sessions apart by the port as well; line cards of some routers do not.
    pub borrows_templates: bool,
    /// Templates may be withdrawn over UDP, which RFC 7011 (section 8.4) forbids exporters to do: anybody can forge it.
    pub heeds_withdrawals: bool,
    /// Sets 0 and 1 of IPFIX messages are template sets, as in NetFlow v9.
    pub reads_v9_sets: bool,
}

impl Default for Leniency {
    fn default() -> Self {
        Self { borrows_templates: true, heeds_withdrawals: true, reads_v9_sets: false }
    }
}
