//! The host an HTTP/1 request is for (RFC 9112, section 3.2).

use super::{Finding, host_name, stream::MAXIMUM_STREAM_BYTES};

/// The methods that begin a request, with the space behind them.
const METHODS: [&[u8]; 9] =
    [b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"DELETE ", b"PATCH ", b"CONNECT ", b"PROPFIND "];

/// Bytes that a request may begin with: they alone leave most of what is none.
pub const FIRST_BYTES: [bool; 256] = {
    let (mut bytes, mut number) = ([false; 256], 0);
    while number < METHODS.len() {
        bytes[METHODS[number][0] as usize] = true;
        number += 1;
    }
    bytes
};

/// Whether a payload begins as a request does.
#[inline]
pub fn is_request(payload: &[u8]) -> bool {
    payload.first().is_some_and(|&first| FIRST_BYTES[usize::from(first)]) && has_method(payload)
}

#[inline(never)]
fn has_method(payload: &[u8]) -> bool {
    METHODS.iter().any(|method| payload.starts_with(method))
}

/// Read the host from the beginning of a TCP stream. Of `CONNECT` it is the far end that is asked for.
pub fn request_host(stream: &[u8]) -> Finding<String> {
    if !is_request(stream) {
        return Finding::Nothing;
    }
    let mut lines = stream.split_inclusive(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    if let Some(target) = first.strip_prefix(b"CONNECT ")
        && let Some(end) = target.iter().position(|&byte| byte == b' ')
    {
        return found(&target[..end]);
    }
    for line in lines {
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Finding::Nothing;
        }
        if let Some((name, value)) = line.split_at_checked(5)
            && name.eq_ignore_ascii_case(b"host:")
        {
            return found(value.trim_ascii());
        }
    }
    if stream.len() < MAXIMUM_STREAM_BYTES { Finding::Unfinished } else { Finding::Nothing }
}

fn found(host: &[u8]) -> Finding<String> {
    let without_port = match host.iter().rposition(|&byte| byte == b':') {
        Some(colon) if host[colon + 1..].iter().all(u8::is_ascii_digit) => &host[..colon],
        _ => host,
    };
    host_name(without_port).map_or(Finding::Nothing, Finding::Found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_found_wherever_it_stands() {
        let host = |text: &str| request_host(text.as_bytes());
        let found = |name: &str| Finding::Found(name.to_string());
        assert_eq!(host("GET / HTTP/1.1\r\nHost: Example.org\r\n\r\n"), found("example.org"));
        assert_eq!(host("POST /x HTTP/1.1\r\nAccept: */*\r\nhOST:\texample.org:8080 \r\n"), found("example.org"));
        assert_eq!(host("HEAD / HTTP/1.0\nHost:a.b\n"), found("a.b"));
        assert_eq!(host("CONNECT www.example.org:443 HTTP/1.1\r\n"), found("www.example.org"));
    }

    #[test]
    fn a_request_without_a_name_tells_none() {
        for text in [
            "GET / HTTP/1.0\r\n\r\nHost: example.org\r\n",
            "GET / HTTP/1.1\r\nHost: 192.0.2.1:80\r\n",
            "GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n",
            "GET / HTTP/1.1\r\nHost: two words\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n",
            "GETTING started",
        ] {
            assert_eq!(request_host(text.as_bytes()), Finding::Nothing, "{text}");
        }
    }

    #[test]
    fn a_request_that_is_not_whole_is_waited_for() {
        let whole = b"GET / HTTP/1.1\r\nHost: example.org\r\n";
        assert!((4..whole.len()).all(|length| request_host(&whole[..length]) == Finding::Unfinished));
        let endless = [&b"GET /"[..], &[b'a'; MAXIMUM_STREAM_BYTES]].concat();
        assert_eq!(request_host(&endless), Finding::Nothing);
    }
}
