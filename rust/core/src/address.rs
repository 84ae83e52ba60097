//! Addresses as 16 bytes: IPv4 is mapped into IPv6, so that one column and one order hold both.

use std::net::IpAddr;

/// An address as it is stored.
pub type Address = [u8; 16];

const MAPPED_PREFIX: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// Map four bytes into the IPv6 form `::ffff:a.b.c.d`.
#[inline]
pub fn address_from_v4(octets: [u8; 4]) -> Address {
    let mut address = [0; 16];
    address[..12].copy_from_slice(&MAPPED_PREFIX);
    address[12..].copy_from_slice(&octets);
    address
}

/// Store any address; one that is already mapped stays as it is.
pub fn address_from_ip(ip: IpAddr) -> Address {
    match ip {
        IpAddr::V4(v4) => address_from_v4(v4.octets()),
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// Whether an address is a mapped IPv4 one.
#[inline]
pub fn is_v4(address: &Address) -> bool {
    address.starts_with(&MAPPED_PREFIX)
}

/// Read a stored address back; a mapped one becomes IPv4 again.
pub fn ip_from_address(address: Address) -> IpAddr {
    std::net::Ipv6Addr::from(address).to_canonical()
}

/// Whether the address is `::` or the mapped `0.0.0.0`: what exporters send for "none".
pub fn is_unspecified(address: &Address) -> bool {
    address[12..] == [0; 4] && (address[..12] == MAPPED_PREFIX || address[..12] == [0; 12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_v4_comes_back_as_v4() {
        let ip: IpAddr = "192.168.10.7".parse().unwrap();
        assert_eq!(ip_from_address(address_from_ip(ip)), ip);
    }

    #[test]
    fn both_zero_addresses_are_unspecified() {
        assert!(is_unspecified(&[0; 16]));
        assert!(is_unspecified(&address_from_v4([0; 4])));
        assert!(!is_unspecified(&address_from_v4([0, 0, 0, 1])));
    }
}
