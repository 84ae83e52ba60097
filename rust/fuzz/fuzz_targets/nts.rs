//! Whatever fields a client with the right keys sends, a reply with NTS is no longer than its request.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::ntp::{
    Action, CookieKeys, HEADER_BYTES, Header, Mode, Policy, REPLY_BYTES, Reply, Request, Responder, ServerState,
    cookie::{Secrets, cipher, lock},
    nts::Trailer,
};

const SECRETS: Secrets = Secrets { client_to_server: [1; 32], server_to_client: [2; 32] };

/// Fields before and after the cookie, the nonce, a text to encrypt, and what follows.
type Parts<'a> = (Vec<(u16, &'a [u8])>, Vec<(u16, &'a [u8])>, &'a [u8], &'a [u8], &'a [u8]);

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: (bool, Parts<'_>)| run(input));

pub fn run(input: (bool, Parts<'_>)) {
    let (has_identifier, (before, after, nonce, text, rest)) = input;
    let mut responder = Responder::new(Policy::default());
    responder.set_cookie_keys(keys());
    let mut packet = vec![0; HEADER_BYTES];
    Header { version: 4, mode: Mode::Client, ..Header::default() }.write(packet.first_chunk_mut().unwrap());
    let identifier = has_identifier.then_some((0x0104, &[7_u8; 32][..]));
    let cookie = keys().unwrap().seal(&SECRETS);
    for (kind, body) in before.into_iter().chain(identifier).chain([(0x0204, &cookie[..])]).chain(after) {
        append(&mut packet, kind, body);
    }
    let mut text = text.to_vec();
    let tag = lock(&mut cipher(&SECRETS.client_to_server), &[&packet, nonce], &mut text);
    let mut body = [(nonce.len() as u16).to_be_bytes(), (16 + text.len() as u16).to_be_bytes()].concat();
    body.extend(nonce);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(tag);
    body.extend(text);
    append(&mut packet, 0x0404, &body);
    packet.extend(rest);
    let from = "[2001:db8::1]:123".parse().unwrap();
    let request = Request { bytes: &packet, from, to: None, received: 0 };
    let mut reply = [0; REPLY_BYTES];
    if let Action::Send(sending) = responder.respond(&request, 0, &ServerState::default(), &mut reply) {
        assert!(sending.length <= packet.len());
        if sending.kind == Reply::SecuredTime {
            // Identifier and authenticator: a reply has the shape of a request without a cookie.
            assert!(matches!(Trailer::from_bytes(&reply[..sending.length]), Trailer::Malformed));
        }
    }
}

fn keys() -> Option<CookieKeys> {
    CookieKeys::new(&[(0, [0; 32])])
}

/// Append a field, as long as fields may be.
fn append(packet: &mut Vec<u8>, kind: u16, body: &[u8]) {
    let body = &body[..body.len().min(2000)];
    let length = (4 + body.len()).next_multiple_of(4).max(16);
    packet.extend(kind.to_be_bytes());
    packet.extend((length as u16).to_be_bytes());
    packet.extend(body);
    packet.resize(packet.len() + length - 4 - body.len(), 0);
}
