//! Looking into the first payloads of a connection for what its client wants.

use super::story::Wanted;
use crate::{
    application::Recognised,
    inspection::{
        Carrier, ClientHello, Finding, InitialKeys, MAXIMUM_STREAM_BYTES, Stream, crypto_frames, hello_from_message,
        hello_from_records, is_hello, is_request, request_host,
    },
    packet::Packet,
};

/// How often a connection's keys are derived anew: once for a Retry, and once for a lost first packet.
const MAXIMUM_DERIVATIONS: u8 = 3;

/// A beginning that has to be put together before it can be read.
pub enum Inquiry {
    /// Of a TCP stream whose first byte has this number.
    Tcp {
        /// Who sends it.
        side: usize,
        first: u32,
        stream: Stream,
    },
    /// Of an answer of the DNS that its segment did not hold whole.
    Dns {
        /// Who sends it.
        side: usize,
        first: u32,
        stream: Stream,
    },
    /// Of the handshake in QUIC's first packets.
    Quic {
        /// Who sends it.
        side: usize,
        keys: Box<InitialKeys>,
        derivations: u8,
        stream: Stream,
    },
}

impl Inquiry {
    /// Who sends what is put together.
    pub fn side(&self) -> usize {
        let (Self::Tcp { side, .. } | Self::Dns { side, .. } | Self::Quic { side, .. }) = self;
        *side
    }

    /// Begin with a payload of TCP, `offset` bytes behind where its stream begins.
    pub fn of_tcp(side: usize, sequence: u32, offset: usize, payload: &[u8]) -> (Option<Self>, Finding<Wanted>) {
        if offset == 0 {
            let finding = wanted_from_stream(payload);
            if finding != Finding::Unfinished {
                return (None, finding);
            }
        }
        let mut stream = Stream::default();
        if !stream.put(offset, payload) {
            return (None, Finding::Nothing);
        }
        (Some(Self::Tcp { side, first: sequence.wrapping_sub(offset as u32), stream }), Finding::Unfinished)
    }

    /// Begin with a datagram of QUIC; nothing comes of one that cannot be opened, as those of servers.
    pub fn of_quic(side: usize, datagram: &[u8]) -> (Option<Self>, Finding<Wanted>) {
        let Some(keys) = InitialKeys::of_datagram(datagram) else { return (None, Finding::Nothing) };
        let mut stream = Stream::default();
        match wanted_from_initial(&keys, datagram, &mut stream) {
            Some(Finding::Unfinished) => {
                let inquiry = Self::Quic { side, keys: Box::new(keys), derivations: 1, stream };
                (Some(inquiry), Finding::Unfinished)
            }
            Some(finding) => (None, finding),
            None => (None, Finding::Nothing),
        }
    }

    /// Go on with another packet of the same side.
    pub fn proceed(&mut self, packet: &Packet) -> Finding<Wanted> {
        match self {
            Self::Tcp { first, stream, .. } => {
                let Some(segment) = packet.segment else { return Finding::Unfinished };
                let offset = segment.sequence.wrapping_sub(*first) as usize;
                // What was sent before the beginning is somebody's mistake, or a keep-alive.
                if offset > 1 << 31 {
                    return Finding::Unfinished;
                }
                if stream.put(offset, packet.payload) {
                    wanted_from_stream(stream.beginning())
                } else {
                    Finding::Nothing
                }
            }
            Self::Dns { .. } => Finding::Nothing,
            Self::Quic { keys, derivations, stream, .. } => {
                if let Some(finding) = wanted_from_initial(keys, packet.payload, stream) {
                    return finding;
                }
                if *derivations >= MAXIMUM_DERIVATIONS {
                    return Finding::Unfinished;
                }
                *derivations += 1;
                let Some(fresh) = InitialKeys::of_datagram(packet.payload) else { return Finding::Unfinished };
                let mut anew = Stream::default();
                let finding = wanted_from_initial(&fresh, packet.payload, &mut anew);
                if finding.is_some() {
                    (**keys, *stream) = (fresh, anew);
                }
                finding.unwrap_or(Finding::Unfinished)
            }
        }
    }
}

/// Read the beginning of a TCP stream.
fn wanted_from_stream(beginning: &[u8]) -> Finding<Wanted> {
    if beginning.is_empty() {
        Finding::Unfinished
    } else if is_hello(beginning) {
        wanted_from_hello(hello_from_records(beginning), Carrier::Tcp)
    } else if is_request(beginning) {
        match request_host(beginning) {
            Finding::Found(host) => Finding::Found(Wanted {
                site: Some(host),
                source: Some("http"),
                application: Some(Recognised::Http),
                ..Wanted::default()
            }),
            Finding::Unfinished => Finding::Unfinished,
            Finding::Nothing => Finding::Nothing,
        }
    } else {
        Finding::Nothing
    }
}

/// Open a datagram and read the handshake as far as it is there; `None` where nothing could be opened.
fn wanted_from_initial(keys: &InitialKeys, datagram: &[u8], stream: &mut Stream) -> Option<Finding<Wanted>> {
    let mut fits = true;
    let is_opened = keys.open(datagram, |frames| {
        fits &=
            crypto_frames(frames).all(|(offset, piece)| offset <= MAXIMUM_STREAM_BYTES && stream.put(offset, piece));
    });
    if !is_opened {
        return None;
    }
    Some(if fits { wanted_from_hello(hello_from_message(stream.beginning()), Carrier::Quic) } else { Finding::Nothing })
}

fn wanted_from_hello(hello: Finding<ClientHello>, carrier: Carrier) -> Finding<Wanted> {
    match hello {
        Finding::Found(hello) => Finding::Found(Wanted {
            fingerprint: Some(hello.fingerprint(carrier)),
            source: hello.server_name.is_some().then_some("sni"),
            site: hello.server_name,
            protocol: hello.protocol,
            application: Some(match carrier {
                Carrier::Tcp => Recognised::Tls,
                Carrier::Quic => Recognised::Quic,
            }),
        }),
        Finding::Unfinished => Finding::Unfinished,
        Finding::Nothing => Finding::Nothing,
    }
}
