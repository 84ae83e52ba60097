//! Records into columns, one column at a time, as a template's plan says.

use std::borrow::Cow;

use super::{Session, SessionKey, nested, sections, times::Times};
use crate::{
    address::{address_from_v4, is_unspecified},
    columns::{AnyColumn, Column, ElementsColumn, FlowColumns, OptionColumns, OptionOrigin},
    recent::{Recent, mark},
    schema::Field,
    templates::{
        ColumnRead, ElementRead, Lists, Plan, Read, Records, Template, TimeForm, ToldElements, application_id_text,
        unsigned, value_text,
    },
    time::{Instant, instant_from_uptime},
    wire::{ExportHeader, Malformed},
};

/// Where the records of a set come from.
pub struct Origin<'a> {
    /// Session.
    pub key: &'a SessionKey,
    /// Header of the message.
    pub header: &'a ExportHeader,
    /// Arrival of the datagram.
    pub received: Instant,
    /// Added to every time the exporter says.
    pub shift: Instant,
    /// Template of the set; 0 for fixed formats.
    pub template_id: u16,
    /// What a person told of elements.
    pub person: &'a ToldElements,
}

/// Write flow records.
pub fn flows(flows: &mut FlowColumns, plan: &Plan, records: &Records<'_>, origin: &Origin<'_>, session: &mut Session) {
    let count = records.count();
    if count == 0 {
        return;
    }
    fill_origin(flows, count, origin);
    let row = flows.rows();
    let times = Times::of(plan, records, origin, session);
    for read in &plan.columns {
        fill_column(flows.column(read.field), row, records, read, times);
    }
    if plan.has_distances && times.are_counted_from_header(plan) {
        let export_time = origin.header.export_time.saturating_add(origin.shift);
        flows.fill_u64(Field::ExportTime, count, export_time as u64);
    }
    if plan.has_parts {
        fill_sums(flows, row, count);
    }
    fill_words(flows, plan, records);
    fill_sampling(flows, plan, records, origin, session);
    let templates = |id| session.template(id).map(|known| &*known.template);
    let lists = lists_of(session, &templates, origin);
    nested::fill(flows, plan, records, &lists, times);
    let mut malformed = 0;
    if let Some(fields) = &plan.sections {
        sections::fill(flows, plan, fields, records);
    }
    if let AnyColumn::Elements(other) = flows.column(Field::Other) {
        malformed = fill_others(other, row, plan, records, times, &lists);
    }
    session.account.add(Malformed::BadVariableLength.counter(), malformed);
    flows.end_rows(count);
}

/// Write options records, and learn from them how to read flows.
pub fn options(
    options: &mut OptionColumns,
    plan: &Plan,
    records: &Records<'_>,
    origin: &Origin<'_>,
    session: &mut Session,
) {
    let row = OptionOrigin {
        received: origin.received,
        exporter: origin.key.exporter,
        observation_domain: origin.key.observation_domain,
        version: origin.key.version,
        template_id: Some(origin.template_id),
    };
    let templates = |id| session.template(id).map(|known| &*known.template);
    let lists = lists_of(session, &templates, origin);
    let mut malformed = 0;
    for record in 0..records.count() {
        for read in &plan.scope {
            malformed += push_element(&mut options.scope, read, records.value(record, read.index), &lists);
        }
        for read in &plan.others {
            malformed += push_element(&mut options.other, read, records.value(record, read.index), &lists);
        }
        options.end_row(row);
    }
    session.account.add(Malformed::BadVariableLength.counter(), malformed);
    (0..records.count()).for_each(|record| learn(session, plan, records, record));
}

/// What the lists of a session's records are read with.
fn lists_of<'a>(
    session: &'a Session,
    templates: &'a dyn Fn(u16) -> Option<&'a Template>,
    origin: &Origin<'a>,
) -> Lists<'a> {
    Lists { elements: session.elements(origin.person), templates, export_time: origin.header.export_time }
}

fn learn(session: &mut Session, plan: &Plan, records: &Records<'_>, record: usize) {
    let number = |index: Option<usize>| unsigned(records.value(record, index?));
    if let Some(interval) = plan.sampling.interval(records, record) {
        session.has_learnt |= match number(plan.sampling.sampler) {
            Some(sampler) => session.sampling.learn_sampler(sampler, interval),
            None if plan.sampling.is_of_part(records, record) => session.sampling.learn_part(),
            None => session.sampling.learn_whole(interval),
        };
    }
    for (counter, total) in plan.statistics.totals(records, record) {
        let increase = session.statistics.increase(counter, &plan.statistics.counted_by(records, record), total);
        session.account.add(counter, increase);
    }
    if let Some(milliseconds) = number(plan.system_init) {
        let before = std::mem::replace(&mut session.system_init_ms, i64::try_from(milliseconds).ok());
        session.has_learnt |= before != session.system_init_ms;
    }
    if let Some(types) = &plan.types {
        let before = session.told.serial();
        types.learn(&mut session.told, records, record);
        session.has_learnt |= before != session.told.serial();
    }
}

pub(super) fn fill_origin(flows: &mut FlowColumns, count: usize, origin: &Origin<'_>) {
    flows.fill_u64(Field::Received, count, origin.received as u64);
    flows.fill_address(Field::Exporter, count, origin.key.exporter);
    flows.fill_u64(Field::ObservationDomain, count, u64::from(origin.key.observation_domain));
    flows.fill_u64(Field::ProtocolVersion, count, origin.key.version as u64);
    if origin.template_id > 0 {
        flows.fill_u64(Field::TemplateId, count, u64::from(origin.template_id));
    }
}

/// Write one column of the rows from `row` on.
pub(super) fn fill_column(
    column: &mut AnyColumn,
    row: usize,
    records: &Records<'_>,
    read: &ColumnRead,
    times: Times<'_>,
) {
    match (column, read.read) {
        (AnyColumn::U8(column), Read::Unsigned) => fill_numbers(column, row, records, read.index),
        (AnyColumn::U16(column), Read::Unsigned) => fill_numbers(column, row, records, read.index),
        (AnyColumn::U16(column), Read::MoreBits) => add_bits(column, row, records, read.index),
        (AnyColumn::U32(column), Read::Unsigned) => fill_numbers(column, row, records, read.index),
        (AnyColumn::U64(column), Read::Unsigned) => fill_numbers(column, row, records, read.index),
        (AnyColumn::I64(column), Read::Unsigned) => fill_numbers(column, row, records, read.index),
        (AnyColumn::Instant(column), Read::Time(form)) => {
            fill_instants(column, row, records, read.index, form, times);
        }
        (AnyColumn::Address(column), Read::Ipv4) => match records.arrays(read.index) {
            Some(values) => fill_addresses(column, row, read, values.map(address_from_v4)),
            None => fill_addresses(column, row, read, records.values(read.index).map(array).map(address_from_v4)),
        },
        (AnyColumn::Address(column), Read::Ipv6) => match records.arrays(read.index) {
            Some(values) => fill_addresses(column, row, read, values),
            None => fill_addresses(column, row, read, records.values(read.index).map(array)),
        },
        (AnyColumn::Mac(column), Read::Mac) => column.extend_valid(row, records.values(read.index).map(array)),
        (AnyColumn::Text(column), Read::Text | Read::ApplicationId) if read.only_unspecified => {
            column.fill_nulls(row, |record| text(read.read, records.value(record, read.index)));
        }
        (AnyColumn::Text(column), Read::ApplicationId) => {
            column.pad_to(row);
            let mut recent = Recent::default();
            for raw in records.values(read.index) {
                column.push(recent.get_or_make(mark(raw), raw, |raw| text(read.read, raw)).as_deref());
            }
        }
        (AnyColumn::Text(column), Read::Text) => {
            column.pad_to(row);
            records.values(read.index).for_each(|raw| column.push(text(read.read, raw).as_deref()));
        }
        _ => unreachable!("the plan reads {:?} into {:?}", read.read, read.field),
    }
}

/// A name; trailing NULs are padding, and nothing else is no name.
fn text(read: Read, raw: &[u8]) -> Option<Cow<'_, str>> {
    if read == Read::ApplicationId {
        return application_id_text(raw).map(Cow::Owned);
    }
    let end = raw.iter().rposition(|&byte| byte != 0)?;
    Some(String::from_utf8_lossy(&raw[..=end]))
}

/// A fixed-width value; the plan has checked the width.
fn array<const N: usize>(raw: &[u8]) -> [u8; N] {
    raw.try_into().unwrap_or([0; N])
}

fn fill_numbers<T: Copy + Default + PartialEq + TryFrom<u64>>(
    column: &mut Column<T>,
    row: usize,
    records: &Records<'_>,
    index: usize,
) {
    let is_filled = fill_whole(column, row, records.arrays(index), u8::from_be_bytes)
        || fill_whole(column, row, records.arrays(index), u16::from_be_bytes)
        || fill_whole(column, row, records.arrays(index), u32::from_be_bytes)
        || fill_whole(column, row, records.arrays(index), u64::from_be_bytes);
    if !is_filled {
        let number = |raw| unsigned(raw).and_then(|number| T::try_from(number).ok());
        column.extend(row, records.values(index).map(number));
    }
}

/// Add bits to those that the rows have.
fn add_bits(column: &mut Column<u16>, row: usize, records: &Records<'_>, index: usize) {
    for (row, raw) in (row..).zip(records.values(index)) {
        if let Some(bits) = unsigned(raw).and_then(|bits| u16::try_from(bits).ok()) {
            column.set(row, column.get(row).unwrap_or_default() | bits);
        }
    }
}

/// Fill a column from values of one width if there are any and the column can hold each of them:
/// the loop has no condition inside, which makes it several times as fast as the general one.
fn fill_whole<T: Copy + Default + PartialEq + TryFrom<u64>, N: Into<u64>, const W: usize>(
    column: &mut Column<T>,
    row: usize,
    values: Option<impl Iterator<Item = [u8; W]>>,
    number: impl Fn([u8; W]) -> N,
) -> bool {
    let Some(values) = values.filter(|_| T::try_from(number([0xff; W]).into()).is_ok()) else { return false };
    column.extend_valid(row, values.map(|value| T::try_from(number(value).into()).unwrap_or_default()));
    true
}

fn fill_instants(
    column: &mut Column<i64>,
    row: usize,
    records: &Records<'_>,
    index: usize,
    form: TimeForm,
    times: Times<'_>,
) {
    if let (TimeForm::Uptime, Some(uptime_ms @ 1..), 0, Some(values)) =
        (form, times.header.uptime_ms, times.shift, records.arrays(index))
    {
        // What v5 and v9 send: every value has its instant.
        let export_time = times.header.export_time;
        return column.extend_valid(
            row,
            values.map(|event| instant_from_uptime(u32::from_be_bytes(event), uptime_ms, export_time)),
        );
    }
    let instant =
        |(record, count): (usize, Option<u64>)| times.instant(form, count?, records, record)?.checked_add(times.shift);
    match (records.arrays(index), records.arrays(index)) {
        (Some(values), _) => {
            column.extend(row, values.map(|value| Some(u64::from_be_bytes(value))).enumerate().map(instant));
        }
        (_, Some(values)) => {
            column.extend(row, values.map(|value| Some(u32::from_be_bytes(value).into())).enumerate().map(instant));
        }
        _ => column.extend(row, records.values(index).map(unsigned).enumerate().map(instant)),
    }
}

fn fill_addresses(
    column: &mut Column<[u8; 16]>,
    row: usize,
    read: &ColumnRead,
    addresses: impl Iterator<Item = [u8; 16]>,
) {
    if !read.only_unspecified {
        return column.extend_valid(row, addresses);
    }
    for (place, address) in addresses.enumerate() {
        if column.get(row + place).is_none_or(|known| is_unspecified(&known)) {
            column.set(row + place, address);
        }
    }
}

/// A handshake's round trip, where only its parts were told.
fn fill_sums(flows: &mut FlowColumns, row: usize, count: usize) {
    let [server, client] = [Field::TcpRttServer, Field::TcpRttClient].map(|field| {
        let AnyColumn::I64(column) = flows.column(field) else { unreachable!("durations are signed") };
        (row..row + count).map(|row| column.get(row)).collect::<Vec<_>>()
    });
    let AnyColumn::I64(whole) = flows.column(Field::TcpRtt) else { unreachable!("durations are signed") };
    whole.extend(row, server.into_iter().zip(client).map(|(server, client)| server?.checked_add(client?)));
}

/// What follows from which fields of a record have values.
fn fill_words(flows: &mut FlowColumns, plan: &Plan, records: &Records<'_>) {
    let Some(first) = plan.words.first() else { return };
    let row = flows.rows();
    let AnyColumn::Text(column) = flows.column(first.field) else { unreachable!("words are text") };
    column.pad_to(row);
    for record in 0..records.count() {
        let said = plan.words.iter().find(|read| text(Read::Text, records.value(record, read.index)).is_some());
        column.push(said.map(|read| read.word));
    }
}

/// What a record says itself goes before its sampler, that before the header, that before the whole domain.
fn fill_sampling(
    flows: &mut FlowColumns,
    plan: &Plan,
    records: &Records<'_>,
    origin: &Origin<'_>,
    session: &mut Session,
) {
    let (row, count) = (flows.rows(), records.count());
    let AnyColumn::U32(column) = flows.column(Field::SamplingInterval) else {
        unreachable!("sampling intervals are 32 bits")
    };
    let sampling = &mut session.sampling;
    let whole = origin.header.sampling_interval.or(sampling.whole());
    if plan.columns.iter().any(|read| read.field == Field::SamplingInterval) {
        sampling.note(column.get(row + count - 1));
    } else if plan.sampling.rate.is_some() {
        column.extend(row, (0..count).map(|record| plan.sampling.interval(records, record).or(whole)));
        sampling.note(column.get(row + count - 1));
    } else if let Some(index) = plan.sampling.sampler {
        let interval = |raw| sampling.of_sampler(unsigned(raw)?, origin.header.sampling_interval);
        column.extend(row, records.values(index).map(interval));
    } else if let Some(interval) = whole {
        column.fill(row, count, interval);
        sampling.note(origin.header.sampling_interval);
    }
}

/// Returns how many lists reached past what held them.
fn fill_others(
    other: &mut ElementsColumn,
    row: usize,
    plan: &Plan,
    records: &Records<'_>,
    times: Times<'_>,
    lists: &Lists<'_>,
) -> u64 {
    let keeps_uptimes = !plan.uptimes.is_empty() && !times.is_exact();
    if plan.others.is_empty() && !keeps_uptimes {
        return 0;
    }
    let mut malformed = 0;
    other.pad_to(row);
    let mut text = String::new();
    for record in 0..records.count() {
        for read in &plan.others {
            malformed += push_element(other, read, records.value(record, read.index), lists);
        }
        for read in plan.uptimes.iter().filter(|_| keeps_uptimes) {
            malformed += push_element(other, read, records.value(record, read.index), lists);
        }
        if let Some(fields) = &plan.sections {
            sections::push(other, plan, fields, records, record, &mut text);
        }
        other.end_row();
    }
    malformed
}

/// Returns 1 for a list that reached past what held it.
fn push_element(elements: &mut ElementsColumn, read: &ElementRead, raw: &[u8], lists: &Lists<'_>) -> u64 {
    match read.element_type {
        Some(list) if list.is_list() => {
            let text = lists.text(list, raw);
            elements.push(&read.name, text.json.as_deref(), raw);
            u64::from(text.is_malformed)
        }
        element_type => {
            let value = element_type.and_then(|element_type| value_text(element_type, raw, lists.export_time));
            elements.push(&read.name, value.as_deref(), raw);
            0
        }
    }
}
