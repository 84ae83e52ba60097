//! sFlow: a sample of a packet is a flow row, one of counters an options row.
//!
//! A flow row stands for one packet, seen when its datagram arrived: sFlow tells no time of its own. It
//! has the columns that the packet's headers and the structures beside them fill; all else goes to
//! `other` under the specification's names, and bytes of unknown structures under their numbers.

use super::{
    Decoder, SessionKey,
    fill::{self, Origin},
    sample_row::{SampleRow, push_structures},
    step::Step,
};
use crate::{
    columns::{AnyColumn, OptionOrigin},
    schema::{Counter, Field},
    time::Instant,
    wire::{
        ExportHeader, Malformed,
        sflow::{COUNTER_STRUCTURES, CounterSample, FlowSample, Sample, Samples},
    },
};

/// A datagram of samples.
struct Arrival<'a> {
    key: &'a SessionKey,
    header: &'a ExportHeader,
    received: Instant,
}

/// What counter samples say beside the counters: since when they count, by this.
const UPTIME: &str = "sample_datagram.uptime";

impl Decoder {
    /// sFlow: samples follow the header.
    pub(super) fn decode_samples(
        &mut self,
        key: &SessionKey,
        header: &ExportHeader,
        datagram: &[u8],
        received: Instant,
    ) -> Step {
        self.open_bytes += datagram.len();
        if let Some(dissection) = &mut self.dissection {
            dissection.samples(&datagram[header.length..], header.length, header.count);
        }
        let from = &Arrival { key, header, received };
        let mut flows = 0;
        for sample in Samples::new(header.count, &datagram[header.length..]) {
            match sample {
                Ok(Sample::Flow(sample)) => {
                    self.flow_sample(from, &sample);
                    flows += 1;
                }
                Ok(Sample::Counters(sample)) => self.counter_sample(from, &sample),
                Ok(Sample::Unknown(tag, body)) => {
                    self.options.other.push(&tag_name(tag), None, body);
                    self.end_options_row(from);
                }
                Err(reason) => {
                    self.sessions.get(key).account.add(reason.counter(), 1);
                    self.tell_problem(header.length, reason);
                }
            }
        }
        // Datagrams are numbered, whatever they hold.
        Step { flows, ..Step::UNKNOWN }
    }

    fn flow_sample(&mut self, from: &Arrival<'_>, sample: &FlowSample<'_>) {
        let session = self.sessions.get(from.key);
        let passed = self.sources.see(session.serial, sample);
        let account = &mut session.account;
        account.add(Counter::MissingSamples, passed.missing);
        account.add(Counter::DroppedSamples, passed.dropped);
        account.add(Counter::Records, 1);
        session.sampling.note(sample.sampling_interval.filter(|&interval| interval > 0));

        let Arrival { key, header, received } = *from;
        let origin = Origin { key, header, received, shift: self.shift, template_id: 0, person: &self.person };
        fill::fill_origin(&mut self.flows, 1, &origin);
        let row = self.flows.rows();
        if let AnyColumn::Elements(other) = self.flows.column(Field::Other) {
            other.pad_to(row);
        }
        let mut row = SampleRow::begin(&mut self.flows, self.verbatim, &mut self.text);
        let malformed = row.write(sample, received);
        self.note_bad_sample(from, malformed);
    }

    fn counter_sample(&mut self, from: &Arrival<'_>, sample: &CounterSample<'_>) {
        let uptime_ms = from.header.uptime_ms.unwrap_or_default();
        let (scope, other) = (&mut self.options.scope, &mut self.options.other);
        sample.head.each_field(|field, value, raw| {
            let elements = if field.is_scope { &mut *scope } else { &mut *other };
            elements.push(field.name, value.text(&mut self.text), raw);
        });
        other.push(UPTIME, Some(&uptime_ms.to_string()), &uptime_ms.to_be_bytes());
        let malformed = push_structures(other, &mut self.text, COUNTER_STRUCTURES, sample.records.clone());
        self.note_bad_sample(from, malformed);
        self.end_options_row(from);
    }

    fn note_bad_sample(&mut self, from: &Arrival<'_>, malformed: Option<Malformed>) {
        if let Some(reason) = malformed {
            self.sessions.get(from.key).account.add(reason.counter(), 1);
            self.tell_problem(from.header.length, reason);
        }
    }

    fn end_options_row(&mut self, from: &Arrival<'_>) {
        self.sessions.get(from.key).account.add(Counter::OptionRecords, 1);
        self.options.end_row(OptionOrigin {
            received: from.received,
            exporter: from.key.exporter,
            observation_domain: from.key.observation_domain,
            version: from.key.version,
            template_id: None,
        });
    }
}

/// A structure that nobody told us of, as its enterprise and number.
pub(super) fn tag_name(tag: u32) -> String {
    format!("{}.{}", tag >> 12, tag & 0x0fff)
}
