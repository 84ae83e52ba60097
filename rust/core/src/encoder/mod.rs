//! Flow rows in, export datagrams out: what a router does, for the probe, the simulated office and tests.
//!
//! Everything a row says that has an information element is sent, once, and nothing else: rows are
//! grouped by what is to be told of them, each group with a template of its own. IPFIX keeps
//! nanoseconds; v9 and v5 have milliseconds. Sequence numbers count what the protocol says: flows
//! (v5), datagrams (v9), data records (IPFIX).

mod alike;
mod announced;
mod applications;
mod clock;
mod datagrams;
mod element;
mod netflow_v5;
mod options;
mod options_rows;
mod records;
mod repetition;
mod rows;
mod source;
mod widths;

#[cfg(test)]
mod tests;

use arrow_array::RecordBatch;

pub use options::OptionsRecord;

use self::{
    announced::Announced,
    applications::{Applications, Numbers},
    datagrams::Datagrams,
    netflow_v5::NetflowV5,
    options_rows::options_rows,
    rows::Columns,
    widths::Widths,
};
use crate::{time::Instant, wire::ProtocolVersion};

/// Longest datagram UDP can carry over IPv4.
const MAXIMUM_UDP_PAYLOAD: usize = 65_507;

/// What a protocol could not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EncoderCounters {
    /// Rows not sent, because v5 has no IPv6 and no events.
    pub skipped_rows: u64,
    /// Rows whose packets or bytes did not fit v5's 32 bits and were sent as 2^32 - 1.
    pub saturated_rows: u64,
    /// Records not sent again in a new session, because their templates were withdrawn meanwhile.
    pub unrepeated_records: u64,
}

/// The versions that are written; others are only read.
pub const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::NetflowV5, ProtocolVersion::NetflowV9, ProtocolVersion::Ipfix];

/// How messages reach the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    /// Any may get lost, so templates are repeated.
    Datagrams,
    /// All arrive, in order, or the session ends.
    Stream,
}

enum Format {
    Fixed(NetflowV5),
    Templates {
        version: ProtocolVersion,
        boot_time: Instant,
        announced: Box<Announced>,
        applications: Applications,
        widths: Widths,
        datagrams: Datagrams,
    },
}

/// One exporter: a protocol, an observation domain and its sequence numbers.
pub struct Encoder {
    format: Format,
    unrepeated_records: u64,
}

impl Encoder {
    /// `boot_time` is where the exporter's uptime counts from. A datagram always holds at least one record, even where
    /// that is longer than `maximum_datagram_bytes`.
    pub fn new(
        version: ProtocolVersion,
        observation_domain: u32,
        boot_time: Instant,
        maximum_datagram_bytes: usize,
    ) -> Self {
        let maximum_bytes = maximum_datagram_bytes.min(MAXIMUM_UDP_PAYLOAD);
        let format = match version {
            ProtocolVersion::NetflowV5 => Format::Fixed(NetflowV5::new(observation_domain, boot_time, maximum_bytes)),
            _ => Format::Templates {
                version,
                boot_time,
                announced: Box::new(Announced::new(version)),
                applications: Applications::default(),
                widths: Widths::default(),
                datagrams: Datagrams::new(version, observation_domain, boot_time, maximum_bytes),
            },
        };
        Self { format, unrepeated_records: 0 }
    }

    /// Write for a connection or a file instead: nothing is said twice. Only IPFIX knows the difference.
    #[must_use]
    pub fn in_stream(mut self) -> Self {
        if let Format::Templates { version: ProtocolVersion::Ipfix, announced, .. } = &mut self.format {
            announced.deliver(Delivery::Stream);
        }
        self
    }

    /// Let each IPFIX message tell a checksum of itself, as suits a file (RFC 5655, section 8.1.1).
    #[must_use]
    pub fn sealed(mut self) -> Self {
        if let Format::Templates { version: ProtocolVersion::Ipfix, datagrams, .. } = &mut self.format {
            datagrams.seal();
        }
        self
    }

    /// Say something beside the flows, again with each repetition of the templates. v5 cannot.
    pub fn announce(&mut self, record: OptionsRecord) {
        if let Format::Templates { announced, .. } = &mut self.format {
            announced.repeat(record);
        }
    }

    /// Say it with the next rows already, and again with each repetition of the templates.
    pub fn announce_at_once(&mut self, record: OptionsRecord) {
        if let Format::Templates { announced, .. } = &mut self.format {
            announced.tell(record);
        }
    }

    /// Encode rows of the `flows` table; `export_time` is the exporter's wall clock.
    ///
    /// Rows may be reordered: those that share a template are sent together.
    pub fn encode(&mut self, batch: &RecordBatch, export_time: Instant) -> Vec<Vec<u8>> {
        match &mut self.format {
            Format::Fixed(netflow_v5) => netflow_v5.encode(batch, export_time),
            Format::Templates { version, boot_time, announced, applications, widths, datagrams } => {
                let (mut batches, mut messages) = (vec![batch.clone()], Vec::new());
                while let Some(batch) = batches.pop() {
                    let numbers = Numbers::of(&batch);
                    for record in applications.untold(&numbers, *version) {
                        announced.tell(record);
                    }
                    match Columns::of(&batch, &numbers, *version, *boot_time, widths) {
                        Some(columns) => messages.extend(encode_groups(&columns, export_time, announced, datagrams)),
                        // Of fewer rows there are fewer kinds.
                        None => batches.extend(halves(&batch).into_iter().rev()),
                    }
                }
                messages
            }
        }
    }

    /// Encode rows of the `options` table; NetFlow v5 has no such records and says nothing of them.
    pub fn encode_options(&mut self, batch: &RecordBatch, export_time: Instant) -> Vec<Vec<u8>> {
        let Format::Templates { version, announced, datagrams, .. } = &mut self.format else { return Vec::new() };
        datagrams.begin(export_time);
        announced.refresh(export_time, datagrams);
        for record in options_rows(batch, *version) {
            let id = announced.id(&record.layout, datagrams);
            datagrams.append(id, record.bytes.len(), |out| out.extend_from_slice(&record.bytes));
            announced.refresh(export_time, datagrams);
        }
        datagrams.take()
    }

    /// Begin a new session: a stream broke, or its first one begins. Returns all that is to be sent in it so far: what
    /// was announced, and the records of `pending`, messages that the session before did not bring to the collector.
    pub fn restart(&mut self, pending: &[&[u8]], export_time: Instant) -> Vec<Vec<u8>> {
        let Format::Templates { version: ProtocolVersion::Ipfix, announced, datagrams, .. } = &mut self.format else {
            return pending.iter().map(|message| message.to_vec()).collect();
        };
        datagrams.begin(export_time);
        let end = datagrams.restart();
        announced.restart(export_time, datagrams);
        if !pending.is_empty() {
            self.unrepeated_records += u64::from(repetition::repeat(pending, end, datagrams));
            announced.repeat_options(datagrams);
        }
        datagrams.take()
    }

    /// The sequence number of the next message; v5 keeps its own.
    pub fn sequence(&self) -> u32 {
        match &self.format {
            Format::Fixed(netflow_v5) => netflow_v5.sequence(),
            Format::Templates { datagrams, .. } => datagrams.sequence(),
        }
    }

    /// What could not be said so far.
    pub fn counters(&self) -> EncoderCounters {
        match &self.format {
            Format::Fixed(netflow_v5) => netflow_v5.counters,
            Format::Templates { .. } => {
                EncoderCounters { unrepeated_records: self.unrepeated_records, ..EncoderCounters::default() }
            }
        }
    }
}

fn halves(batch: &RecordBatch) -> [RecordBatch; 2] {
    let middle = batch.num_rows() / 2;
    [batch.slice(0, middle), batch.slice(middle, batch.num_rows() - middle)]
}

fn encode_groups(
    columns: &Columns,
    export_time: Instant,
    announced: &mut Announced,
    datagrams: &mut Datagrams,
) -> Vec<Vec<u8>> {
    datagrams.begin(export_time);
    announced.refresh(export_time, datagrams);
    for group in columns.groups() {
        let id = announced.id(&columns.layout(&group), datagrams);
        let writer = columns.writer(&group);
        let mut rows = &group.rows[..];
        while let Some(&row) = rows.first() {
            let length = writer.length(row as usize);
            let count = if writer.is_fixed() { datagrams.room(id, length).min(rows.len()) } else { 1 };
            let (now, later) = rows.split_at(count);
            datagrams.append_all(id, length, count, |out| writer.write(now, length, out));
            announced.refresh(export_time, datagrams);
            rows = later;
        }
    }
    datagrams.take()
}
