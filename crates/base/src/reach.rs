//! Whom the program asks of itself, when somebody gives it an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which machines are asked when a file or a person names one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Only machines of the public internet: an address in a file must not lead into the
    /// network that the server stands in.
    #[default]
    Public,
    /// Any machine, this one included: for shops whose pictures lie in their own network.
    Anywhere,
}

impl Reach {
    /// May a machine at this address be asked?
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Public => match address {
                IpAddr::V4(address) => public_v4(address),
                IpAddr::V6(address) => public_v6(address),
            },
        }
    }
}

/// Everything that the registry of special-purpose addresses (RFC 6890) does not keep
/// from the public internet.
fn public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let relay = a == 192 && b == 88 && c == 99;
    let benchmark = a == 198 && (18..20).contains(&b);
    let special = address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation();
    !(special || a == 0 || a >= 240 || shared || protocol || relay || benchmark)
}

/// Only global unicast, `2000::/3`, without what carries an IPv4 address or is for examples.
/// So nothing that is loopback, local to a link or a site, or IPv4 in disguise.
fn public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = a & 0xE000 == 0x2000;
    let teredo_and_protocols = a == 0x2001 && b < 0x0200;
    let documentation = (a == 0x2001 && b == 0x0DB8) || (a == 0x3FFF && b < 0x1000);
    let six_to_four = a == 0x2002;
    global && !(teredo_and_protocols || documentation || six_to_four)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_13_only_the_public_internet_is_asked() {
        let allowed = |text: &str| Reach::Public.allows(text.parse().unwrap());
        for address in ["1.1.1.1", "93.184.216.34", "100.63.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450:4001::200e"] {
            assert!(allowed(address), "{address}");
        }
        for address in [
            "127.0.0.1",
            "127.8.8.8",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "239.255.255.250",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "192.88.99.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "100::1",
        ] {
            assert!(!allowed(address), "{address}");
            assert!(Reach::Anywhere.allows(address.parse().unwrap()));
        }
    }
}
