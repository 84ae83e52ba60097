//! Cookies of NTS (RFC 8915, section 6): a client keeps our memory of it, under our lock.
//!
//! A cookie is the number of the key it was locked with (4 bytes), a nonce (16), and both keys of the
//! client locked with AES-SIV-CMAC-256 (16 + 64). Key establishment, in Python, locks them the same way.

use std::hash::{BuildHasher, RandomState};

use aes_siv::{KeyInit, siv::Aes128Siv};

/// Length of a key of AES-SIV-CMAC-256.
pub const KEY_BYTES: usize = 32;
/// Length of a nonce, where we choose it.
pub const NONCE_BYTES: usize = 16;
/// Length of what AES-SIV adds to a text.
pub const TAG_BYTES: usize = 16;
/// Length of a cookie.
pub const COOKIE_BYTES: usize = 4 + NONCE_BYTES + TAG_BYTES + 2 * KEY_BYTES;

/// What protects the two directions between a client and us.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secrets {
    /// Of requests.
    pub client_to_server: [u8; KEY_BYTES],
    /// Of replies.
    pub server_to_client: [u8; KEY_BYTES],
}

struct CookieKey {
    number: u32,
    siv: Aes128Siv,
}

/// The keys that cookies are locked with: the newest, and older ones that clients still hold cookies of.
pub struct CookieKeys {
    /// Newest first.
    keys: Vec<CookieKey>,
    nonces: Nonces,
}

impl CookieKeys {
    /// Take the keys, newest first, with their numbers; `None` without any.
    pub fn new(keys: &[(u32, [u8; KEY_BYTES])]) -> Option<Self> {
        let keys: Vec<_> = keys.iter().map(|(number, key)| CookieKey { number: *number, siv: cipher(key) }).collect();
        (!keys.is_empty()).then(|| Self { keys, nonces: Nonces::default() })
    }

    /// A nonce that was not used before.
    pub fn nonce(&mut self) -> [u8; NONCE_BYTES] {
        self.nonces.next()
    }

    /// Lock a client's keys into a new cookie.
    pub fn seal(&mut self, secrets: &Secrets) -> [u8; COOKIE_BYTES] {
        let nonce = self.nonces.next();
        let mut content = [0; 2 * KEY_BYTES];
        content[..KEY_BYTES].copy_from_slice(&secrets.client_to_server);
        content[KEY_BYTES..].copy_from_slice(&secrets.server_to_client);
        let key = &mut self.keys[0];
        let tag = lock(&mut key.siv, &[&nonce], &mut content);
        let mut cookie = [0; COOKIE_BYTES];
        cookie[..4].copy_from_slice(&key.number.to_be_bytes());
        cookie[4..20].copy_from_slice(&nonce);
        cookie[20..36].copy_from_slice(&tag);
        cookie[36..].copy_from_slice(&content);
        cookie
    }

    /// Unlock a cookie; `None` when its key is gone or it is not one of ours.
    pub fn open(&mut self, cookie: &[u8]) -> Option<Secrets> {
        let cookie: &[u8; COOKIE_BYTES] = cookie.try_into().ok()?;
        let number = u32::from_be_bytes(*cookie.first_chunk()?);
        let key = self.keys.iter_mut().find(|key| key.number == number)?;
        let (nonce, locked) = cookie[4..].split_at(NONCE_BYTES);
        let (tag, locked) = locked.split_at(TAG_BYTES);
        let mut content: [u8; 2 * KEY_BYTES] = locked.try_into().ok()?;
        unlock(&mut key.siv, &[nonce], &mut content, tag).then(|| {
            let (client, server) = content.split_at(KEY_BYTES);
            let whole = |half: &[u8]| half.try_into().expect("half of the content is a key");
            Secrets { client_to_server: whole(client), server_to_client: whole(server) }
        })
    }
}

/// Nonces that do not come twice and do not tell which came before which, so that cookies of one client
/// cannot be told from those of others: a count, hashed under secrets. AES-SIV asks for no
/// more, and stays safe even if one did come twice (RFC 5297, section 1.1).
#[derive(Default)]
struct Nonces {
    halves: [RandomState; 2],
    count: u64,
}

impl Nonces {
    fn next(&mut self) -> [u8; NONCE_BYTES] {
        self.count += 1;
        let [high, low] = &self.halves;
        (u128::from(high.hash_one(self.count)) << 64 | u128::from(low.hash_one(self.count))).to_be_bytes()
    }
}

/// AES-SIV-CMAC-256 under a key.
pub fn cipher(key: &[u8; KEY_BYTES]) -> Aes128Siv {
    Aes128Siv::new(key.into())
}

/// Encrypt a text in place and give the tag that proves it and what is associated with it.
pub fn lock(siv: &mut Aes128Siv, associated: &[&[u8]], text: &mut [u8]) -> [u8; TAG_BYTES] {
    let tag = siv.encrypt_in_place_detached(associated, text).expect("few things are associated");
    tag.into()
}

/// Decrypt a text in place; whether the tag proves it and what is associated with it.
pub fn unlock(siv: &mut Aes128Siv, associated: &[&[u8]], text: &mut [u8], tag: &[u8]) -> bool {
    <[u8; TAG_BYTES]>::try_from(tag)
        .is_ok_and(|tag| siv.decrypt_in_place_detached(associated, text, &tag.into()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: Secrets = Secrets { client_to_server: [3; KEY_BYTES], server_to_client: [4; KEY_BYTES] };

    fn keys(numbers: &[u32]) -> CookieKeys {
        let keys: Vec<_> = numbers.iter().map(|number| (*number, [*number as u8; KEY_BYTES])).collect();
        CookieKeys::new(&keys).unwrap()
    }

    #[test]
    fn a_cookie_gives_back_what_was_locked_into_it_until_its_key_goes() {
        let cookie = keys(&[7]).seal(&SECRETS);
        assert!(keys(&[7]).open(&cookie) == Some(SECRETS));
        assert!(keys(&[9, 8, 7]).open(&cookie) == Some(SECRETS));
        assert!(keys(&[9, 8]).open(&cookie).is_none());
    }

    #[test]
    fn no_two_cookies_are_alike() {
        let mut keys = keys(&[1]);
        assert_ne!(keys.seal(&SECRETS)[4..], keys.seal(&SECRETS)[4..]);
    }

    #[test]
    fn a_cookie_that_was_changed_or_cut_is_refused() {
        let mut keys = keys(&[7]);
        let cookie = keys.seal(&SECRETS);
        for position in 0..COOKIE_BYTES {
            let mut changed = cookie;
            changed[position] ^= 1;
            assert!(keys.open(&changed).is_none(), "{position}");
        }
        assert!(keys.open(&cookie[..COOKIE_BYTES - 1]).is_none());
        assert!(keys.open(&[]).is_none());
    }

    #[test]
    fn the_cipher_is_that_of_rfc_5297() {
        // Appendix A.1, deterministic encryption.
        let key: Vec<u8> = (0xf0..=0xff).rev().chain(0xf0..=0xff).collect();
        let associated: Vec<u8> = (0x10..=0x27).collect();
        let mut text: Vec<u8> = (1..=14).map(|byte| byte * 0x11).collect();
        let mut siv = cipher(&key.try_into().unwrap());
        let tag = lock(&mut siv, &[&associated], &mut text);
        assert_eq!(tag, 0x8563_2d07_c6e8_f37f_950a_cd32_0a2e_cc93_u128.to_be_bytes());
        assert_eq!(text, [0x40, 0xc0, 0x2b, 0x96, 0x90, 0xc4, 0xdc, 0x04, 0xda, 0xef, 0x7f, 0x6a, 0xfe, 0x5c]);
    }
}
