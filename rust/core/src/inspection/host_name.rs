//! Names of hosts as clients write them.

/// Longest domain name as text (RFC 1035, section 2.3.4).
const MAXIMUM_NAME_BYTES: usize = 253;
const MAXIMUM_LABEL_BYTES: usize = 63;

/// The name in lower case without the dot at its end; `None` where the bytes are no name of a host.
///
/// An address is none: it says no more than the flow does. Letters that are not ASCII travel encoded
/// (RFC 5890); whatever else is in a name was put there to harm its readers.
pub fn host_name(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_suffix(b".").unwrap_or(bytes);
    let is_name = (1..=MAXIMUM_NAME_BYTES).contains(&bytes.len())
        && bytes.split(|&byte| byte == b'.').all(is_label)
        // No top-level domain is a number: this is an IPv4 address.
        && bytes.rsplit(|&byte| byte == b'.').next().is_some_and(|last| !last.iter().all(u8::is_ascii_digit));
    is_name.then(|| bytes.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect())
}

fn is_label(label: &[u8]) -> bool {
    (1..=MAXIMUM_LABEL_BYTES).contains(&label.len())
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_a_resolver_would_take() {
        assert_eq!(host_name(b"WWW.Example.org.").as_deref(), Some("www.example.org"));
        assert_eq!(host_name(b"_sip.xn--bcher-kva.example").as_deref(), Some("_sip.xn--bcher-kva.example"));
        assert_eq!(host_name(b"localhost").as_deref(), Some("localhost"));
        let longest = [&[b'a'; 63][..], b".", &[b'b'; 63]].concat();
        assert!(host_name(&longest).is_some());
    }

    #[test]
    fn what_is_no_name_names_nothing() {
        let long_label = [b'a'; 64];
        let long_name = [b'a', b'.'].repeat(128);
        for bytes in [
            &b""[..],
            b".",
            b"..",
            b"a..b",
            b"192.0.2.1",
            b"[2001:db8::1]",
            b"a b",
            b"a\0b",
            b"\xff",
            &long_label,
            &long_name,
        ] {
            assert_eq!(host_name(bytes), None, "{bytes:?}");
        }
    }
}
