//! Applications as RFC 6759 numbers them: by who gave the number, and the number.
//!
//! Of our own flows it says how much is known: what payload was recognised as, else the port that is registered, else the
//! protocol alone.

use std::fmt;

use crate::{
    schema::{PORTS, PROTOCOLS},
    templates::unsigned,
};

/// Number under which our own elements and applications stand: the one for examples (RFC 5612), as long as we have none.
pub const OWN_ENTERPRISE: u32 = 32473;

/// Classification engines: IANA-L3, IANA-L4, and PANA-L7-PEN, whose numbers begin with an enterprise's.
const PROTOCOL_ENGINE: u8 = 1;
const PORT_ENGINE: u8 = 3;
const ENTERPRISE_ENGINE: u8 = 20;
/// Bytes of an enterprise number.
const ENTERPRISE_BYTES: usize = 4;

const TCP: u8 = 6;
const UDP: u8 = 17;

/// What a payload is, whatever its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Recognised {
    /// Began with a ClientHello of TLS.
    Tls = 1,
    /// Began with an Initial of QUIC that could be opened.
    Quic = 2,
    /// Began with a request of HTTP/1.
    Http = 3,
    /// A question to the DNS.
    Dns = 4,
}

/// Each with its name and how it is told.
const RECOGNISED: [(Recognised, &str, &str); 4] = [
    (Recognised::Tls, "tls", "TLS, by its ClientHello"),
    (Recognised::Quic, "quic", "QUIC, by its Initial"),
    (Recognised::Http, "http", "HTTP/1, by its request"),
    (Recognised::Dns, "dns", "DNS, by its question"),
];

/// A number of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApplicationId {
    engine: u8,
    enterprise: Option<u32>,
    selector: u64,
}

/// An application's number in bytes: in one of two lengths, so that few templates tell them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WireId {
    /// As most exporters send it.
    Short([u8; WireId::SHORT]),
    /// With room for an enterprise number, as Fortinet sends it.
    Long([u8; WireId::LONG]),
}

impl WireId {
    /// Bytes of the one.
    pub const SHORT: usize = 4;
    /// Bytes of the other.
    pub const LONG: usize = 9;

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Short(bytes) => bytes,
            Self::Long(bytes) => bytes,
        }
    }
}

impl ApplicationId {
    /// What payload was recognised as.
    pub fn recognised(recognised: Recognised) -> Self {
        Self { engine: ENTERPRISE_ENGINE, enterprise: Some(OWN_ENTERPRISE), selector: recognised as u64 }
    }

    /// What is known by protocol and ports: the first of the ports that is registered, else the protocol.
    pub fn assigned(protocol: u8, ports: [u16; 2]) -> Self {
        match ports.into_iter().find(|&port| is_registered(protocol, port)) {
            Some(port) => Self { engine: PORT_ENGINE, enterprise: None, selector: port.into() },
            None => Self { engine: PROTOCOL_ENGINE, enterprise: None, selector: protocol.into() },
        }
    }

    /// Read element 95; `None` for zeros, which say that nothing was recognised, and for what is none.
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        let (&engine, selector) = raw.split_first()?;
        let (enterprise, selector) = match selector.split_at_checked(ENTERPRISE_BYTES) {
            Some((enterprise, rest)) if engine == ENTERPRISE_ENGINE && !rest.is_empty() => {
                (Some(unsigned(enterprise)? as u32), rest)
            }
            _ => (None, selector),
        };
        let selector = unsigned(selector)?;
        (engine > 0 || selector > 0).then_some(Self { engine, enterprise, selector })
    }

    /// Read what [`fmt::Display`] writes, and nothing else.
    pub fn from_text(text: &str) -> Option<Self> {
        let (engine, rest) = text.split_once(':')?;
        let engine = u8::try_from(number(engine)?).ok()?;
        let (enterprise, selector) = match rest.split_once(':') {
            Some((enterprise, selector)) if engine == ENTERPRISE_ENGINE => {
                (Some(u32::try_from(number(enterprise)?).ok()?), number(selector)?)
            }
            Some(_) => return None,
            None => (None, number(rest)?),
        };
        (engine > 0 || selector > 0).then_some(Self { engine, enterprise, selector })
    }

    /// A number of its own, nearly.
    #[inline]
    pub fn mark(&self) -> u64 {
        u64::from(self.engine) << 56 ^ u64::from(self.enterprise.unwrap_or_default()) << 24 ^ self.selector
    }

    /// Append the text that people read.
    fn push_to(&self, text: &mut String) {
        let enterprise = self.enterprise.map(u64::from);
        for (place, number) in [Some(self.engine.into()), enterprise, Some(self.selector)].into_iter().enumerate() {
            if let Some(number) = number {
                if place > 0 {
                    text.push(':');
                }
                push_number(number, text);
            }
        }
    }

    /// As element 95; `None` for numbers that are too large.
    pub fn wire(&self) -> Option<WireId> {
        let selector = self.selector.to_be_bytes();
        let mut long = [0; WireId::LONG];
        long[0] = self.engine;
        if let Some(enterprise) = self.enterprise {
            long[1..=ENTERPRISE_BYTES].copy_from_slice(&enterprise.to_be_bytes());
            long[1 + ENTERPRISE_BYTES..].copy_from_slice(&u32::try_from(self.selector).ok()?.to_be_bytes());
        } else if let [0, 0, 0, 0, 0, a, b, c] = selector {
            return Some(WireId::Short([self.engine, a, b, c]));
        } else if self.engine == ENTERPRISE_ENGINE {
            return None;
        } else {
            long[1..].copy_from_slice(&selector);
        }
        Some(WireId::Long(long))
    }

    /// Name and description of those that we give, where there is one name: a port may have another for each protocol.
    pub fn told(&self) -> Option<(&'static str, String)> {
        match (self.engine, self.enterprise, self.selector) {
            (ENTERPRISE_ENGINE, Some(OWN_ENTERPRISE), selector) => {
                let &(_, name, told) = RECOGNISED.iter().find(|(recognised, ..)| *recognised as u64 == selector)?;
                Some((name, told.to_string()))
            }
            (PROTOCOL_ENGINE, None, selector) => {
                let &(_, name) = PROTOCOLS.iter().find(|(protocol, _)| u64::from(*protocol) == selector)?;
                Some((name, format!("known by protocol {selector} alone")))
            }
            (PORT_ENGINE, None, selector) => {
                let mut names = PORTS.iter().filter(|(port, ..)| u64::from(*port) == selector).map(|(.., name)| *name);
                let name = names.next()?;
                names.all(|other| other == name).then(|| (name, format!("known by port {selector} alone")))
            }
            _ => None,
        }
    }
}

impl fmt::Display for ApplicationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.push_to(&mut text);
        formatter.write_str(&text)
    }
}

/// Append a number; the library's way takes several times as long, which a meter would feel.
fn push_number(mut number: u64, text: &mut String) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.extend(digits[start..].iter().map(|&digit| char::from(digit)));
}

/// A number in the digits that we write; `None` for anything else.
fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}

/// Ports, each a bit: few enough words for the processor's inner cache.
type Ports = [u64; (1 << 16) / 64];

static TCP_PORTS: Ports = registered_for(TCP);
static UDP_PORTS: Ports = registered_for(UDP);

/// Those that are registered for a protocol.
const fn registered_for(protocol: u8) -> Ports {
    let (mut bits, mut place) = ([0; _], 0);
    while place < PORTS.len() {
        let (port, of, _) = PORTS[place];
        if of == protocol {
            bits[port as usize / 64] |= 1 << (port % 64);
        }
        place += 1;
    }
    bits
}

/// Whether a port is registered for a protocol.
fn is_registered(protocol: u8, port: u16) -> bool {
    let bits = match protocol {
        TCP => &TCP_PORTS,
        UDP => &UDP_PORTS,
        _ => return false,
    };
    bits[usize::from(port / 64)] >> (port % 64) & 1 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_as_text_and_as_bytes() {
        for text in ["1:6", "3:443", "13:16777215", "13:16777216", "6:18446744073709551615", "20:9:1", "20:7"] {
            let id = ApplicationId::from_text(text).unwrap();
            let wire = id.wire().unwrap();
            assert_eq!((id.to_string(), ApplicationId::from_bytes(wire.bytes())), (text.to_string(), Some(id)));
        }
        assert_eq!(ApplicationId::from_text("20:7").unwrap().wire().unwrap().bytes(), [20, 0, 0, 7]);
        let fortinet = [20, 0, 0, 0x30, 0x44, 0, 0, 0xa2, 3];
        assert_eq!(ApplicationId::from_bytes(&fortinet).unwrap().to_string(), "20:12356:41475");
    }

    #[test]
    fn names_are_no_numbers() {
        for name in ["", "http", "3:", ":80", "3:80:1", "3:080", "256:1", "3: 80", "3:+80", "20:1:2:3", "h:3", "0:0"] {
            assert_eq!(ApplicationId::from_text(name), None, "{name}");
        }
    }

    #[test]
    fn ports_say_what_is_registered_for_the_protocol_and_the_first_counts() {
        let text = |protocol, ports| ApplicationId::assigned(protocol, ports).to_string();
        assert_eq!(text(TCP, [443, 50_000]), "3:443");
        assert_eq!(text(TCP, [50_000, 443]), "3:443");
        assert_eq!(text(TCP, [22, 443]), "3:22");
        assert_eq!(text(TCP, [50_000, 514]), "3:514");
        assert_eq!(text(UDP, [50_000, 22]), "1:17", "SSH is of TCP");
        assert_eq!(text(1, [443, 443]), "1:1", "no ports at all");
    }

    #[test]
    fn what_is_told_of_a_number_is_what_is_known() {
        let told = |text| ApplicationId::from_text(text).unwrap().told();
        assert_eq!(told("3:443"), Some(("https", "known by port 443 alone".to_string())));
        assert_eq!(told("1:47"), Some(("gre", "known by protocol 47 alone".to_string())));
        let dns = ApplicationId::recognised(Recognised::Dns);
        assert_eq!(dns.told(), Some(("dns", "DNS, by its question".to_string())));
        for unknown in ["3:514", "3:50000", "1:250", "13:80", "20:9:1", "20:32473:99"] {
            assert_eq!(told(unknown), None, "{unknown}");
        }
    }
}
