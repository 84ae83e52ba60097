//! Values of elements: as numbers, and as text for people.

use std::{
    fmt::Write as _,
    net::{Ipv4Addr, Ipv6Addr},
};

use super::{FieldSpecifier, plan::registered};
use crate::{
    schema::{ElementType, REVERSE_ENTERPRISE},
    time::{Instant, MILLISECOND, SECOND, instant_from_ntp, iso_8601},
};

/// Name and type of an element; one we do not know is named `enterprise/id`.
pub fn element_name(field: FieldSpecifier) -> (String, Option<ElementType>) {
    match registered(field) {
        Some((name, element_type)) if field.enterprise == REVERSE_ENTERPRISE => {
            let (first, rest) = name.split_at(1);
            (format!("reverse{}{rest}", first.to_ascii_uppercase()), Some(element_type))
        }
        Some((name, element_type)) => (name.to_string(), Some(element_type)),
        None => (format!("{}/{}", field.enterprise, field.id), None),
    }
}

/// Read a big-endian number of any width; `None` when there are no bytes or it needs more than 64 bits.
#[inline]
pub fn unsigned(raw: &[u8]) -> Option<u64> {
    match *raw {
        [] => None,
        [a] => Some(u64::from(a)),
        [a, b] => Some(u64::from(u16::from_be_bytes([a, b]))),
        [a, b, c, d] => Some(u64::from(u32::from_be_bytes([a, b, c, d]))),
        [_, _, _, _, _, _, _, _] => raw.try_into().ok().map(u64::from_be_bytes),
        _ => {
            let (high, low) = raw.split_at(raw.len().saturating_sub(8));
            let fits = high.iter().all(|&byte| byte == 0);
            fits.then(|| low.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
        }
    }
}

/// Say a value as text; `None` where only its bytes mean something.
pub fn value_text(element_type: ElementType, raw: &[u8], export_time: Instant) -> Option<String> {
    match element_type {
        ElementType::Unsigned8
        | ElementType::Unsigned16
        | ElementType::Unsigned32
        | ElementType::Unsigned64
        | ElementType::Unsigned256 => unsigned(raw).map(|number| number.to_string()),
        ElementType::Signed32 => signed(raw).map(|number| number.to_string()),
        ElementType::Float64 => float(raw).map(|number| number.to_string()),
        ElementType::Boolean => match raw {
            [1] => Some("true".to_string()),
            [2] => Some("false".to_string()),
            _ => None,
        },
        ElementType::MacAddress => (raw.len() == 6).then(|| mac_text(raw)),
        ElementType::String => Some(String::from_utf8_lossy(raw).trim_end_matches('\0').to_string()),
        ElementType::Ipv4Address => <[u8; 4]>::try_from(raw).ok().map(|octets| Ipv4Addr::from(octets).to_string()),
        ElementType::Ipv6Address => <[u8; 16]>::try_from(raw).ok().map(|octets| Ipv6Addr::from(octets).to_string()),
        ElementType::DateTimeSeconds => instant_text(raw, SECOND),
        ElementType::DateTimeMilliseconds => instant_text(raw, MILLISECOND),
        ElementType::DateTimeMicroseconds | ElementType::DateTimeNanoseconds => {
            let stamp = u64::from_be_bytes(raw.try_into().ok()?);
            Some(iso_8601(instant_from_ntp(stamp, export_time)))
        }
        ElementType::ApplicationId => application_id_text(raw),
        ElementType::OctetArray
        | ElementType::BasicList
        | ElementType::SubTemplateList
        | ElementType::SubTemplateMultiList => None,
    }
}

/// `engine:selector`; `None` for zeros, which say that nothing was recognised, and for what is none.
pub fn application_id_text(raw: &[u8]) -> Option<String> {
    let (engine, selector) = raw.split_first()?;
    let selector = unsigned(selector)?;
    (*engine > 0 || selector > 0).then(|| format!("{engine}:{selector}"))
}

fn signed(raw: &[u8]) -> Option<i64> {
    let number = unsigned(raw)?;
    let unused_bits = 64 - 8 * raw.len().min(8) as u32;
    Some((number << unused_bits) as i64 >> unused_bits)
}

pub(super) fn float(raw: &[u8]) -> Option<f64> {
    match raw.len() {
        4 => Some(f64::from(f32::from_be_bytes(raw.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(raw.try_into().ok()?)),
        _ => None,
    }
}

fn instant_text(raw: &[u8], unit: i64) -> Option<String> {
    let count = i64::try_from(unsigned(raw)?).ok()?;
    Some(iso_8601(count.checked_mul(unit)?))
}

fn mac_text(raw: &[u8]) -> String {
    let mut text = String::with_capacity(17);
    for (place, byte) in raw.iter().enumerate() {
        let separator = if place > 0 { ":" } else { "" };
        let _ = write!(text, "{separator}{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_width_are_read() {
        assert_eq!(unsigned(&[1, 0, 0]), Some(65536));
        assert_eq!(unsigned(&[0, 0, 0, 0, 0, 0, 0, 0, 5]), Some(5));
        assert_eq!(unsigned(&[1, 0, 0, 0, 0, 0, 0, 0, 5]), None);
        assert_eq!(unsigned(&[]), None);
    }

    #[test]
    fn a_short_negative_number_keeps_its_sign() {
        assert_eq!(value_text(ElementType::Signed32, &[0xff, 0xfe], 0).as_deref(), Some("-2"));
    }

    #[test]
    fn an_application_id_is_an_engine_and_its_number() {
        assert_eq!(application_id_text(&[3, 0, 0, 80]).as_deref(), Some("3:80"));
        assert_eq!(application_id_text(&[13, 1, 0]).as_deref(), Some("13:256"));
        for nothing in [&[][..], &[0, 0, 0, 0], &[13], &[13, 1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            assert_eq!(application_id_text(nothing), None);
        }
    }

    #[test]
    fn unknown_elements_are_named_by_their_numbers() {
        let (name, element_type) = element_name(FieldSpecifier { enterprise: 35632, id: 1, length: 4 });
        assert_eq!((name.as_str(), element_type), ("35632/1", None));
        let (name, _) = element_name(FieldSpecifier { enterprise: 35632, id: 188, length: 4 });
        assert_eq!(name, "ntopTlsServerName");
        let (name, _) = element_name(FieldSpecifier { enterprise: REVERSE_ENTERPRISE, id: 1, length: 4 });
        assert_eq!(name, "reverseOctetDeltaCount");
    }
}
