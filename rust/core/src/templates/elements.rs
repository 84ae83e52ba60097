//! What an element is called and how its values are read: IANA's and vendors' from the registry, others as told.
//!
//! A person tells of elements in a file, which goes before what we know of that vendor. An exporter tells of its own in
//! options records (RFC 5610), which is believed where nobody else knows better. Nobody redefines IANA's.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    sync::{Arc, LazyLock},
};

use super::FieldSpecifier;
use crate::schema::{ELEMENTS, ElementType, NETFLOW_V9_TYPES, REVERSE_BITS, REVERSE_ENTERPRISE};

/// What we know of an element, except its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Name.
    pub name: Arc<str>,
    /// How its values are read.
    pub element_type: ElementType,
}

/// Elements that somebody told us of, by enterprise and id.
#[derive(Clone, Debug, Default)]
pub struct ToldElements {
    elements: BTreeMap<(u32, u16), Told>,
    /// Grows with every change: what was made of elements before must be made again.
    serial: u32,
    held_bytes: usize,
}

/// Elements that one session may tell us of.
const MAXIMUM_TOLD: usize = 1024;
/// Characters of a name that an exporter tells.
const MAXIMUM_NAME: usize = 128;

impl ToldElements {
    /// Elements a person told of, which are those of `serial` and replace those told before.
    pub fn of_person(elements: BTreeMap<(u32, u16), Told>, serial: u32) -> Self {
        Self { elements, serial, held_bytes: 0 }
    }

    /// Learn an element from its exporter. What is known stays: a type that changes under way would give the same
    /// bytes two meanings. What nobody else could tell from a known element is not learnt.
    pub fn learn(&mut self, enterprise: u32, id: u16, name: &[u8], element_type: ElementType) {
        let is_vendors = enterprise != 0 && enterprise != REVERSE_ENTERPRISE && id < FieldSpecifier::ENTERPRISE_BIT;
        let Some(name) = name_of_exporter(name).filter(|_| is_vendors) else { return };
        let is_new = !self.elements.contains_key(&(enterprise, id)) && registered(enterprise, id).is_none();
        if is_new && self.elements.len() < MAXIMUM_TOLD {
            self.held_bytes += size_of::<((u32, u16), Told)>() + name.len();
            self.elements.insert((enterprise, id), Told { name: name.into(), element_type });
            self.serial += 1;
        }
    }

    /// Each of them, by enterprise and id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ((u32, u16), &Told)> {
        self.elements.iter().map(|(&key, told)| (key, told))
    }

    /// Bytes of memory that what an exporter told takes, about.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// Tells whether anything changed since another serial was seen.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    fn get(&self, enterprise: u32, id: u16) -> Option<Known<'_>> {
        let told = self.elements.get(&(enterprise, id))?;
        Some(Known { name: Cow::Borrowed(&told.name), element_type: told.element_type })
    }
}

/// A name that an exporter may give: of plain characters, and no other element's.
fn name_of_exporter(raw: &[u8]) -> Option<&str> {
    static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| ELEMENTS.iter().map(|&(_, _, name, _)| name).collect());
    let end = raw.iter().rposition(|&byte| byte != 0)? + 1;
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b':' || *byte == b' ';
    let name = std::str::from_utf8(&raw[..end]).ok().filter(|name| name.bytes().all(|byte| is_plain(&byte)))?;
    (end <= MAXIMUM_NAME && name.trim() == name && !KNOWN.contains(name)).then_some(name)
}

/// Name and type of an element that is known.
#[derive(Debug, PartialEq, Eq)]
pub struct Known<'a> {
    /// Name.
    pub name: Cow<'a, str>,
    /// How its values are read.
    pub element_type: ElementType,
}

/// Everything that is known of elements where a template comes from.
#[derive(Clone, Copy)]
pub struct Elements<'a> {
    /// By a person.
    pub person: Option<&'a ToldElements>,
    /// By the exporter.
    pub exporter: Option<&'a ToldElements>,
}

impl<'a> Elements<'a> {
    /// What the registry has, and nothing else.
    pub const REGISTRY: Elements<'static> = Elements { person: None, exporter: None };

    /// Look an element up, those of the opposite direction included.
    pub fn look_up(&self, field: FieldSpecifier) -> Option<Known<'a>> {
        let FieldSpecifier { enterprise, id, .. } = field;
        if enterprise == REVERSE_ENTERPRISE {
            return self.known(0, id).filter(|_| !IRREVERSIBLE.contains(&id)).map(reversed);
        }
        None.or_else(|| self.known(enterprise, id))
            .or_else(|| netflow_v9_places(field).find_map(|(enterprise, id)| self.known(enterprise, id)))
            .or_else(|| self.known(enterprise, forward(enterprise, id)?).map(reversed))
            .or_else(|| self.exporter?.get(enterprise, id))
    }

    /// Name and type of an element; one we do not know is named `enterprise:id`.
    pub fn name(&self, field: FieldSpecifier) -> (Cow<'a, str>, Option<ElementType>) {
        match self.look_up(field) {
            Some(known) => (known.name, Some(known.element_type)),
            None => (format!("{}:{}", field.enterprise, field.id).into(), None),
        }
    }

    /// Changes whenever a look-up may give something else than before.
    pub fn serial(&self) -> (u32, u32) {
        let serial = |told: Option<&ToldElements>| told.map_or(0, ToldElements::serial);
        (serial(self.person), serial(self.exporter))
    }

    fn known(&self, enterprise: u32, id: u16) -> Option<Known<'a>> {
        let told = self.person.and_then(|person| person.get(enterprise, id));
        told.or_else(|| {
            let (name, element_type) = registered(enterprise, id)?;
            Some(Known { name: Cow::Borrowed(name), element_type })
        })
    }
}

/// Enterprise and id of an element; what NetFlow v9 numbers apart has those that IPFIX would have sent.
pub fn canonical(field: FieldSpecifier) -> (u32, u16) {
    let is_known = |&(enterprise, id): &(u32, u16)| registered(enterprise, id).is_some();
    netflow_v9_places(field).find(is_known).unwrap_or((field.enterprise, field.id))
}

/// Vendors' elements that a type of NetFlow v9 may stand for, the most likely first. IANA has none so high, and IPFIX
/// cannot send them without an enterprise.
fn netflow_v9_places(field: FieldSpecifier) -> impl Iterator<Item = (u32, u16)> {
    let is_apart = field.enterprise == 0 && field.id >= FieldSpecifier::ENTERPRISE_BIT;
    let types = if is_apart { NETFLOW_V9_TYPES } else { &[] };
    types
        .iter()
        .filter(move |&&(first, last, ..)| (first..=last).contains(&field.id))
        .map(move |&(_, _, base, enterprise)| (enterprise, field.id - base))
}

/// The id of what a vendor numbers apart where it is seen in the opposite direction.
fn forward(enterprise: u32, id: u16) -> Option<u16> {
    REVERSE_BITS.iter().find(|&&(whose, bit)| whose == enterprise && id & bit != 0).map(|&(_, bit)| id & !bit)
}

fn reversed(known: Known<'_>) -> Known<'_> {
    let mut rest = known.name.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    let name: String = "reverse".chars().chain(first).chain(rest).collect();
    Known { name: name.into(), element_type: known.element_type }
}

/// Elements that say nothing of a direction, so that there is no opposite one (RFC 5103, section 6.1): identifiers, who
/// exports to whom, counts of a process, padding, and what a biflow is.
const IRREVERSIBLE: [u16; 30] = [
    40, 41, 42, 130, 131, 137, 138, 141, 142, 143, 144, 145, 148, 149, 163, 164, 165, 166, 167, 168, 173, 210, 211,
    212, 213, 214, 215, 216, 217, 239,
];

fn registered(enterprise: u32, id: u16) -> Option<(&'static str, ElementType)> {
    let place = ELEMENTS.binary_search_by_key(&(enterprise, id), |&(enterprise, id, ..)| (enterprise, id)).ok()?;
    let (.., name, element_type) = ELEMENTS[place];
    Some((name, element_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(enterprise: u32, id: u16) -> String {
        Elements::REGISTRY.name(FieldSpecifier { enterprise, id, length: 4 }).0.into_owned()
    }

    #[test]
    fn unknown_elements_are_named_by_their_numbers() {
        assert_eq!(named(35632, 2000), "35632:2000");
        assert_eq!(named(0, 32767), "0:32767");
        assert_eq!(named(0, 40200), "0:40200");
    }

    #[test]
    fn vendors_are_known_by_their_enterprise_and_in_netflow_v9() {
        assert_eq!(named(35632, 188), "ntopTlsServerName");
        assert_eq!(named(0, 57472 + 188), "ntopTlsServerName");
        assert_eq!(named(9, 9303), named(0, 42071));
        assert_eq!(named(0, 56701), "paloAltoAppId");
        assert_eq!(canonical(FieldSpecifier { enterprise: 0, id: 61441, length: 4 }), (32473, 1));
    }

    #[test]
    fn the_opposite_direction_is_named_so() {
        assert_eq!(named(REVERSE_ENTERPRISE, 1), "reverseOctetDeltaCount");
        assert_eq!(named(6871, 0x4000 + 14), "reverseCertInitialTCPFlags");
        assert_eq!(named(REVERSE_ENTERPRISE, 149), "29305:149", "an observation domain has no direction");
    }

    #[test]
    fn a_person_goes_before_the_registry_and_an_exporter_behind() {
        let told = |name: &str| Told { name: name.into(), element_type: ElementType::Unsigned8 };
        let person =
            ToldElements::of_person(BTreeMap::from([((9, 9303), told("mine")), ((9, 30000), told("mineToo"))]), 1);
        let mut exporter = ToldElements::default();
        for id in [9303, 30000, 30001] {
            exporter.learn(9, id, b"theirs\0", ElementType::String);
        }
        let elements = Elements { person: Some(&person), exporter: Some(&exporter) };
        let named = |id| elements.name(FieldSpecifier { enterprise: 9, id, length: 1 }).0.into_owned();
        assert_eq!([9303, 30000, 30001, 30002].map(named), ["mine", "mineToo", "theirs", "9:30002"]);
        let in_v9 = elements.name(FieldSpecifier { enterprise: 0, id: 30000 + 32768, length: 1 });
        assert_eq!(in_v9.0, "mineToo");
    }

    #[test]
    fn an_exporter_cannot_name_what_is_not_its_own() {
        let mut told = ToldElements::default();
        told.learn(0, 600, b"anything", ElementType::String);
        told.learn(REVERSE_ENTERPRISE, 600, b"anything", ElementType::String);
        told.learn(77, 1, b"octetDeltaCount", ElementType::String);
        for (id, name) in [(2, &b" octetDeltaCount"[..]), (3, b"0:4"), (6, b"tab\t"), (7, b"\xff")] {
            told.learn(77, id, name, ElementType::String);
        }
        told.learn(77, 8, b"", ElementType::String);
        told.learn(77, 4, &[b'a'; MAXIMUM_NAME + 1], ElementType::String);
        assert_eq!((told.serial(), told.held_bytes()), (0, 0));
        told.learn(77, 5, b"first", ElementType::String);
        told.learn(77, 5, b"second", ElementType::Unsigned8);
        assert_eq!(told.get(77, 5).map(|known| known.name.into_owned()).as_deref(), Some("first"));
    }

    #[test]
    fn an_exporter_tells_of_so_many_elements_and_no_more() {
        let mut told = ToldElements::default();
        for id in 0..FieldSpecifier::ENTERPRISE_BIT {
            told.learn(77, id, format!("element{id}").as_bytes(), ElementType::String);
        }
        assert_eq!(told.serial(), MAXIMUM_TOLD as u32);
    }
}
