use arrow_array::{cast::AsArray, types::UInt32Type};

use super::*;
use crate::{
    address::{Address, address_from_v4},
    columns::{AnyColumn, FlowColumns},
    decoder::{Decoder, Limits},
    schema::{FIELDS, Field, SOURCES},
    time::{MILLISECOND, SECOND},
    wire::{ExportHeader, SetKind, Sets, TemplateRecord, read_templates},
};

pub(super) const BOOT: Instant = 1_699_996_400 * SECOND;
pub(super) const EXPORT: Instant = 1_700_000_000 * SECOND + 250 * MILLISECOND;
pub(super) const V4: Address = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 10, 7];
const V6: Address = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

pub(super) enum Value<'a> {
    Number(u64),
    Address(Address),
    Mac([u8; 6]),
    Text(&'a str),
}
pub(super) use Value::{Address as Addr, Mac, Number, Text};

pub(super) fn batch(rows: &[&[(Field, Value)]]) -> RecordBatch {
    let mut columns = FlowColumns::default();
    for row in rows {
        let at = columns.rows();
        for (field, value) in *row {
            match (value, columns.column(*field)) {
                (Number(number), _) => columns.fill_u64(*field, 1, *number),
                (Addr(address), _) => columns.fill_address(*field, 1, *address),
                (Mac(mac), AnyColumn::Mac(column)) => column.fill(at, 1, *mac),
                (Text(text), AnyColumn::Text(column)) => {
                    column.pad_to(at);
                    column.push(Some(text));
                }
                _ => unreachable!("{field:?} holds another kind"),
            }
        }
        columns.end_rows(1);
    }
    columns.take().unwrap().records().clone()
}

/// 192.168.10.7:49152 -> 203.0.113.20:443 over TCP, from 2 s to 1.5 s before the export's second.
pub(super) fn flow() -> [(Field, Value<'static>); 9] {
    [
        (Field::SrcAddr, Addr(V4)),
        (Field::DstAddr, Addr(address_from_v4([203, 0, 113, 20]))),
        (Field::SrcPort, Number(49_152)),
        (Field::DstPort, Number(443)),
        (Field::Protocol, Number(6)),
        (Field::Packets, Number(3)),
        (Field::Bytes, Number(1_234)),
        (Field::Start, Number((1_699_999_998 * SECOND) as u64)),
        (Field::End, Number((1_699_999_998 * SECOND + 500 * MILLISECOND) as u64)),
    ]
}

fn one(version: ProtocolVersion) -> Vec<u8> {
    let mut datagrams = Encoder::new(version, 0x0102, BOOT, 1400).encode(&batch(&[&flow()]), EXPORT);
    assert_eq!(datagrams.len(), 1);
    datagrams.remove(0)
}

#[test]
fn an_ipfix_message_byte_by_byte() {
    #[rustfmt::skip]
    let expected = [
        0, 10, 0, 101, 0x65, 0x53, 0xf1, 0x00, 0, 0, 0, 0, 0, 0, 1, 2, // header
        0, 2, 0, 44, 1, 0, 0, 9, // template set, template 256 with 9 fields
        0, 8, 0, 4, 0, 12, 0, 4, 0, 7, 0, 2, 0, 11, 0, 2, 0, 4, 0, 1,
        0, 2, 0, 4, 0, 1, 0, 4, 0, 152, 0, 8, 0, 153, 0, 8, // counters in as many bytes as they need
        1, 0, 0, 41, // data set
        192, 168, 10, 7, 203, 0, 113, 20, 0xc0, 0x00, 0x01, 0xbb, 6,
        0, 0, 0, 3, 0, 0, 0x04, 0xd2,
        0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x60, 0x30, // 1699999998000 ms
        0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x62, 0x24, // 1699999998500 ms
    ];
    assert_eq!(one(ProtocolVersion::Ipfix), expected);
}

#[test]
fn a_netflow_v9_datagram_byte_by_byte() {
    #[rustfmt::skip]
    let expected = [
        0, 9, 0, 2, 0x00, 0x36, 0xee, 0x80, 0x65, 0x53, 0xf1, 0x00, 0, 0, 0, 0, 0, 0, 1, 2, // uptime 3600000 ms
        0, 0, 0, 44, 1, 0, 0, 9,
        0, 8, 0, 4, 0, 12, 0, 4, 0, 7, 0, 2, 0, 11, 0, 2, 0, 4, 0, 1,
        0, 2, 0, 4, 0, 1, 0, 4, 0, 22, 0, 4, 0, 21, 0, 4,
        1, 0, 0, 36,
        192, 168, 10, 7, 203, 0, 113, 20, 0xc0, 0x00, 0x01, 0xbb, 6,
        0, 0, 0, 3, 0, 0, 0x04, 0xd2,
        0x00, 0x36, 0xe6, 0xb0, 0x00, 0x36, 0xe8, 0xa4, // uptimes 3598000 and 3598500
        0, 0, 0, // padding to four bytes
    ];
    assert_eq!(one(ProtocolVersion::NetflowV9), expected);
}

#[test]
fn a_netflow_v5_datagram_byte_by_byte() {
    #[rustfmt::skip]
    let expected = [
        0, 5, 0, 1, 0x00, 0x36, 0xef, 0x7a, 0x65, 0x53, 0xf1, 0x00, 0x0e, 0xe6, 0xb2, 0x80, // uptime 3600250 ms
        0, 0, 0, 0, 1, 2, 0, 0,
        192, 168, 10, 7, 203, 0, 113, 20, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 3, 0, 0, 0x04, 0xd2,
        0x00, 0x36, 0xe6, 0xb0, 0x00, 0x36, 0xe8, 0xa4,
        0xc0, 0x00, 0x01, 0xbb, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    assert_eq!(one(ProtocolVersion::NetflowV5), expected);
}

/// Template fields (enterprise, id, length) by template id, and data records' bytes by template id.
pub(super) type Parsed = (Vec<(u16, Vec<(u32, u16, u16)>)>, Vec<(u16, Vec<u8>)>);

pub(super) fn parse(datagram: &[u8]) -> Parsed {
    let header = ExportHeader::read(datagram).unwrap();
    let (mut templates, mut data) = (Vec::new(), Vec::new());
    for set in Sets::new(header.version, &datagram[header.length..]) {
        let set = set.unwrap();
        match set.kind {
            SetKind::Data(id) => data.push((id, set.body.to_vec())),
            kind => {
                let records = read_templates(header.version, kind, set.body);
                templates.extend(records.into_iter().map(|placed| match placed.record {
                    TemplateRecord::Definition { id, fields, .. } => {
                        (id, fields.iter().map(|field| (field.enterprise, field.id, field.length)).collect())
                    }
                    other => unreachable!("nothing is withdrawn over UDP, nor unreadable: {other:?}"),
                }));
            }
        }
    }
    (templates, data)
}

#[test]
fn times_finer_than_milliseconds_go_as_nanoseconds() {
    let start = 1_699_999_998 * SECOND + 1;
    let rows = batch(&[&[(Field::Start, Number(start as u64))]]);
    let datagrams = Encoder::new(ProtocolVersion::Ipfix, 0, BOOT, 1400).encode(&rows, EXPORT);
    let (templates, data) = parse(&datagrams[0]);
    assert_eq!(templates, [(256, vec![(0, 156, 8)])]);
    assert_eq!(data, [(256, vec![0xe8, 0xfe, 0x6f, 0x7e, 0, 0, 0, 5])]);
}

#[test]
fn each_kind_of_row_has_its_own_template() {
    let nat = [(Field::SrcAddr, Addr(V4)), (Field::NatSrcAddr, Addr(V4)), (Field::NatEvent, Number(4))];
    let wide = [(Field::SrcAddr, Addr(V4)), (Field::NextHop, Addr(V6)), (Field::SrcPrefixLength, Number(24))];
    let plain = [(Field::SrcAddr, Addr(V4))];
    let rows = batch(&[&plain, &nat, &wide, &plain]);
    let datagrams = Encoder::new(ProtocolVersion::Ipfix, 0, BOOT, 1400).encode(&rows, EXPORT);
    let (templates, data) = parse(&datagrams[0]);
    let fields: Vec<_> = templates.into_iter().map(|(_, fields)| fields).collect();
    assert_eq!(
        fields,
        [vec![(0, 8, 4)], vec![(0, 8, 4), (0, 225, 4), (0, 230, 1)], vec![(0, 27, 16), (0, 29, 1), (0, 62, 16)]]
    );
    assert_eq!(data[0], (256, vec![192, 168, 10, 7, 192, 168, 10, 7]), "both plain rows share a set");
    assert_eq!(data[2], (258, [&V4[..], &[24], &V6].concat()));
}

/// An event of address translation at a moment, as RFC 8158 tells it.
fn event(time: Instant) -> [(Field, Value<'static>); 5] {
    [
        (Field::SrcAddr, Addr(V4)),
        (Field::NatSrcAddr, Addr(V4)),
        (Field::NatEvent, Number(4)),
        (Field::Start, Number(time as u64)),
        (Field::End, Number(time as u64)),
    ]
}

#[test]
fn an_event_tells_its_one_time_as_an_observation() {
    let time = EXPORT - SECOND;
    for (version, time, element) in [
        (ProtocolVersion::Ipfix, time, 323),
        (ProtocolVersion::Ipfix, time + 1, 325),
        (ProtocolVersion::NetflowV9, time, 323),
    ] {
        let rows = batch(&[&event(time)]);
        let datagrams = Encoder::new(version, 0, BOOT, 1400).encode(&rows, EXPORT);
        let fields = parse(&datagrams[0]).0.remove(0).1;
        assert_eq!(fields, [(0, 8, 4), (0, element, 8), (0, 225, 4), (0, 230, 1)], "{version:?}");
        assert_arrives(&rows, version, EXPORT, event(time).map(|(field, _)| field).into_iter());
    }
}

#[test]
fn an_event_that_happened_at_an_unknown_moment_tells_between_which() {
    let mut between = event(EXPORT - 2 * SECOND);
    between[4] = (Field::End, Number((EXPORT - SECOND) as u64));
    let rows = batch(&[&between, &flow()]);
    for version in [ProtocolVersion::Ipfix, ProtocolVersion::NetflowV9] {
        assert_arrives(&rows, version, EXPORT, between.iter().map(|&(field, _)| field));
    }
}

#[test]
fn zeros_of_what_seldom_happens_take_a_byte_and_arrive() {
    for version in [ProtocolVersion::NetflowV9, ProtocolVersion::Ipfix] {
        let fields =
            |bytes| [(Field::Bytes, Number(bytes)), (Field::Reordered, Number(0)), (Field::ZeroWindows, Number(1))];
        let rows = batch(&[&fields(7), &fields(9), &[(Field::Bytes, Number(8))]]);
        let datagrams = Encoder::new(version, 0, BOOT, 1400).encode(&rows, EXPORT);
        let lengths: Vec<u16> = parse(&datagrams[0]).0[0].1.iter().map(|field| field.2).collect();
        assert_eq!(lengths, [4, 1, 1], "{version:?}");
        assert_arrives(&rows, version, EXPORT, [Field::Bytes, Field::Reordered, Field::ZeroWindows].into_iter());
    }
}

#[test]
fn what_no_longer_fits_gets_a_template_with_all_bytes_and_arrives() {
    for version in [ProtocolVersion::NetflowV9, ProtocolVersion::Ipfix] {
        let mut encoder = Encoder::new(version, 0, BOOT, 1400);
        let mut lengths: Vec<Vec<u16>> = Vec::new();
        for bytes in [u64::from(u32::MAX), 1 << 32, 1] {
            let fields = [(Field::Bytes, Number(bytes)), (Field::Retransmits, Number(bytes.min(256)))];
            let datagrams = encoder.encode(&batch(&[&fields]), EXPORT);
            lengths
                .extend(parse(&datagrams[0]).0.iter().map(|(_, fields)| fields.iter().map(|field| field.2).collect()));
            assert_arrives(&batch(&[&fields]), version, EXPORT, [Field::Bytes, Field::Retransmits].into_iter());
        }
        assert_eq!(lengths, [vec![4, 4], vec![8, 4]], "{version:?}: the last goes by the template before");
    }
}

#[test]
fn the_way_back_is_mirrored_in_ipfix_and_a_responder_in_v9() {
    let fields = [Field::ReversePackets, Field::ReverseBytes, Field::ReverseTcpFlags];
    let rows = batch(&[&fields.map(|field| (field, Number(1)))]);
    let templates = |version| parse(&Encoder::new(version, 0, BOOT, 1400).encode(&rows, EXPORT)[0]).0[0].1.clone();
    assert_eq!(templates(ProtocolVersion::Ipfix), [(29305, 2, 4), (29305, 1, 4), (29305, 6, 2)]);
    assert_eq!(templates(ProtocolVersion::NetflowV9), [(0, 299, 4), (0, 232, 4)]);
}

#[test]
fn text_has_its_own_length_in_ipfix_and_a_padded_one_in_v9() {
    let rows = batch(&[&[(Field::Site, Text("a.example"))], &[(Field::Site, Text("b.example.org"))]]);
    let ipfix = Encoder::new(ProtocolVersion::Ipfix, 0, BOOT, 1400).encode(&rows, EXPORT);
    let (templates, data) = parse(&ipfix[0]);
    assert_eq!(templates, [(256, vec![(0, 460, 65_535)])]);
    assert_eq!(data, [(256, b"\x09a.example\x0db.example.org".to_vec())]);

    let netflow_v9 = Encoder::new(ProtocolVersion::NetflowV9, 0, BOOT, 1400).encode(&rows, EXPORT);
    let (templates, data) = parse(&netflow_v9[0]);
    assert_eq!(templates, [(256, vec![(0, 460, 16)])]);
    assert_eq!(data, [(256, b"a.example\0\0\0\0\0\0\0b.example.org\0\0\0".to_vec())]);
}

#[test]
fn a_site_goes_by_the_element_that_tells_its_source() {
    let rows = batch(&[
        &[(Field::Site, Text("a.example")), (Field::SiteSource, Text("sni"))],
        &[(Field::Site, Text("b.example")), (Field::SiteSource, Text("http"))],
        &[(Field::Protocol, Number(6))],
    ]);
    for (version, server_name) in
        [(ProtocolVersion::Ipfix, (35632, 188, 65_535)), (ProtocolVersion::NetflowV9, (0, 57660, 16))]
    {
        let (templates, _) = parse(&Encoder::new(version, 0, BOOT, 1400).encode(&rows, EXPORT)[0]);
        let host = (0, 460, server_name.2);
        assert_eq!(templates, [(256, vec![server_name]), (257, vec![host]), (258, vec![(0, 4, 1)])]);
        assert_arrives(&rows, version, EXPORT, [Field::Site, Field::SiteSource].into_iter());
    }
}

#[test]
fn overlong_text_is_cut_between_characters() {
    let text = "é".repeat(200);
    for version in [ProtocolVersion::Ipfix, ProtocolVersion::NetflowV9] {
        let rows = batch(&[&[(Field::User, Text(&text))]]);
        let datagrams = Encoder::new(version, 0, BOOT, 1400).encode(&rows, EXPORT);
        let (_, data) = parse(&datagrams[0]);
        let body = if version == ProtocolVersion::Ipfix { &data[0].1[1..] } else { &data[0].1[..254] };
        assert_eq!(std::str::from_utf8(body).unwrap(), "é".repeat(127));
    }
}

#[test]
fn mac_addresses_travel_whole() {
    let rows = batch(&[&[(Field::SrcMac, Mac([1, 2, 3, 4, 5, 6])), (Field::DstMac, Mac([7, 8, 9, 10, 11, 12]))]]);
    let datagrams = Encoder::new(ProtocolVersion::NetflowV9, 0, BOOT, 1400).encode(&rows, EXPORT);
    let (templates, data) = parse(&datagrams[0]);
    assert_eq!(templates[0].1, [(0, 56, 6), (0, 80, 6)]);
    assert_eq!(data[0].1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}

fn headers(datagrams: &[Vec<u8>]) -> Vec<ExportHeader> {
    datagrams.iter().map(|datagram| ExportHeader::read(datagram).unwrap()).collect()
}

#[test]
fn sequence_numbers_count_what_each_protocol_says() {
    let flow = flow();
    let rows = batch(&vec![&flow[..]; 70]);
    for version in VERSIONS {
        let mut encoder = Encoder::new(version, 7, BOOT, 1400);
        let mut datagrams = encoder.encode(&rows, EXPORT);
        datagrams.extend(encoder.encode(&rows, EXPORT + SECOND));
        let mut expected = 0;
        for (datagram, header) in datagrams.iter().zip(headers(&datagrams)) {
            assert_eq!(header.sequence, expected, "{version:?}");
            assert!(datagram.len() <= 1400 && header.message_length.is_none_or(|length| length == datagram.len()));
            expected += match version {
                ProtocolVersion::NetflowV5 => u32::from(header.count),
                ProtocolVersion::NetflowV9 => 1,
                _ => parse(datagram).1.iter().map(|(_, data)| data.len() as u32 / 37).sum(),
            };
        }
        if version != ProtocolVersion::NetflowV9 {
            assert_eq!(expected, 140, "{version:?}");
        }
    }
}

#[test]
fn templates_come_first_and_again_after_datagrams_or_time() {
    let flow = flow();
    let announces = |datagrams: &[Vec<u8>]| -> Vec<usize> {
        datagrams.iter().enumerate().filter(|(_, datagram)| !parse(datagram).0.is_empty()).map(|(at, _)| at).collect()
    };
    let mut encoder = Encoder::new(ProtocolVersion::Ipfix, 0, BOOT, 300);
    let rows = batch(&vec![&flow[..]; 7 * 1_100]);
    let datagrams = encoder.encode(&rows, EXPORT);
    assert_eq!(announces(&datagrams), [0, 500, 1_000]);

    let rows = batch(&[&flow]);
    for (seconds, expected) in [(29, vec![]), (30, vec![0]), (31, vec![]), (-60, vec![0])] {
        assert_eq!(announces(&encoder.encode(&rows, EXPORT + seconds * SECOND)), expected, "after {seconds} s");
    }
}

#[test]
fn v5_says_what_it_cannot_say() {
    let flow = flow();
    let huge = [(Field::SrcAddr, Addr(V4)), (Field::Bytes, Number(1 << 33)), (Field::SrcAs, Number(70_000))];
    let sampled = [(Field::SrcAddr, Addr(V4)), (Field::SamplingInterval, Number(100))];
    let rows = batch(&[&flow, &[(Field::DstAddr, Addr(V6))], &event(EXPORT), &huge, &sampled]);
    let mut encoder = Encoder::new(ProtocolVersion::NetflowV5, 0, BOOT, 1400);
    let datagrams = encoder.encode(&rows, EXPORT);
    assert_eq!(encoder.counters(), EncoderCounters { skipped_rows: 2, saturated_rows: 1, unrepeated_records: 0 });
    let summary: Vec<_> = headers(&datagrams).iter().map(|header| (header.count, header.sampling_interval)).collect();
    assert_eq!(summary, [(2, None), (1, Some(100))], "another sampling interval needs another datagram");
    let huge = &datagrams[0][24 + 48..];
    assert_eq!((&huge[20..24], &huge[40..42]), (&[0xff; 4][..], &23_456_u16.to_be_bytes()[..]));
}

#[test]
fn v9_does_not_pad_by_a_whole_record() {
    let rows = batch(&[&[(Field::Protocol, Number(6))], &[(Field::Protocol, Number(17))]]);
    let datagrams = Encoder::new(ProtocolVersion::NetflowV9, 0, BOOT, 1400).encode(&rows, EXPORT);
    assert_eq!(parse(&datagrams[0]).1, [(256, vec![6, 17])]);
}

#[test]
fn a_batch_without_values_sends_nothing() {
    let rows = batch(&[&[]]);
    assert!(Encoder::new(ProtocolVersion::Ipfix, 0, BOOT, 1400).encode(&rows, EXPORT).is_empty());
}

#[test]
fn so_many_kinds_of_rows_that_ids_start_again_stay_decodable() {
    let fields = [
        Field::SrcPort,
        Field::DstPort,
        Field::Protocol,
        Field::Tos,
        Field::Vlan,
        Field::Packets,
        Field::Bytes,
        Field::Direction,
        Field::SrcAs,
    ];
    let kinds: Vec<Vec<_>> = (1..512_u32)
        .map(|bits| {
            let present = fields.iter().enumerate().filter(|(at, _)| bits >> at & 1 != 0);
            present.map(|(_, &field)| (field, Number(1))).collect()
        })
        .collect();
    let rows = batch(&kinds.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let datagrams = Encoder::new(ProtocolVersion::Ipfix, 0, BOOT, 65_535).encode(&rows, EXPORT);
    assert_eq!(datagrams.len(), 1);
    let (templates, data) = parse(&datagrams[0]);
    assert_eq!((templates.len(), data.len()), (511, 511));
    assert!(data.iter().all(|&(id, _)| id < 256 + 256));
}

/// Whether an element tells a column that another would tell as well.
fn is_other(field: Field, element: element::Element) -> bool {
    let first = |&&(listed, _): &&(Field, _)| listed == field;
    match field {
        Field::Application => element != element::Element::One(element::APPLICATION_NAME),
        _ => element::ELEMENTS.iter().find(first).is_some_and(|(_, known)| *known != element),
    }
}

/// A row with a value in every column that has an element.
fn everything(address: Address) -> Vec<(Field, Value<'static>)> {
    element::ELEMENTS
        .iter()
        .filter(|(field, element)| !is_other(*field, *element))
        .zip(1..)
        .map(|(&(field, _), number)| {
            let value = match field {
                Field::SrcAddr | Field::DstAddr | Field::NextHop | Field::NatSrcAddr | Field::NatDstAddr => {
                    Addr(address)
                }
                Field::SrcMac | Field::DstMac => Mac([number as u8; 6]),
                Field::Alpn | Field::Application | Field::ClientFingerprint | Field::Site | Field::User => Text("näme"),
                Field::Start | Field::End => Number((EXPORT - number as i64 * SECOND) as u64),
                _ => Number(number),
            };
            (field, value)
        })
        .collect()
}

pub(super) fn assert_arrives(
    rows: &RecordBatch,
    version: ProtocolVersion,
    export_time: Instant,
    fields: impl Iterator<Item = Field>,
) {
    let mut decoder = Decoder::new(Limits::default(), String::new(), false);
    for datagram in Encoder::new(version, 7, BOOT, 1400).encode(rows, export_time) {
        decoder.feed(&datagram, V4, 2055, EXPORT);
    }
    let arrived = decoder.drain().remove(0).records().clone();
    for field in fields {
        let name = FIELDS[field as usize].1;
        let column = |batch: &RecordBatch| batch.column_by_name(name).unwrap().to_data();
        assert_eq!(column(&arrived), column(rows), "{name} in {version:?}");
    }
}

#[test]
fn everything_sent_comes_back_and_absent_stays_absent() {
    let plain = [(Field::SrcAddr, Addr(V4)), (Field::Packets, Number(0))];
    let rows = batch(&[&everything(V4), &everything(V6), &plain]);
    for version in [ProtocolVersion::NetflowV9, ProtocolVersion::Ipfix] {
        let sent = element::ELEMENTS.iter().filter(|(_, element)| element.exists_in(version)).map(|&(field, _)| field);
        let read = sent.filter(|field| SOURCES.iter().any(|(.., column, _)| column == field));
        assert_arrives(&rows, version, EXPORT, read);
    }
}

#[test]
fn columns_that_have_nulls_each_in_other_rows_come_back_however_many_they_are() {
    let applications = ["3:443", "20:32473:1", "name"];
    let rows: Vec<Vec<_>> = (0..everything(V4).len())
        .map(|left_out| {
            let row = everything(V4).into_iter().map(|(field, value)| match (field, value) {
                (Field::Application, _) => (field, Text(applications[left_out % applications.len()])),
                (_, Number(number)) if left_out % 2 == 0 => (field, Number(number.min(9))),
                other => other,
            });
            let source = (Field::SiteSource, Text(["sni", "http"][left_out / 2 % 2]));
            row.enumerate().filter(|(place, _)| *place != left_out).map(|(_, value)| value).chain([source]).collect()
        })
        .collect();
    let rows = batch(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let columns = |rows| Columns::of(rows, &Numbers::of(rows), ProtocolVersion::Ipfix, BOOT, &mut Widths::default());
    assert!(columns(&rows).is_none(), "they are too many to be told apart at once");
    assert!(columns(&rows.slice(0, 9)).is_some());
    // A handshake's round trip follows from its parts, also where it was left out.
    let fields = everything(V4).into_iter().map(|(field, _)| field).filter(|&field| field != Field::TcpRtt);
    assert_arrives(&rows, ProtocolVersion::Ipfix, EXPORT, fields);
}

#[test]
fn v5_times_come_back_to_the_millisecond_whatever_the_export_time() {
    let fields = flow().map(|(field, _)| field).into_iter();
    assert_arrives(&batch(&[&flow()]), ProtocolVersion::NetflowV5, EXPORT + 999_999, fields);
}

/// That one packet in an interval is sampled, as each protocol says it of a whole domain.
pub(super) fn sampling(version: ProtocolVersion, interval: u32) -> OptionsRecord {
    let domain = 7_u32.to_be_bytes().to_vec();
    let number = |id: u16, value: u32| (id, value.to_be_bytes().to_vec());
    if version == ProtocolVersion::Ipfix {
        OptionsRecord { scopes: vec![(149, domain)], fields: vec![number(305, 1), number(306, interval - 1)] }
    } else {
        OptionsRecord { scopes: vec![(1, domain)], fields: vec![number(34, interval), (35, vec![1])] }
    }
}

#[test]
fn what_is_announced_is_understood_and_taken_back_by_what_follows() {
    for version in [ProtocolVersion::Ipfix, ProtocolVersion::NetflowV9] {
        let mut encoder = Encoder::new(version, 7, BOOT, 1_400);
        let mut decoder = Decoder::new(Limits::default(), String::new(), false);
        let mut intervals = Vec::new();
        for (turn, interval) in [10, 100].into_iter().enumerate() {
            encoder.announce(sampling(version, interval));
            let now = EXPORT + turn as i64 * announced::REFRESH_INTERVAL;
            for datagram in encoder.encode(&batch(&[&flow()]), now) {
                decoder.feed(&datagram, V4, 2055, now);
            }
            let batches = decoder.drain();
            let rows = batches.iter().find(|batch| batch.table().name() == "flows").unwrap().records();
            let column = rows.column_by_name("sampling_interval").unwrap();
            intervals.push(column.as_primitive::<UInt32Type>().value(0));
        }
        assert_eq!(intervals, [10, 100], "{version:?}");
        let totals = decoder.totals();
        assert_eq!(totals[crate::schema::Counter::OptionRecords as usize], 2);
        assert_eq!(totals[crate::schema::Counter::LostSequence as usize], 0);
    }
}
