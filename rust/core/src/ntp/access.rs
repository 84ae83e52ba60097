//! Who may ask: networks that are answered and networks that are not.

use std::net::IpAddr;

use crate::address::address_from_ip;

/// Networks in CIDR notation, IPv4 mapped into IPv6 as everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: u128,
    length: u8,
}

impl Network {
    /// Read `10.0.0.0/8`, `2001:db8::/32`, or a single address.
    ///
    /// # Errors
    /// A sentence, when the text is no network or has bits set beyond its length: `10.0.0.1/8` may
    /// mean one host or sixteen million.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (address, length) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.parse().map_err(|_| format!("{text} is no network: write 192.0.2.0/24"))?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = if text.contains('/') { length.parse().unwrap_or(u8::MAX) } else { bits };
        if length > bits {
            return Err(format!("{text}: the length of the prefix must be 0 to {bits}"));
        }
        let network = Self { first: number(address), length: length + (128 - bits) };
        if network.first & !network.mask() != 0 {
            return Err(format!("{text}: bits are set beyond the length of the prefix"));
        }
        Ok(network)
    }

    fn mask(self) -> u128 {
        u128::MAX.checked_shl(128 - u32::from(self.length)).unwrap_or(0)
    }

    fn last(self) -> u128 {
        self.first | !self.mask()
    }
}

fn number(address: IpAddr) -> u128 {
    u128::from_be_bytes(address_from_ip(address))
}

/// Which addresses are answered: the longest prefix that holds an address decides, and denying where
/// a network is both allowed and denied. What no network holds is answered unless something is allowed.
///
/// Kept as borders between stretches of one verdict, so that a look-up costs the same however the
/// networks nest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// First address of each stretch, and whether it is denied; before the first border as after none.
    borders: Vec<(u128, bool)>,
    denies_others: bool,
}

impl Access {
    /// Lay out the stretches.
    pub fn new(allowed: &[Network], denied: &[Network]) -> Self {
        let denies_others = !allowed.is_empty();
        let rules = || allowed.iter().map(|network| (network, false)).chain(denied.iter().map(|one| (one, true)));
        let mut starts: Vec<u128> =
            rules().flat_map(|(network, _)| [Some(network.first), network.last().checked_add(1)]).flatten().collect();
        starts.sort_unstable();
        starts.dedup();
        let verdict = |address: u128| {
            rules()
                .filter(|(network, _)| (network.first..=network.last()).contains(&address))
                .max_by_key(|(network, is_denied)| (network.length, *is_denied))
                .map_or(denies_others, |(_, is_denied)| is_denied)
        };
        let mut borders: Vec<(u128, bool)> = starts.into_iter().map(|start| (start, verdict(start))).collect();
        borders.dedup_by_key(|(_, is_denied)| *is_denied);
        Self { borders, denies_others }
    }

    /// Whether this address gets answers.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = number(address);
        let after = self.borders.partition_point(|(start, _)| *start <= address);
        let is_denied = after.checked_sub(1).map_or(self.denies_others, |at| self.borders[at].1);
        !is_denied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(allowed: &[&str], denied: &[&str]) -> Access {
        let read = |texts: &[&str]| texts.iter().map(|text| Network::parse(text).unwrap()).collect::<Vec<_>>();
        Access::new(&read(allowed), &read(denied))
    }

    fn admitted(access: &Access, address: &str) -> bool {
        access.admits(address.parse().unwrap())
    }

    #[test]
    fn without_rules_everybody_is_answered() {
        for address in ["0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "2001:db8::1"] {
            assert!(admitted(&Access::default(), address));
        }
    }

    #[test]
    fn what_is_allowed_excludes_the_rest() {
        let access = access(&["10.0.0.0/8", "2001:db8::/32"], &[]);
        for (address, verdict) in [
            ("9.255.255.255", false),
            ("10.0.0.0", true),
            ("10.255.255.255", true),
            ("11.0.0.0", false),
            ("2001:db8::1", true),
            ("2001:db9::", false),
            ("::", false),
        ] {
            assert_eq!(admitted(&access, address), verdict, "{address}");
        }
    }

    #[test]
    fn the_longest_prefix_decides_and_denying_wins_a_tie() {
        let access = access(&["10.0.0.0/8", "10.1.2.0/24", "10.9.0.0/16"], &["10.1.0.0/16", "10.9.0.0/16", "10.1.2.3"]);
        for (address, verdict) in [
            ("10.0.0.1", true),
            ("10.1.0.1", false),
            ("10.1.2.2", true),
            ("10.1.2.3", false),
            ("10.1.2.4", true),
            ("10.1.3.0", false),
            ("10.2.0.0", true),
            ("10.9.1.1", false),
        ] {
            assert_eq!(admitted(&access, address), verdict, "{address}");
        }
    }

    #[test]
    fn everything_can_be_denied() {
        let access = access(&[], &["0.0.0.0/0"]);
        assert!(!admitted(&access, "0.0.0.0") && !admitted(&access, "255.255.255.255"));
        assert!(admitted(&access, "2001:db8::1"));
        assert!(!admitted(&self::access(&[], &["::/0"]), "192.0.2.1"));
    }

    #[test]
    fn what_is_no_network_is_refused_in_words() {
        for text in ["", "10", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/-1", "::/129", "example.org"] {
            assert!(Network::parse(text).unwrap_err().starts_with(text), "{text}");
        }
    }
}
