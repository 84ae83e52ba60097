//! Values of elements: as numbers, and as text for people.

use std::{
    fmt::Write as _,
    net::{Ipv4Addr, Ipv6Addr},
};

use crate::{
    application::ApplicationId,
    schema::ElementType,
    time::{Instant, MILLISECOND, SECOND, instant_from_ntp, iso_8601},
};

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
        | ElementType::Unsigned256 => unsigned_text(raw),
        ElementType::Signed8 | ElementType::Signed16 | ElementType::Signed32 | ElementType::Signed64 => {
            signed(raw).map(|number| number.to_string())
        }
        ElementType::Float32 | ElementType::Float64 => match <[u8; 4]>::try_from(raw) {
            // In its own precision: 0.1, and not the double that lies nearest to it.
            Ok(single) => Some(f32::from_be_bytes(single).to_string()),
            Err(_) => float(raw).map(|number| number.to_string()),
        },
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
            let is_microseconds = element_type == ElementType::DateTimeMicroseconds;
            let stamp = if is_microseconds { stamp & !BELOW_MICROSECONDS } else { stamp };
            Some(iso_8601(instant_from_ntp(stamp, export_time)))
        }
        ElementType::ApplicationId => application_id_text(raw),
        ElementType::MplsLabel => mpls_label_text(raw),
        ElementType::OctetArray
        | ElementType::BasicList
        | ElementType::SubTemplateList
        | ElementType::SubTemplateMultiList => None,
    }
}

/// Bits of a time in microseconds that mean nothing (RFC 7011, section 6.1.9).
pub const BELOW_MICROSECONDS: u64 = 0x7ff;

/// A number of up to 256 bits in decimal (RFC 9740 has elements of that size).
fn unsigned_text(raw: &[u8]) -> Option<String> {
    const MAXIMUM_BYTES: usize = 32;
    if let Some(number) = unsigned(raw) {
        return Some(number.to_string());
    }
    if raw.is_empty() || raw.len() > MAXIMUM_BYTES {
        return None;
    }
    let mut number = raw.to_vec();
    let mut digits = Vec::new();
    while number.iter().any(|&byte| byte != 0) {
        let mut remainder = 0;
        for byte in &mut number {
            let dividend = remainder << 8 | u16::from(*byte);
            *byte = (dividend / 10) as u8;
            remainder = dividend % 10;
        }
        digits.push(b'0' + remainder as u8);
    }
    digits.reverse();
    String::from_utf8(digits).ok()
}

/// `label:class:bottom`, the last of which is 1 at the bottom of the stack (RFC 3032, section 2.1).
fn mpls_label_text(raw: &[u8]) -> Option<String> {
    let &[high, middle, low] = raw else { return None };
    let entry = u32::from_be_bytes([0, high, middle, low]);
    Some(format!("{}:{}:{}", entry >> 4, entry >> 1 & 7, entry & 1))
}

/// `engine:selector`, and `20:enterprise:selector` where the engine is a vendor's own; `None` for what is none.
pub fn application_id_text(raw: &[u8]) -> Option<String> {
    ApplicationId::from_bytes(raw).map(|id| id.to_string())
}

/// A number in two's complement, of any width as long as it fits.
fn signed(raw: &[u8]) -> Option<i64> {
    if let Some(extended @ 1..) = raw.len().checked_sub(8) {
        let (sign, low) = raw.split_at(extended);
        let number = i64::from_be_bytes(low.try_into().ok()?);
        let filler = if number < 0 { 0xff } else { 0 };
        return sign.iter().all(|&byte| byte == filler).then_some(number);
    }
    let number = unsigned(raw)?;
    let unused_bits = 64 - 8 * raw.len() as u32;
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

    fn said(element_type: ElementType, raw: &[u8]) -> Option<String> {
        value_text(element_type, raw, 1_700_000_000 * SECOND)
    }

    #[test]
    fn a_negative_number_of_any_width_keeps_its_sign() {
        for width in 1..=12 {
            let mut raw = vec![0xff; width];
            raw[width - 1] = 0xfe;
            assert_eq!(said(ElementType::Signed32, &raw).as_deref(), Some("-2"), "{width} bytes");
        }
        assert_eq!(said(ElementType::Signed64, &[0, 0xff, 0, 0, 0, 0, 0, 0, 0]), None, "more than 64 bits");
        assert_eq!(said(ElementType::Signed8, &[]), None);
    }

    #[test]
    fn a_number_of_256_bits_is_said_in_full() {
        let largest = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(said(ElementType::Unsigned256, &[0xff; 32]).as_deref(), Some(largest));
        assert_eq!(
            said(ElementType::Unsigned64, &[1, 0, 0, 0, 0, 0, 0, 0, 5]).as_deref(),
            Some("18446744073709551621")
        );
        assert_eq!(said(ElementType::Unsigned256, &[0; 32]).as_deref(), Some("0"));
        assert_eq!(said(ElementType::Unsigned256, &[1; 33]), None);
    }

    #[test]
    fn a_float_is_said_in_the_precision_it_came_in() {
        assert_eq!(said(ElementType::Float64, &0.1_f32.to_be_bytes()).as_deref(), Some("0.1"));
        assert_eq!(said(ElementType::Float64, &0.1_f64.to_be_bytes()).as_deref(), Some("0.1"));
        assert_eq!(said(ElementType::Float32, &[0, 0]), None);
    }

    #[test]
    fn a_time_in_microseconds_leaves_out_what_lies_below() {
        let stamp = (2_208_988_800_u64 + 1_700_000_000) << 32 | 0x8000_07ff;
        let plain = said(ElementType::DateTimeMicroseconds, &stamp.to_be_bytes());
        assert_eq!(plain.as_deref(), Some("2023-11-14T22:13:20.500000000Z"));
        let fine = said(ElementType::DateTimeNanoseconds, &stamp.to_be_bytes());
        assert_eq!(fine.as_deref(), Some("2023-11-14T22:13:20.500000476Z"));
    }

    #[test]
    fn a_label_tells_its_class_and_whether_it_is_the_last() {
        assert_eq!(said(ElementType::MplsLabel, &[0x03, 0xe8, 0xdb]).as_deref(), Some("16013:5:1"));
        assert_eq!(said(ElementType::MplsLabel, &[1, 2, 3, 4]), None);
    }

    #[test]
    fn what_is_neither_true_nor_false_has_no_text() {
        assert_eq!([1, 2].map(|byte| said(ElementType::Boolean, &[byte])), ["true", "false"].map(|it| Some(it.into())));
        assert_eq!([0, 3].map(|byte| said(ElementType::Boolean, &[byte])), [None, None]);
    }

    #[test]
    fn an_application_id_is_an_engine_and_its_number() {
        assert_eq!(application_id_text(&[3, 0, 0, 80]).as_deref(), Some("3:80"));
        assert_eq!(application_id_text(&[13, 1, 0]).as_deref(), Some("13:256"));
        assert_eq!(application_id_text(&[20, 0, 0, 0x30, 0x44, 1, 2]).as_deref(), Some("20:12356:258"));
        for nothing in [&[][..], &[0, 0, 0, 0], &[13], &[13, 1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            assert_eq!(application_id_text(nothing), None);
        }
    }
}
