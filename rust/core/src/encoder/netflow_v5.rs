//! NetFlow version 5: IPv4 only, 48 bytes a flow, at most 30 in a datagram.

use arrow_array::RecordBatch;

use super::{EncoderCounters, clock::uptime_from_instant, source::Source, widths::Widths};
use crate::{
    schema::{FIELDS, Field},
    time::{Instant, MILLISECOND, SECOND},
    wire::{NETFLOW_V5_RECORD_LENGTH, ProtocolVersion},
};

const HEADER_BYTES: usize = 24;
const MAXIMUM_RECORDS: usize = 30;
/// Sampling mode "one packet in every n".
const SAMPLING_MODE: u16 = 1 << 14;
const MAXIMUM_SAMPLING_INTERVAL: u64 = SAMPLING_MODE as u64 - 1;
/// Stands for every AS number above 16 bits (RFC 6793).
const AS_TRANS: u16 = 23456;

/// An exporter of version 5.
pub struct NetflowV5 {
    engine: u16,
    boot_time: Instant,
    records_per_datagram: usize,
    /// Flows sent before the open datagram.
    sequence: u32,
    pub counters: EncoderCounters,
}

impl NetflowV5 {
    /// The observation domain is engine type * 256 + engine id.
    pub fn new(observation_domain: u32, boot_time: Instant, maximum_bytes: usize) -> Self {
        let records_per_datagram = maximum_bytes.saturating_sub(HEADER_BYTES) / NETFLOW_V5_RECORD_LENGTH;
        Self {
            engine: observation_domain as u16,
            boot_time,
            records_per_datagram: records_per_datagram.clamp(1, MAXIMUM_RECORDS),
            sequence: 0,
            counters: EncoderCounters::default(),
        }
    }

    /// The sequence number of the next datagram.
    pub fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Encode the IPv4 flows of a batch.
    pub fn encode(&mut self, batch: &RecordBatch, export_time: Instant) -> Vec<Vec<u8>> {
        let columns = Columns::of(batch);
        let mut datagrams = Vec::new();
        let mut records = Vec::new();
        let mut sampling = 0;
        for row in 0..batch.num_rows() {
            if columns.is_wide(row) || columns.is_event(row) {
                self.counters.skipped_rows += 1;
                continue;
            }
            let row_sampling = columns.number(Field::SamplingInterval, row).min(MAXIMUM_SAMPLING_INTERVAL) as u16;
            // The interval is the whole datagram's.
            let is_full = records.len() == self.records_per_datagram * NETFLOW_V5_RECORD_LENGTH;
            if is_full || (row_sampling != sampling && !records.is_empty()) {
                datagrams.push(self.datagram(&mut records, sampling, export_time));
            }
            sampling = row_sampling;
            self.write_record(&columns, row, export_time, &mut records);
        }
        if !records.is_empty() {
            datagrams.push(self.datagram(&mut records, sampling, export_time));
        }
        datagrams
    }

    fn datagram(&mut self, records: &mut Vec<u8>, sampling: u16, export_time: Instant) -> Vec<u8> {
        let count = records.len() / NETFLOW_V5_RECORD_LENGTH;
        // Both clocks of the header name the same instant: readers place flow times by their difference.
        let named = export_time - export_time.saturating_sub(self.boot_time).rem_euclid(MILLISECOND);
        let mut datagram = Vec::with_capacity(HEADER_BYTES + records.len());
        datagram.extend(ProtocolVersion::NetflowV5.number().to_be_bytes());
        datagram.extend((count as u16).to_be_bytes());
        datagram.extend(uptime_from_instant(named, self.boot_time).to_be_bytes());
        datagram.extend((named.div_euclid(SECOND) as u32).to_be_bytes());
        datagram.extend((named.rem_euclid(SECOND) as u32).to_be_bytes());
        datagram.extend(self.sequence.to_be_bytes());
        datagram.extend(self.engine.to_be_bytes());
        datagram.extend((if sampling == 0 { 0 } else { SAMPLING_MODE | sampling }).to_be_bytes());
        datagram.append(records);
        self.sequence = self.sequence.wrapping_add(count as u32);
        datagram
    }

    fn write_record(&mut self, columns: &Columns, row: usize, export_time: Instant, out: &mut Vec<u8>) {
        let number = |field| columns.number(field, row);
        for field in [Field::SrcAddr, Field::DstAddr, Field::NextHop] {
            out.extend(columns.v4(field, row));
        }
        for field in [Field::InInterface, Field::OutInterface] {
            out.extend((number(field).min(u16::MAX.into()) as u16).to_be_bytes());
        }
        let counts = [number(Field::Packets), number(Field::Bytes)];
        self.counters.saturated_rows += u64::from(counts.iter().any(|&count| count > u32::MAX.into()));
        for count in counts {
            out.extend((count.min(u32::MAX.into()) as u32).to_be_bytes());
        }
        for field in [Field::Start, Field::End] {
            let time = columns.time(field, row).unwrap_or(export_time);
            out.extend(uptime_from_instant(time, self.boot_time).to_be_bytes());
        }
        for field in [Field::SrcPort, Field::DstPort] {
            out.extend((number(field) as u16).to_be_bytes());
        }
        out.push(0);
        out.extend([Field::TcpFlags, Field::Protocol, Field::Tos].map(|field| number(field) as u8));
        for field in [Field::SrcAs, Field::DstAs] {
            out.extend(u16::try_from(number(field)).unwrap_or(AS_TRANS).to_be_bytes());
        }
        out.extend([Field::SrcPrefixLength, Field::DstPrefixLength].map(|field| number(field) as u8));
        out.extend([0, 0]);
    }
}

/// Every column of a batch, by field.
struct Columns<'a>(Vec<Option<Source<'a>>>);

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Self {
        // Its records have widths of their own.
        let mut widths = Widths::default();
        let mut source = |field| Source::of(batch, field, ProtocolVersion::NetflowV5, &mut widths);
        Self(FIELDS.iter().map(|&(field, ..)| source(field)).collect())
    }

    fn get(&self, field: Field) -> Option<&Source<'a>> {
        self.0[field as usize].as_ref()
    }

    fn is_wide(&self, row: usize) -> bool {
        [Field::SrcAddr, Field::DstAddr].iter().any(|&field| self.get(field).is_some_and(|source| source.is_wide(row)))
    }

    /// An event has counted nothing; here it would be a flow of no packets.
    fn is_event(&self, row: usize) -> bool {
        let has = |field| self.get(field).is_some_and(|source| source.is_valid(row));
        has(Field::NatEvent) && !has(Field::Packets) && !has(Field::Bytes)
    }

    fn number(&self, field: Field, row: usize) -> u64 {
        self.get(field).map_or(0, |source| source.number(row))
    }

    fn time(&self, field: Field, row: usize) -> Option<Instant> {
        self.get(field)?.time(row)
    }

    fn v4(&self, field: Field, row: usize) -> [u8; 4] {
        self.get(field).and_then(|source| source.v4(row)).unwrap_or_default()
    }
}
