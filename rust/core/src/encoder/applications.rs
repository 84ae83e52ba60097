//! The table of applications: names of the numbers that were used, each told with the first flow that has it.

use std::{collections::HashSet, rc::Rc};

use arrow_array::{RecordBatch, cast::AsArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};

use super::{
    OptionsRecord,
    element::{APPLICATION_DESCRIPTION, APPLICATION_ID, APPLICATION_NAME},
    options_rows::NETFLOW_V9_SYSTEM,
};
use crate::{
    application::{ApplicationId, WireId},
    recent::{MARKED_BYTES, Recent, mark},
    schema::{FIELDS, Field},
    wire::ProtocolVersion,
};

/// Bytes of a name and of a description, as most exporters have them; shorter ones are followed by zeros.
const NAME_BYTES: usize = 24;
const DESCRIPTION_BYTES: usize = 55;

/// The number of each row's application as it travels, of those that have one and no name.
#[derive(Clone, Default)]
pub struct Numbers {
    rows: Rc<Vec<Option<WireId>>>,
    /// How many rows have a short one, and a long one.
    counts: [usize; 2],
    /// Each number that a row has, some of them repeatedly.
    used: Rc<[WireId]>,
}

impl Numbers {
    /// Of a batch.
    pub fn of(batch: &RecordBatch) -> Self {
        let Some(column) = batch.column_by_name(FIELDS[Field::Application as usize].1) else { return Self::default() };
        let (mut recent, mut used, mut counts) = (Recent::default(), Vec::new(), [0; 2]);
        let numbers = column.as_string::<i32>().iter().map(|text| {
            let text = text?;
            let mark = mark(text.as_bytes());
            // Of short text the mark is all there is to compare.
            let key = (mark, text.len(), (text.len() > MARKED_BYTES).then_some(text));
            let number = *recent.get_or_make(mark, key, |_| {
                let number = ApplicationId::from_text(text)?.wire()?;
                used.push(number);
                Some(number)
            });
            if let Some(number) = number {
                counts[usize::from(number.bytes().len() == WireId::LONG)] += 1;
            }
            number
        });
        Self { rows: Rc::new(numbers.collect()), counts, used: used.into() }
    }

    /// That of a row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&WireId> {
        self.rows[row].as_ref()
    }

    /// Rows in all.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many rows have a number of so many bytes.
    pub fn count(&self, length: u16) -> usize {
        self.counts[usize::from(usize::from(length) == WireId::LONG)]
    }

    /// Which rows have a number of so many bytes.
    pub fn shown(&self, length: u16) -> NullBuffer {
        self.select(|number| number.is_some_and(|number| number.bytes().len() == usize::from(length)))
    }

    /// How many rows have any.
    pub fn count_all(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Which rows have none.
    pub fn without(&self) -> NullBuffer {
        self.select(|number| number.is_none())
    }

    fn select(&self, is_shown: impl Fn(Option<&WireId>) -> bool) -> NullBuffer {
        NullBuffer::new(BooleanBuffer::collect_bool(self.rows.len(), |row| is_shown(self.get(row))))
    }
}

/// Which numbers were told.
#[derive(Default)]
pub struct Applications {
    known: HashSet<WireId>,
}

impl Applications {
    /// What is to be told of rows that was not told before; nothing of numbers that others gave.
    pub fn untold(&mut self, numbers: &Numbers, version: ProtocolVersion) -> Vec<OptionsRecord> {
        let mut untold = Vec::new();
        for number in numbers.used.iter() {
            if self.known.insert(*number) {
                untold.extend(record(number, version));
            }
        }
        untold
    }
}

/// RFC 6759, section 5: the number is the scope. NetFlow v9 has no such scope, and Cisco's table has it beside the name.
fn record(number: &WireId, version: ProtocolVersion) -> Option<OptionsRecord> {
    let (name, description) = ApplicationId::from_bytes(number.bytes())?.told()?;
    let number = (APPLICATION_ID, number.bytes().to_vec());
    let told = [
        (APPLICATION_NAME, padded(name, NAME_BYTES)),
        (APPLICATION_DESCRIPTION, padded(&description, DESCRIPTION_BYTES)),
    ];
    Some(match version {
        ProtocolVersion::Ipfix => OptionsRecord { scopes: vec![number], fields: told.to_vec() },
        _ => OptionsRecord {
            scopes: vec![(NETFLOW_V9_SYSTEM.id, vec![0; NETFLOW_V9_SYSTEM.length.into()])],
            fields: [number].into_iter().chain(told).collect(),
        },
    })
}

fn padded(text: &str, length: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(length, 0);
    bytes
}

#[cfg(test)]
mod tests {
    use arrow_array::{Array, cast::AsArray};

    use super::super::{
        Encoder,
        tests::{BOOT, EXPORT, Text, V4, batch, flow},
    };
    use crate::{
        batch::Batch,
        decoder::{Decoder, Limits},
        schema::Field,
        time::SECOND,
        wire::ProtocolVersion,
    };

    /// A batch of flows with these applications.
    fn flows(applications: &[&str]) -> arrow_array::RecordBatch {
        let row = |name| flow().into_iter().chain([(Field::Application, Text(name))]).collect::<Vec<_>>();
        let rows: Vec<_> = applications.iter().map(|name| row(*name)).collect();
        batch(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// Applications of flows, and names by number of the table, as they arrive.
    fn arrived(decoder: &mut Decoder, datagrams: &[Vec<u8>]) -> (Vec<String>, Vec<(String, String)>) {
        for datagram in datagrams {
            decoder.feed(datagram, V4, 2055, EXPORT);
        }
        let (mut flows, mut table) = (Vec::new(), Vec::new());
        for batch in decoder.drain() {
            match batch.table().name() {
                "flows" => {
                    let column = batch.records().column_by_name("application").unwrap().as_string::<i32>();
                    flows.extend(column.iter().map(|text| text.unwrap_or_default().to_string()));
                }
                "options" => table.extend(told(&batch)),
                _ => {}
            }
        }
        (flows, table)
    }

    fn told(batch: &Batch) -> Vec<(String, String)> {
        let lists = ["scope", "other"].map(|name| batch.records().column_by_name(name).unwrap().as_list::<i32>());
        let value = |row: usize, wanted: &str| {
            lists.iter().find_map(|list| {
                let elements = list.value(row);
                let [names, values] =
                    [0, 1].map(|column| elements.as_struct().column(column).as_string::<i32>().clone());
                let place = (0..names.len()).find(|&place| names.value(place) == wanted)?;
                Some(values.value(place).to_string())
            })
        };
        (0..batch.records().num_rows())
            .filter_map(|row| Some((value(row, "applicationId")?, value(row, "applicationName")?)))
            .collect()
    }

    #[test]
    fn numbers_and_names_arrive_and_ours_are_told_with_the_first_flow() {
        let all = ["3:443", "20:32473:1", "1:6", "13:80", "skype", "3:443", "20:32473:1", "20:12356:9"];
        for version in [ProtocolVersion::NetflowV9, ProtocolVersion::Ipfix] {
            let mut encoder = Encoder::new(version, 7, BOOT, 1400);
            let mut decoder = Decoder::new(Limits::default(), String::new(), false);
            let (mut flows_found, table) = arrived(&mut decoder, &encoder.encode(&flows(&all), EXPORT));
            let mut expected = all.to_vec();
            flows_found.sort();
            expected.sort_unstable();
            assert_eq!(flows_found, expected, "{version:?}");
            let named = [("3:443", "https"), ("20:32473:1", "tls"), ("1:6", "tcp")];
            assert_eq!(table, named.map(|(id, name)| (id.to_string(), name.to_string())), "{version:?}");

            let (_, again) = arrived(&mut decoder, &encoder.encode(&flows(&all), EXPORT + SECOND));
            assert_eq!(again, [], "{version:?}: known by now");
            let (_, more) = arrived(&mut decoder, &encoder.encode(&flows(&["3:443", "3:22"]), EXPORT + 2 * SECOND));
            assert_eq!(more, [("3:22".to_string(), "ssh".to_string())], "{version:?}: at once");
            let (_, all) = arrived(&mut decoder, &encoder.encode(&flows(&["3:22"]), EXPORT + 60 * SECOND));
            assert_eq!(all.len(), 4, "{version:?}: the whole table again, with the templates");
        }
    }
}
