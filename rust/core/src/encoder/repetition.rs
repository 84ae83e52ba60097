//! Messages that a session did not bring to its collector, sent again in the next one.
//!
//! Their records are as good as before, under the same template ids. Templates themselves are announced as the
//! session begins; sequence numbers and the time of export are the new session's.

use super::{announced::TEMPLATE_SET, datagrams::Datagrams};
use crate::wire::{ExportHeader, ProtocolVersion, Set, SetKind, Sets};

/// Send the data of messages again; `end` is the sequence number that would have followed them. Returns how many
/// records are not sent, because their template ids mean something else by now.
pub fn repeat(pending: &[&[u8]], end: u32, datagrams: &mut Datagrams) -> u32 {
    let first = pending.iter().rposition(|message| sets(message).any(|set| is_withdrawal(&set))).unwrap_or(0);
    let starts = pending.iter().filter_map(|message| Some(ExportHeader::read(message).ok()?.sequence));
    let ends = starts.clone().skip(1).chain([end]);
    let mut withheld = 0;
    for (number, ((message, start), end)) in pending.iter().zip(starts).zip(ends).enumerate() {
        let records = end.wrapping_sub(start);
        if number < first {
            withheld += records;
        } else if records > 0 {
            datagrams.repeat(&data_sets(message), records);
        }
    }
    withheld
}

fn sets(message: &[u8]) -> impl Iterator<Item = Set<'_>> {
    let body = ExportHeader::read(message).map_or(&[][..], |header| &message[header.length..]);
    Sets::new(ProtocolVersion::Ipfix, body).filter_map(Result::ok)
}

fn is_withdrawal(set: &Set<'_>) -> bool {
    set.kind == SetKind::Templates && set.body == [0, TEMPLATE_SET as u8, 0, 0]
}

fn data_sets(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len());
    for set in sets(message) {
        if let SetKind::Data(id) = set.kind {
            out.extend(id.to_be_bytes());
            out.extend((set.body.len() as u16 + 4).to_be_bytes());
            out.extend_from_slice(set.body);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{
        Encoder,
        tests::{Addr, BOOT, EXPORT, Number, V4, batch, flow, sampling},
    };
    use crate::{
        decoder::{Decoder, Limits},
        schema::{Counter, Field},
        time::SECOND,
        wire::{ExportHeader, ProtocolVersion},
    };

    const LATER: i64 = EXPORT + 3600 * SECOND;

    fn encoder() -> Encoder {
        Encoder::new(ProtocolVersion::Ipfix, 7, BOOT, 1400).in_stream()
    }

    /// Records, templates, and what a reader finds wrong.
    fn read(messages: &[Vec<u8>]) -> [u64; 5] {
        let mut decoder = Decoder::new(Limits::default(), String::new(), false);
        decoder.feed_stream(&messages.concat(), V4, 1, LATER).unwrap();
        decoder.close();
        let totals = decoder.totals();
        [Counter::Records, Counter::Templates, Counter::OptionRecords, Counter::LostSequence, Counter::LostNoTemplate]
            .map(|counter| totals[counter as usize])
    }

    fn borrowed(messages: &[Vec<u8>]) -> Vec<&[u8]> {
        messages.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn a_stream_says_nothing_twice() {
        let mut encoder = encoder();
        encoder.announce(sampling(ProtocolVersion::Ipfix, 10));
        let flow = flow();
        let rows = batch(&vec![&flow[..]; 20_000]);
        let mut messages = encoder.encode(&rows, EXPORT);
        assert!(messages.len() > 500);
        for hour in 1..4 {
            messages.extend(encoder.encode(&rows, EXPORT + hour * 3600 * SECOND));
        }
        assert_eq!(read(&messages), [80_000, 2, 1, 0, 0]);
        encoder.announce(sampling(ProtocolVersion::Ipfix, 20));
        messages.extend(encoder.encode(&rows, EXPORT + 4 * 3600 * SECOND));
        assert_eq!(read(&messages), [100_000, 2, 2, 0, 0], "but what changed");
    }

    #[test]
    fn what_did_not_arrive_goes_out_in_the_next_session() {
        let mut encoder = encoder();
        encoder.announce(sampling(ProtocolVersion::Ipfix, 10));
        let flow = flow();
        let wide = [(Field::SrcAddr, Addr([1; 16])), (Field::Bytes, Number(1))];
        let first = encoder.encode(&batch(&vec![&flow[..]; 100]), EXPORT);
        let second = encoder.encode(&batch(&vec![&wide[..]; 100]), EXPORT);
        let pending = [&first[first.len() - 1..], &second].concat();
        let arrived = read(&first[..first.len() - 1])[0];

        let mut again = encoder.restart(&borrowed(&pending), LATER);
        assert_eq!(read(&again), [200 - arrived, 3, 2, 0, 0], "with their templates, and numbered from 0 on");
        for message in &again {
            let header = ExportHeader::read(message).unwrap();
            assert_eq!((header.message_length, header.export_time), (Some(message.len()), LATER / SECOND * SECOND));
        }
        again.extend(encoder.encode(&batch(&[&flow]), LATER));
        assert_eq!(read(&again), [201 - arrived, 3, 2, 0, 0], "and what follows fits on");
    }

    #[test]
    fn a_session_that_begins_with_nothing_pending_announces_what_is_known() {
        let mut encoder = encoder();
        assert!(encoder.restart(&[], EXPORT).is_empty());
        encoder.encode(&batch(&[&flow()]), EXPORT);
        assert_eq!(read(&encoder.restart(&[], EXPORT)), [0, 1, 0, 0, 0]);
    }

    #[test]
    fn templates_are_withdrawn_before_their_ids_mean_something_else() {
        let optional = [
            Field::SrcPort,
            Field::DstPort,
            Field::Protocol,
            Field::Tos,
            Field::Vlan,
            Field::Ttl,
            Field::SrcAs,
            Field::DstAs,
        ];
        let mut encoder = encoder();
        encoder.announce(sampling(ProtocolVersion::Ipfix, 10));
        let kinds = |numbers: std::ops::Range<u32>| -> Vec<Vec<_>> {
            let has = |number: u32, bit: usize| number >> bit & 1 != 0;
            let kind = |number| {
                let chosen = optional.iter().enumerate().filter(move |(bit, _)| has(number, *bit));
                chosen.map(|(_, field)| (*field, Number(1))).chain([(Field::Bytes, Number(1))]).collect()
            };
            numbers.map(kind).collect()
        };
        let mut encode =
            |rows: Vec<Vec<_>>| encoder.encode(&batch(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>()), EXPORT);
        let before = encode(kinds(0..256));
        let wide = vec![(Field::SrcAddr, Addr([1; 16]))];
        let after = encode(vec![wide]);
        let all = [before, after].concat();
        assert_eq!(read(&all), [257, 259, 2, 0, 0]);
        let again = encoder.restart(&borrowed(&all), LATER);
        assert_eq!(read(&again), [1, 2, 3, 0, 0]);
        assert_eq!(encoder.counters().unrepeated_records, 257, "256 flows and an options record");
    }
}
