//! The headers of a packet of which only the beginning was taken: what sFlow and PSAMP send.
//!
//! The cut may be anywhere. What lies before it is read, what lies behind is absent, and nothing is guessed.

use super::{Fragment, Mac, Packet, link::Link, network, transport};
use crate::address::{Address, address_from_v4};

/// Tags or labels read one behind another; nobody stacks more.
pub const MAXIMUM_STACK: usize = 8;

/// What the bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Ethernet.
    Ethernet,
    /// PPP, with or without its address and control bytes.
    Ppp,
    /// IP, of the version that it says.
    Ip,
    /// A stack of MPLS labels.
    Mpls,
    /// What an IP packet of this protocol carries.
    Transport(u8),
}

impl Start {
    /// What sFlow calls by this number.
    pub fn of_sflow(header_protocol: u32) -> Option<Self> {
        match header_protocol {
            1 => Some(Self::Ethernet),
            7 | 14 => Some(Self::Ppp),
            11 | 12 => Some(Self::Ip),
            13 => Some(Self::Mpls),
            _ => None,
        }
    }
}

/// A stack of tags or labels, the outermost first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stack<T> {
    items: [T; MAXIMUM_STACK],
    length: usize,
}

impl<T: Copy> Stack<T> {
    /// What lies on it; more than it has room for is passed over.
    pub fn items(&self) -> &[T] {
        &self.items[..self.length]
    }

    fn push(&mut self, item: T) {
        if let Some(place) = self.items.get_mut(self.length) {
            *place = item;
            self.length += 1;
        }
    }
}

/// What the first bytes of a packet say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampledHeaders<'a> {
    /// Destination MAC address.
    pub dst_mac: Option<Mac>,
    /// Source MAC address.
    pub src_mac: Option<Mac>,
    /// What the frame carries behind its tags, if it is no IP.
    pub ether_type: Option<u16>,
    /// Identifiers of the VLAN tags.
    pub vlans: Stack<u16>,
    /// Entries of the MPLS label stack, without the time to live.
    pub labels: Stack<[u8; 3]>,
    /// Source address.
    pub src: Option<Address>,
    /// Destination address.
    pub dst: Option<Address>,
    /// Protocol number, behind all extension headers.
    pub protocol: Option<u8>,
    /// Type of service or traffic class.
    pub tos: Option<u8>,
    /// Time to live or hop limit.
    pub ttl: Option<u8>,
    /// Length of the IP packet.
    pub ip_length: Option<u32>,
    /// Source port.
    pub src_port: Option<u16>,
    /// Destination port; for ICMP type * 256 + code.
    pub dst_port: Option<u16>,
    /// TCP control bits.
    pub tcp_flags: Option<u16>,
    /// The packet that it carries, where it is a tunnel of ours.
    pub inner: Option<Packet<'a>>,
}

const TYPE_IPV4: u16 = 0x0800;
const TYPE_IPV6: u16 = 0x86dd;
const TYPES_OF_TAGS: [u16; 4] = [0x8100, 0x88a8, 0x9100, 0x9200];
const TYPES_OF_LABELS: [u16; 2] = [0x8847, 0x8848];
const TYPE_PPPOE_SESSION: u16 = 0x8864;
/// Below this, the number behind the addresses is a length, and LLC follows (IEEE 802.3).
const LEAST_TYPE: u16 = 1536;

const PPP_IPV4: u16 = 0x0021;
const PPP_IPV6: u16 = 0x0057;
const PPP_MPLS: u16 = 0x0281;

const EXTENSION_HEADERS: [u8; 8] = [0, 43, 44, 51, 60, 135, 139, 140];
const PROTOCOLS_WITH_PORTS: [u8; 5] = [6, 17, 33, 132, 136];
const PROTOCOLS_WITH_TYPES: [u8; 2] = [1, 58];
const TCP: u8 = 6;

impl<'a> SampledHeaders<'a> {
    /// Read what there is. `wire_length` is what the packet measured from the first of these bytes on.
    pub fn read(start: Start, data: &'a [u8], wire_length: usize) -> Self {
        let mut headers = Self::default();
        let reading = &mut Reading { headers: &mut headers, whole: data, wire_length };
        // Where the bytes end inside a header there is nothing more to read.
        let _ = match start {
            Start::Ethernet => reading.ethernet(data),
            Start::Ppp => reading.ppp(data),
            Start::Ip => reading.ip(data),
            Start::Mpls => reading.mpls(data),
            Start::Transport(protocol) => reading.bare_transport(protocol, data),
        };
        headers
    }

    /// Whether an IP header was found, whole or cut.
    pub fn is_ip(&self) -> bool {
        self.ip_length.is_some() || self.src.is_some() || self.tos.is_some()
    }
}

struct Reading<'a, 'b> {
    headers: &'b mut SampledHeaders<'a>,
    whole: &'a [u8],
    wire_length: usize,
}

impl<'a> Reading<'a, '_> {
    fn ethernet(&mut self, data: &'a [u8]) -> Option<()> {
        self.headers.dst_mac = Some(*data.first_chunk()?);
        self.headers.src_mac = Some(*data.get(6..)?.first_chunk()?);
        let (ether_type, rest) = data.get(12..)?.split_first_chunk()?;
        self.carried(u16::from_be_bytes(*ether_type), rest)
    }

    /// What follows a type: each step shortens the data, so this ends.
    fn carried(&mut self, mut ether_type: u16, mut data: &'a [u8]) -> Option<()> {
        while TYPES_OF_TAGS.contains(&ether_type) {
            let (control, rest) = data.split_first_chunk()?;
            self.headers.vlans.push(u16::from_be_bytes(*control) & 0x0fff);
            let (next, rest) = rest.split_first_chunk()?;
            (ether_type, data) = (u16::from_be_bytes(*next), rest);
        }
        match ether_type {
            TYPE_IPV4 | TYPE_IPV6 => self.ip(data),
            TYPE_PPPOE_SESSION => self.ppp(data.get(6..)?),
            labels if TYPES_OF_LABELS.contains(&labels) => self.mpls(data),
            length if length < LEAST_TYPE => self.llc(data),
            other => {
                self.headers.ether_type = Some(other);
                None
            }
        }
    }

    /// IEEE 802.2: only a header of SNAP without an organisation has a type behind it.
    fn llc(&mut self, data: &'a [u8]) -> Option<()> {
        let ([0xaa, 0xaa, 3, 0, 0, 0, high, low], rest) = data.split_first_chunk()? else { return None };
        let ether_type = u16::from_be_bytes([*high, *low]);
        if ether_type < LEAST_TYPE { None } else { self.carried(ether_type, rest) }
    }

    fn ppp(&mut self, data: &'a [u8]) -> Option<()> {
        let data = data.strip_prefix(&[0xff, 0x03]).unwrap_or(data);
        let (protocol, rest) = data.split_first_chunk()?;
        match u16::from_be_bytes(*protocol) {
            PPP_IPV4 | PPP_IPV6 => self.ip(rest),
            PPP_MPLS => self.mpls(rest),
            _ => None,
        }
    }

    /// Labels do not say what they carry: the IP version does, or the zeros that begin a control word (RFC 4385).
    fn mpls(&mut self, mut data: &'a [u8]) -> Option<()> {
        loop {
            let ([a, b, c, _], rest) = data.split_first_chunk()?;
            self.headers.labels.push([*a, *b, *c]);
            data = rest;
            if c & 1 != 0 {
                break;
            }
        }
        match data.first()? >> 4 {
            4 | 6 => self.ip(data),
            0 => self.pseudowire(data.get(4..)?),
            _ => None,
        }
    }

    /// Ethernet behind a control word, if it leads to IP: nothing else tells that it is any.
    fn pseudowire(&mut self, frame: &'a [u8]) -> Option<()> {
        let inner = SampledHeaders::read(Start::Ethernet, frame, self.wire_length_of(frame));
        if !inner.is_ip() {
            return None;
        }
        let outer = self.headers.clone();
        *self.headers = SampledHeaders {
            src_mac: outer.src_mac.or(inner.src_mac),
            dst_mac: outer.dst_mac.or(inner.dst_mac),
            vlans: if outer.vlans.items().is_empty() { inner.vlans } else { outer.vlans },
            labels: outer.labels,
            ..inner
        };
        Some(())
    }

    fn ip(&mut self, data: &'a [u8]) -> Option<()> {
        let wire_length = self.wire_length_of(data);
        let Ok(network) = network::parse(data, wire_length) else { return self.cut_ip(data) };
        let headers = &mut *self.headers;
        headers.src = Some(network.src);
        headers.dst = Some(network.dst);
        headers.tos = Some(network.tos);
        headers.ttl = Some(network.ttl);
        headers.ip_length = Some(network.ip_length);
        // A chain that was cut does not tell what it leads to.
        headers.protocol = (!EXTENSION_HEADERS.contains(&network.protocol)).then_some(network.protocol);
        let protocol = headers.protocol?;
        if !matches!(network.fragment, Fragment::Later { .. }) {
            self.transport(protocol, &network)?;
        }
        if network.fragment == Fragment::None {
            let packet = Packet::from_link(Link::bare(data), wire_length).ok()?;
            self.headers.inner = packet.inside();
        }
        Some(())
    }

    fn transport(&mut self, protocol: u8, network: &network::Network<'a>) -> Option<()> {
        let captured = network.transport.len();
        let found = transport::parse(network);
        if PROTOCOLS_WITH_PORTS.contains(&protocol) && captured >= 4 {
            self.headers.src_port = Some(found.src_port);
            self.headers.dst_port = Some(found.dst_port);
        } else if PROTOCOLS_WITH_PORTS.contains(&protocol) && captured >= 2 {
            self.headers.src_port = Some(u16::from_be_bytes(*network.transport.first_chunk()?));
        } else if PROTOCOLS_WITH_TYPES.contains(&protocol) && captured >= 2 {
            self.headers.dst_port = Some(found.dst_port);
        }
        self.headers.tcp_flags = (protocol == TCP && captured >= 14).then_some(found.tcp_flags);
        Some(())
    }

    /// What an IP header says that the bytes end in, or that contradicts itself.
    fn cut_ip(&mut self, data: &'a [u8]) -> Option<()> {
        let headers = &mut *self.headers;
        match data.first()? >> 4 {
            4 if data.len() < 20 => {
                headers.tos = data.get(1).copied();
                let length = u16::from_be_bytes(*data.get(2..)?.first_chunk()?);
                headers.ip_length = (length > 0).then_some(u32::from(length));
                headers.ttl = data.get(8).copied();
                headers.protocol = data.get(9).copied();
                headers.src = Some(address_from_v4(*data.get(12..)?.first_chunk()?));
            }
            6 if data.len() < 40 => {
                headers.tos = Some(data[0] << 4 | data.get(1)? >> 4);
                let length = u16::from_be_bytes(*data.get(4..)?.first_chunk()?);
                headers.ip_length = (length > 0).then_some(u32::from(length) + 40);
                headers.protocol = Some(*data.get(6)?).filter(|next| !EXTENSION_HEADERS.contains(next));
                headers.ttl = data.get(7).copied();
                headers.src = Some(*data.get(8..)?.first_chunk()?);
            }
            _ => {}
        }
        None
    }

    fn bare_transport(&mut self, protocol: u8, data: &'a [u8]) -> Option<()> {
        let network = network::Network {
            src: [0; 16],
            dst: [0; 16],
            protocol,
            tos: 0,
            ttl: 0,
            ip_length: 0,
            fragment: Fragment::None,
            transport: data,
        };
        self.transport(protocol, &network)
    }

    /// What the packet measured from some of its bytes on.
    fn wire_length_of(&self, data: &[u8]) -> usize {
        self.wire_length.saturating_sub(self.whole.len() - data.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACS: [u8; 12] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];

    fn tcp(src_port: u16) -> Vec<u8> {
        let mut segment = [src_port.to_be_bytes(), 443_u16.to_be_bytes()].concat();
        segment.extend([0; 8]);
        segment.extend([0x50, 0x12, 0x20, 0, 0, 0, 0, 0]);
        segment
    }

    fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x45, 0x10, 0, 20 + payload.len() as u8, 0, 1, 0, 0, 61, protocol, 0, 0];
        packet.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        [packet, payload.to_vec()].concat()
    }

    fn frame(between: &[u8], packet: &[u8]) -> Vec<u8> {
        [&MACS[..], between, packet].concat()
    }

    fn read(data: &[u8]) -> SampledHeaders<'_> {
        SampledHeaders::read(Start::Ethernet, data, data.len())
    }

    /// Proves G3.
    #[test]
    fn a_cut_takes_away_what_lies_behind_it_and_nothing_else() {
        let whole = frame(&[0x81, 0, 0x20, 7, 8, 0], &ipv4(6, &tcp(1024)));
        let headers = read(&whole);
        assert_eq!((headers.src_port, headers.tcp_flags, headers.ttl), (Some(1024), Some(0x12), Some(61)));
        let told = |headers: &SampledHeaders<'_>| {
            let options: [Option<Vec<u8>>; 12] = [
                headers.dst_mac.map(|it| it.to_vec()),
                headers.src_mac.map(|it| it.to_vec()),
                headers.vlans.items().first().map(|it| it.to_be_bytes().to_vec()),
                headers.tos.map(|it| vec![it]),
                headers.ip_length.map(|it| it.to_be_bytes().to_vec()),
                headers.ttl.map(|it| vec![it]),
                headers.protocol.map(|it| vec![it]),
                headers.src.map(|it| it.to_vec()),
                headers.dst.map(|it| it.to_vec()),
                headers.src_port.map(|it| it.to_be_bytes().to_vec()),
                headers.dst_port.map(|it| it.to_be_bytes().to_vec()),
                headers.tcp_flags.map(|it| it.to_be_bytes().to_vec()),
            ];
            options
        };
        let complete = told(&headers);
        let mut found = 0;
        for length in 0..=whole.len() {
            let cut = told(&SampledHeaders::read(Start::Ethernet, &whole[..length], whole.len()));
            for (part, all) in cut.iter().zip(&complete) {
                assert!(part.is_none() || part == all, "{length} bytes tell something else");
            }
            let count = cut.iter().flatten().count();
            assert!(count >= found, "{length} bytes tell less than fewer do");
            found = count;
        }
        assert_eq!(found, complete.len());
    }

    /// Proves G2.
    #[test]
    fn both_tags_are_read() {
        for outer in [[0x88, 0xa8], [0x91, 0x00], [0x81, 0x00]] {
            let tags = [&outer[..], &[0, 7, 0x81, 0, 0xe0, 9, 8, 0]].concat();
            let data = frame(&tags, &ipv4(6, &tcp(1)));
            let headers = read(&data);
            assert_eq!((headers.vlans.items(), headers.src_port), (&[7, 9][..], Some(1)));
        }
    }

    /// Proves G4.
    #[test]
    fn labels_end_at_the_bottom_bit_and_carry_what_the_first_bits_say() {
        let packet = ipv4(6, &tcp(5));
        let labels = [0x88, 0x47, 0, 1, 0x40, 255, 0, 2, 0x41, 255];
        let data = frame(&labels, &packet);
        let headers = read(&data);
        assert_eq!((headers.labels.items(), headers.src_port), (&[[0, 1, 0x40], [0, 2, 0x41]][..], Some(5)));

        let wire = [vec![0, 0, 0, 9], frame(&[8, 0], &packet)].concat();
        let data = frame(&labels, &wire);
        assert_eq!(read(&data).src_port, Some(5), "Ethernet behind a control word");
        let data = frame(&labels, &[0; 60]);
        assert_eq!((read(&data).src, read(&data).labels.items().len()), (None, 2));
        let endless = frame(&[0x88, 0x47], &[0; 400]);
        assert_eq!(read(&endless).labels.items().len(), MAXIMUM_STACK);
    }

    /// Proves G5.
    #[test]
    fn pppoe_and_snap_are_passed() {
        let packet = ipv4(6, &tcp(5));
        let pppoe = frame(&[0x88, 0x64, 0x11, 0, 0, 1, 0, 42, 0, 0x21], &packet);
        assert_eq!(read(&pppoe).src_port, Some(5));
        let snap = frame(&[0, 48, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &packet);
        assert_eq!(read(&snap).src_port, Some(5));
        let spanning_tree = frame(&[0, 38, 0x42, 0x42, 3], &[0; 35]);
        assert_eq!(
            read(&spanning_tree),
            SampledHeaders {
                dst_mac: MACS.first_chunk().copied(),
                src_mac: MACS.last_chunk().copied(),
                ..SampledHeaders::default()
            }
        );
    }

    /// Proves G6.
    #[test]
    fn ports_lie_behind_options_and_in_first_fragments_only() {
        let mut packet = ipv4(6, &[&[1; 4][..], &tcp(5)].concat());
        packet[0] = 0x46;
        let data = frame(&[8, 0], &packet);
        assert_eq!(read(&data).src_port, Some(5));
        packet[7] = 9;
        let data = frame(&[8, 0], &packet);
        assert_eq!((read(&data).src_port, read(&data).protocol), (None, Some(6)));
        packet[0] = 0x4f;
        packet[3] = 40;
        let data = frame(&[8, 0], &packet);
        assert_eq!(read(&data).src, None, "a header longer than its packet says nothing");
    }

    /// Proves G7.
    #[test]
    fn extension_headers_are_passed_and_a_cut_chain_leads_nowhere() {
        let mut packet = vec![0x60, 0, 0, 0, 0, 36, 0, 64];
        packet.extend([1; 32]);
        packet.extend([60, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
        packet.extend(tcp(5));
        let data = frame(&[0x86, 0xdd], &packet);
        assert_eq!((read(&data).protocol, read(&data).src_port), (Some(6), Some(5)));
        let cut = &data[..14 + 44];
        assert_eq!((read(cut).protocol, read(cut).src.is_some()), (None, true));
        let mut sealed = packet.clone();
        sealed[6] = 50;
        let data = frame(&[0x86, 0xdd], &sealed);
        assert_eq!((read(&data).protocol, read(&data).src_port), (Some(50), None));
    }

    /// Proves G8.
    #[test]
    fn a_tunnel_is_reported_and_what_it_carries_beside_it() {
        let inner = frame(&[8, 0], &ipv4(6, &tcp(5)));
        let vxlan = [&[0x12, 0x34, 0x12, 0xb5, 0, 70, 0, 0, 8, 0, 0, 0, 0, 0, 7, 0][..], &inner].concat();
        let data = frame(&[8, 0], &ipv4(17, &vxlan));
        let headers = read(&data);
        assert_eq!((headers.protocol, headers.dst_port), (Some(17), Some(4789)));
        assert_eq!(headers.inner.map(|packet| packet.src_port), Some(5));
    }

    /// Proves G9.
    #[test]
    fn icmp_has_its_type_and_code_for_a_destination_port() {
        let data = frame(&[8, 0], &ipv4(1, &[3, 1, 0, 0]));
        assert_eq!((read(&data).src_port, read(&data).dst_port), (None, Some(0x0301)));
    }

    /// Proves G1.
    #[test]
    fn packets_begin_with_what_the_sample_says() {
        let packet = ipv4(6, &tcp(5));
        let read = |protocol, data: &[u8]| {
            Start::of_sflow(protocol).and_then(|start| SampledHeaders::read(start, data, data.len()).src_port)
        };
        assert_eq!(read(11, &packet), Some(5));
        let of_six = [&[0x60, 0, 0, 0, 0, 20, 6, 64][..], &[0; 32], &tcp(6)].concat();
        assert_eq!(read(12, &of_six), Some(6));
        assert_eq!(read(13, &[&[0, 0, 0x01, 9][..], &packet].concat()), Some(5));
        assert_eq!(read(7, &[&[0xff, 3, 0, 0x21][..], &packet].concat()), Some(5));
        assert_eq!(read(5, &packet), None, "of frame relay only the bytes are kept");
    }
}
