//! NTS on requests and replies (RFC 8915, section 5): keys prove who answers.

use super::{
    cookie::{COOKIE_BYTES, CookieKeys, NONCE_BYTES, Secrets, TAG_BYTES, cipher, lock, unlock},
    packet::HEADER_BYTES,
    responder::REPLY_BYTES,
};

const UNIQUE_IDENTIFIER: u16 = 0x0104;
const COOKIE: u16 = 0x0204;
const COOKIE_PLACEHOLDER: u16 = 0x0304;
const AUTHENTICATOR: u16 = 0x0404;

/// Type and length, which every extension field starts with.
const FIELD_HEADER: usize = 4;
/// Shortest extension field (RFC 7822).
const SHORTEST_FIELD: usize = 16;
/// Shortest identifier (RFC 8915, section 5.3).
const SHORTEST_IDENTIFIER: usize = 32;
/// Most cookies in a reply: what a client is to hold (RFC 8915, section 5.7).
const MOST_COOKIES: usize = 8;

const COOKIE_FIELD: usize = FIELD_HEADER + COOKIE_BYTES;
/// Our authenticator without what it encrypts: header, two lengths, nonce and tag.
const AUTHENTICATOR_FIELD: usize = FIELD_HEADER + 4 + NONCE_BYTES + TAG_BYTES;

/// What follows the header of a request.
pub enum Trailer<'a> {
    /// Nothing of NTS: no fields, others, or an authentication code of old, which look alike.
    Plain,
    /// Fields of NTS that do not make a request.
    Malformed,
    /// A request with NTS.
    Secured(Secured<'a>),
}

/// The fields of a request with NTS.
pub struct Secured<'a> {
    /// The identifier's field, whole, to be returned.
    identifier: &'a [u8],
    cookie: &'a [u8],
    /// How many cookies the client has room for.
    places: usize,
    /// Everything before the authenticator, which it authenticates.
    authenticated: &'a [u8],
    nonce: &'a [u8],
    tag: &'a [u8],
    ciphertext: &'a [u8],
    length: usize,
}

struct Field<'a> {
    start: usize,
    kind: u16,
    whole: &'a [u8],
    body: &'a [u8],
}

/// Cut the first field off at `start`; `None` where none fits.
fn field(request: &[u8], start: usize) -> Option<Field<'_>> {
    let rest = request.get(start..)?;
    let &[kind_high, kind_low, high, low] = rest.first_chunk()?;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let whole = rest.get(..length)?;
    let is_shaped = length >= SHORTEST_FIELD && length.is_multiple_of(4);
    let kind = u16::from_be_bytes([kind_high, kind_low]);
    is_shaped.then(|| Field { start, kind, whole, body: &whole[FIELD_HEADER..] })
}

impl<'a> Trailer<'a> {
    /// Read the fields behind the header. What follows an authenticator is not authenticated and not read.
    pub fn from_bytes(request: &'a [u8]) -> Self {
        let (mut identifier, mut cookie, mut placeholders, mut is_twice) = (None, None, 0, false);
        let mut start = HEADER_BYTES;
        while let Some(field) = field(request, start) {
            start += field.whole.len();
            match field.kind {
                UNIQUE_IDENTIFIER => is_twice |= identifier.replace(field.whole).is_some(),
                COOKIE => is_twice |= cookie.replace(field.body).is_some(),
                COOKIE_PLACEHOLDER => placeholders += usize::from(field.body.len() >= COOKIE_BYTES),
                AUTHENTICATOR => {
                    let (Some(identifier), Some(cookie), false) = (identifier, cookie, is_twice) else {
                        return Self::Malformed;
                    };
                    let secured = Secured::new(request, &field, identifier, cookie, placeholders);
                    return secured.map_or(Self::Malformed, Self::Secured);
                }
                _ => {}
            }
        }
        if cookie.is_some() { Self::Malformed } else { Self::Plain }
    }
}

impl<'a> Secured<'a> {
    fn new(
        request: &'a [u8],
        authenticator: &Field<'a>,
        identifier: &'a [u8],
        cookie: &'a [u8],
        placeholders: usize,
    ) -> Option<Self> {
        let (lengths, content) = authenticator.body.split_at_checked(4)?;
        let length = |at: usize| usize::from(u16::from_be_bytes([lengths[at], lengths[at + 1]]));
        let (nonce_length, text_length) = (length(0), length(2));
        let nonce = content.get(..nonce_length)?;
        let text = content.get(nonce_length.next_multiple_of(4)..)?.get(..text_length)?;
        let (tag, ciphertext) = text.split_at_checked(TAG_BYTES)?;
        let is_long_enough = identifier.len() >= FIELD_HEADER + SHORTEST_IDENTIFIER;
        is_long_enough.then_some(Self {
            identifier,
            cookie,
            places: placeholders + 1,
            authenticated: &request[..authenticator.start],
            nonce,
            tag,
            ciphertext,
            length: request.len(),
        })
    }

    /// The client's keys, if the cookie is ours and the request is the client's.
    pub fn secrets(&self, keys: &mut CookieKeys) -> Option<Secrets> {
        let secrets = keys.open(self.cookie)?;
        let mut text = self.ciphertext.to_vec();
        let mut siv = cipher(&secrets.client_to_server);
        unlock(&mut siv, &[self.authenticated, self.nonce], &mut text, self.tag).then_some(secrets)
    }

    /// Write what follows the header of the reply: the identifier, then fresh cookies under the
    /// authenticator, one for each that was used or asked for. Gives the length of the whole reply, which is
    /// not above the request's, or `None` where the identifier leaves no room.
    pub fn write_reply(
        &self,
        secrets: &Secrets,
        keys: &mut CookieKeys,
        reply: &mut [u8; REPLY_BYTES],
    ) -> Option<usize> {
        let start = self.write_identifier(reply)?;
        let room = self.length.min(REPLY_BYTES).checked_sub(start + AUTHENTICATOR_FIELD)?;
        let cookies = self.places.min(MOST_COOKIES).min(room / COOKIE_FIELD);
        let nonce = keys.nonce();
        let (associated, field) = reply.split_at_mut(start);
        let (head, text) = field.split_at_mut(AUTHENTICATOR_FIELD);
        let text = &mut text[..cookies * COOKIE_FIELD];
        for place in text.chunks_exact_mut(COOKIE_FIELD) {
            write_field_header(place, COOKIE, COOKIE_FIELD);
            place[FIELD_HEADER..].copy_from_slice(&keys.seal(secrets));
        }
        let length = AUTHENTICATOR_FIELD + text.len();
        write_field_header(head, AUTHENTICATOR, length);
        head[4..6].copy_from_slice(&(NONCE_BYTES as u16).to_be_bytes());
        head[6..8].copy_from_slice(&((TAG_BYTES + text.len()) as u16).to_be_bytes());
        head[8..24].copy_from_slice(&nonce);
        let tag = lock(&mut cipher(&secrets.server_to_client), &[associated, &nonce], text);
        head[24..40].copy_from_slice(&tag);
        Some(start + length)
    }

    /// Write the identifier behind the header; gives where it ends, or `None` where it does not fit.
    pub fn write_identifier(&self, reply: &mut [u8; REPLY_BYTES]) -> Option<usize> {
        let end = HEADER_BYTES + self.identifier.len();
        reply.get_mut(HEADER_BYTES..end)?.copy_from_slice(self.identifier);
        Some(end)
    }
}

fn write_field_header(field: &mut [u8], kind: u16, length: usize) {
    field[..2].copy_from_slice(&kind.to_be_bytes());
    field[2..4].copy_from_slice(&(length as u16).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            cookie::KEY_BYTES,
            packet::{Header, Mode},
            responder::{Action, Policy, Refusal, Reply, Request, Responder},
            server::ServerState,
            stamp::NtpStamp,
        },
        *,
    };

    const SECRETS: Secrets = Secrets { client_to_server: [3; KEY_BYTES], server_to_client: [4; KEY_BYTES] };

    fn keys() -> CookieKeys {
        CookieKeys::new(&[(7, [9; KEY_BYTES])]).unwrap()
    }

    fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
        let mut field = vec![0; FIELD_HEADER];
        field.extend(body);
        let length = field.len();
        write_field_header(&mut field, kind, length);
        field
    }

    fn header() -> Vec<u8> {
        let mut bytes = [0; HEADER_BYTES];
        Header { version: 4, mode: Mode::Client, transmit: NtpStamp(42), ..Header::default() }.write(&mut bytes);
        bytes.to_vec()
    }

    /// A request with these fields, authenticated.
    fn authenticated(fields: &[Vec<u8>]) -> Vec<u8> {
        let mut packet = header();
        packet.extend(fields.concat());
        let nonce = [5; NONCE_BYTES];
        let tag = lock(&mut cipher(&SECRETS.client_to_server), &[&packet, &nonce], &mut []);
        let body = [&[0, 16, 0, 16][..], &nonce, &tag].concat();
        packet.extend(extension(AUTHENTICATOR, &body));
        packet
    }

    fn identifier() -> Vec<u8> {
        extension(UNIQUE_IDENTIFIER, &[6; SHORTEST_IDENTIFIER])
    }

    fn request(placeholders: usize) -> Vec<u8> {
        let mut fields = vec![identifier(), extension(COOKIE, &keys().seal(&SECRETS))];
        fields.extend(vec![extension(COOKIE_PLACEHOLDER, &[0; COOKIE_BYTES]); placeholders]);
        authenticated(&fields)
    }

    fn ask(bytes: &[u8]) -> (Action, Vec<u8>) {
        let mut responder = Responder::new(Policy::default());
        responder.set_cookie_keys(Some(keys()));
        let from = "192.0.2.7:50000".parse().unwrap();
        let mut reply = [0; REPLY_BYTES];
        let request = Request { bytes, from, to: None, received: 1_000 };
        let action = responder.respond(&request, 2_000, &ServerState::default(), &mut reply);
        let length = if let Action::Send(sending) = action { sending.length } else { 0 };
        (action, reply[..length].to_vec())
    }

    fn kind(action: Action) -> Option<Reply> {
        if let Action::Send(sending) = action { Some(sending.kind) } else { None }
    }

    /// The cookies of a reply, whose authenticator is checked.
    fn cookies(reply: &[u8]) -> Vec<Vec<u8>> {
        let start = HEADER_BYTES + identifier().len();
        let authenticator = field(reply, start).unwrap();
        assert_eq!((authenticator.kind, start + authenticator.whole.len()), (AUTHENTICATOR, reply.len()));
        assert_eq!(reply[HEADER_BYTES..start], identifier());
        let nonce = &authenticator.body[4..20];
        let mut text = authenticator.body[36..].to_vec();
        let mut siv = cipher(&SECRETS.server_to_client);
        assert!(unlock(&mut siv, &[&reply[..start], nonce], &mut text, &authenticator.body[20..36]));
        text.chunks(COOKIE_FIELD).map(|one| field(one, 0).unwrap().body.to_vec()).collect()
    }

    #[test]
    fn an_authenticated_request_gets_an_authenticated_reply_and_a_cookie() {
        let request = request(0);
        let (action, reply) = ask(&request);
        assert_eq!((kind(action), reply.len()), (Some(Reply::SecuredTime), request.len()));
        assert_eq!(Header::from_bytes(&reply).unwrap().origin, NtpStamp(42));
        let [cookie] = &cookies(&reply)[..] else { panic!("one cookie") };
        assert!(keys().open(cookie) == Some(SECRETS));
    }

    #[test]
    fn as_many_cookies_come_back_as_there_is_room_for_but_eight_at_most() {
        for (placeholders, count) in [(1, 2), (6, 7), (7, 8), (9, 8)] {
            let request = request(placeholders);
            let (action, reply) = ask(&request);
            assert_eq!(kind(action), Some(Reply::SecuredTime));
            assert_eq!(cookies(&reply).len(), count);
            assert!(reply.len() <= request.len());
        }
    }

    #[test]
    fn a_cookie_we_cannot_open_is_refused_with_the_identifier() {
        let stranger = CookieKeys::new(&[(8, [1; KEY_BYTES])]).unwrap().seal(&SECRETS);
        let request = authenticated(&[identifier(), extension(COOKIE, &stranger)]);
        let (action, reply) = ask(&request);
        assert_eq!(kind(action), Some(Reply::NtsRefusal));
        let header = Header::from_bytes(&reply).unwrap();
        assert_eq!((header.stratum, &header.reference_id, header.origin), (0, b"NTSN", NtpStamp(42)));
        assert_eq!(reply[HEADER_BYTES..], identifier());
        for cookie in [vec![], vec![0; COOKIE_BYTES], vec![0; 1000]] {
            let request = authenticated(&[identifier(), extension(COOKIE, &[cookie, vec![0; 12]].concat())]);
            assert_eq!(kind(ask(&request).0), Some(Reply::NtsRefusal));
        }
    }

    #[test]
    fn a_request_changed_anywhere_gets_no_authenticated_time() {
        let request = request(0);
        for position in HEADER_BYTES..request.len() {
            let mut changed = request.clone();
            changed[position] ^= 1;
            assert_ne!(kind(ask(&changed).0), Some(Reply::SecuredTime), "{position}");
        }
        let mut changed = request.clone();
        changed[40] ^= 1;
        assert_eq!(kind(ask(&changed).0), Some(Reply::NtsRefusal));
    }

    #[test]
    fn fields_that_make_no_request_are_ignored() {
        let cookie = || extension(COOKIE, &keys().seal(&SECRETS));
        let short = extension(UNIQUE_IDENTIFIER, &[6; 12]);
        for fields in [
            vec![cookie()],
            vec![identifier()],
            vec![identifier(), identifier(), cookie()],
            vec![identifier(), cookie(), cookie()],
            vec![short, cookie()],
        ] {
            assert_eq!(ask(&authenticated(&fields)).0, Action::Ignore(Refusal::Nts));
        }
        let unauthenticated = [header(), identifier(), cookie()].concat();
        assert_eq!(ask(&unauthenticated).0, Action::Ignore(Refusal::Nts));
    }

    #[test]
    fn an_identifier_longer_than_any_reply_is_ignored() {
        let long = extension(UNIQUE_IDENTIFIER, &[6; REPLY_BYTES]);
        let request = authenticated(&[long, extension(COOKIE, &keys().seal(&SECRETS))]);
        assert_eq!(ask(&request).0, Action::Ignore(Refusal::Nts));
    }

    #[test]
    fn what_is_not_of_nts_gets_a_plain_answer() {
        for trailer in [vec![], vec![0x5a; 20], extension(0x2005, &[0; 24]), identifier()] {
            let (action, reply) = ask(&[header(), trailer].concat());
            assert_eq!((kind(action), reply.len()), (Some(Reply::Time), HEADER_BYTES));
        }
    }
}
