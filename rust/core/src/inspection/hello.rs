//! What a client says in its ClientHello (RFC 8446, section 4.1.2).

use super::host_name;
use crate::wire::Cursor;

const SERVER_NAME: u16 = 0;
const SIGNATURE_ALGORITHMS: u16 = 13;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;

/// More than any client sends; a hello with more is made to keep us busy.
const MAXIMUM_ITEMS: usize = 512;

/// Longest name of a protocol that is kept: the registry has none of half that length.
const MAXIMUM_PROTOCOL_BYTES: usize = 32;

/// The parts of a ClientHello that say something about its sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// The name of the server it wants (SNI), in lower case. Where the real hello is encrypted inside (RFC 9849) this
    /// is the provider's own name, and nobody can tell: clients without keys send noise that looks the same.
    pub server_name: Option<String>,
    /// The protocol it would like best inside (ALPN), such as `h2`.
    pub protocol: Option<String>,
    /// The version of the outer layer.
    pub legacy_version: u16,
    /// The versions it offers, if it lists them.
    pub versions: Vec<u16>,
    /// The cipher suites it offers, in its order.
    pub ciphers: Vec<u16>,
    /// The types of its extensions, in its order.
    pub extensions: Vec<u16>,
    /// The signature algorithms it offers, in its order.
    pub signatures: Vec<u16>,
    /// First protocol of the ALPN extension as it was sent.
    pub raw_protocol: Vec<u8>,
}

impl ClientHello {
    /// Read the message behind its header; `None` where it contradicts itself.
    pub fn read(body: &[u8]) -> Option<Self> {
        let mut body = Cursor::new(body);
        let mut hello = Self { legacy_version: body.u16()?, ..Self::default() };
        body.take(32)?;
        short_list(&mut body)?;
        hello.ciphers = numbers(long_list(&mut body)?)?;
        short_list(&mut body)?;
        if body.rest().is_empty() {
            // Before TLS 1.2 a hello could do without.
            return Some(hello);
        }
        let mut extensions = Cursor::new(long_list(&mut body)?);
        while !extensions.rest().is_empty() {
            let kind = extensions.u16()?;
            let content = long_list(&mut extensions)?;
            if hello.extensions.len() >= MAXIMUM_ITEMS {
                return None;
            }
            hello.extensions.push(kind);
            hello.read_extension(kind, content)?;
        }
        Some(hello)
    }

    fn read_extension(&mut self, kind: u16, content: &[u8]) -> Option<()> {
        let mut content = Cursor::new(content);
        match kind {
            SERVER_NAME => self.read_server_name(long_list(&mut content)?)?,
            ALPN => {
                self.raw_protocol = short_list(&mut Cursor::new(long_list(&mut content)?))?.to_vec();
                self.protocol = protocol(&self.raw_protocol);
            }
            SUPPORTED_VERSIONS => self.versions = numbers(short_list(&mut content)?)?,
            SIGNATURE_ALGORITHMS => self.signatures = numbers(long_list(&mut content)?)?,
            _ => {}
        }
        Some(())
    }

    /// The first host among the names of a list; the list has to be well-formed, the name need not be one.
    fn read_server_name(&mut self, list: &[u8]) -> Option<()> {
        const HOST_NAME: u8 = 0;
        let mut list = Cursor::new(list);
        while !list.rest().is_empty() {
            let kind = list.u8()?;
            let name = long_list(&mut list)?;
            if kind == HOST_NAME && self.server_name.is_none() {
                self.server_name = host_name(name);
            }
        }
        Some(())
    }
}

fn protocol(bytes: &[u8]) -> Option<String> {
    let is_readable = (1..=MAXIMUM_PROTOCOL_BYTES).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    is_readable.then(|| String::from_utf8_lossy(bytes).into_owned()).filter(|_| !is_grease_name(bytes))
}

/// Two bytes that say nothing (RFC 8701) are not readable, but for the letters among them: "jj", "zz", "ZZ", "JJ", "**", "::".
fn is_grease_name(bytes: &[u8]) -> bool {
    matches!(bytes, &[a, b] if a == b && a & 0x0f == 0x0a)
}

fn short_list<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = cursor.u8()?;
    cursor.take(usize::from(length))
}

fn long_list<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = cursor.u16()?;
    cursor.take(usize::from(length))
}

fn numbers(list: &[u8]) -> Option<Vec<u16>> {
    let (pairs, odd) = list.as_chunks::<2>();
    let is_list = odd.is_empty() && pairs.len() <= MAXIMUM_ITEMS;
    is_list.then(|| pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}
