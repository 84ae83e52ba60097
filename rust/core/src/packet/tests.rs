use super::*;

const SRC: [u8; 4] = [192, 168, 10, 7];
const DST: [u8; 4] = [203, 0, 113, 20];
const MACS: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

/// An IPv4 header around `body`; `fragment` is the raw flags and offset.
fn ipv4(protocol: u8, fragment: u16, body: &[u8]) -> Vec<u8> {
    let length = (20 + body.len()) as u16;
    let mut packet = vec![0x45, 0xb8];
    packet.extend(length.to_be_bytes());
    packet.extend(0x1234_u16.to_be_bytes());
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend([SRC, DST].concat());
    packet.extend(body);
    packet
}

fn ipv6(next_header: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x6b, 0x80, 0, 0];
    packet.extend((body.len() as u16).to_be_bytes());
    packet.extend([next_header, 64]);
    packet.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    packet.extend(body);
    packet
}

fn udp() -> Vec<u8> {
    [&[0xc0, 0x00, 0x00, 0x35, 0, 11, 0, 0][..], b"abc"].concat()
}

fn tcp() -> Vec<u8> {
    let mut header = vec![0xc0, 0x00, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2, 0x61, 0x12, 0, 0, 0, 0, 0, 0];
    header.extend([1, 1, 1, 0]);
    header.extend(b"payload");
    header
}

fn ethernet(types: &[u8], body: &[u8]) -> Vec<u8> {
    [&MACS, types, body].concat()
}

fn parse(link_type: u32, data: &[u8]) -> Result<Packet<'_>, Refusal> {
    Packet::parse(&Frame { timestamp: 0, link_type, data, original_length: data.len() as u32 })
}

#[test]
fn tcp_over_ethernet_gives_every_field() {
    let frame = ethernet(&[8, 0], &ipv4(6, 0x4000, &tcp()));
    let packet = parse(1, &frame).unwrap();
    assert_eq!(packet.src, crate::address::address_from_v4(SRC));
    assert_eq!(packet.dst, crate::address::address_from_v4(DST));
    assert_eq!((packet.src_port, packet.dst_port, packet.protocol, packet.tos), (49_152, 443, 6, 0xb8));
    assert_eq!(packet.tcp_flags, 0x112, "nonce sum, SYN and ACK, without the data offset");
    assert_eq!((packet.ip_length, packet.vlan, packet.fragment), (51, None, Fragment::None));
    assert_eq!((packet.dst_mac, packet.src_mac), (Some([2, 0, 0, 0, 0, 1]), Some([2, 0, 0, 0, 0, 2])));
    assert_eq!(packet.payload, b"payload");
}

#[test]
fn ethernet_padding_is_not_payload() {
    let frame = [ethernet(&[8, 0], &ipv4(17, 0, &udp())), vec![0; 15]].concat();
    let packet = parse(1, &frame).unwrap();
    assert_eq!((packet.ip_length, packet.payload), (31, &b"abc"[..]));
}

#[test]
fn every_wrapping_leads_to_the_same_packet() {
    let ip = ipv4(17, 0, &udp());
    let cooked = [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 8, 0][..], &ip].concat();
    let cooked_2 = [&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0][..], &ip].concat();
    let cases: &[(&str, u32, Vec<u8>, Option<u16>)] = &[
        ("vlan", 1, ethernet(&[0x81, 0, 0xe0, 42, 8, 0], &ip), Some(42)),
        ("qinq", 1, ethernet(&[0x88, 0xa8, 1, 44, 0x81, 0, 0, 42, 8, 0], &ip), Some(300)),
        ("old qinq", 1, ethernet(&[0x91, 0, 0, 7, 0x81, 0, 0, 42, 8, 0], &ip), Some(7)),
        ("mpls", 1, ethernet(&[0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64], &ip), None),
        ("pppoe", 1, ethernet(&[0x88, 0x64, 0x11, 0, 0, 9, 0, 33, 0, 0x21], &ip), None),
        ("vlan, pppoe", 1, ethernet(&[0x81, 0, 0, 9, 0x88, 0x64, 0x11, 0, 0, 9, 0, 33, 0, 0x21], &ip), Some(9)),
        ("cooked", 113, cooked, None),
        ("cooked 2", 276, cooked_2, None),
        ("raw", 101, ip.clone(), None),
        ("raw of a BSD", 12, ip.clone(), None),
        ("null", 0, [&[2, 0, 0, 0][..], &ip].concat(), None),
        ("loop", 108, [&[0, 0, 0, 2][..], &ip].concat(), None),
    ];
    for (name, link_type, data, vlan) in cases {
        let packet = parse(*link_type, data).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        assert_eq!((packet.src_port, packet.dst_port, packet.payload), (49_152, 53, &b"abc"[..]), "{name}");
        assert_eq!((packet.vlan, packet.ip_length), (*vlan, 31), "{name}");
        let has_sender = matches!(link_type, 1 | 113 | 276);
        assert_eq!(packet.src_mac, has_sender.then_some([2, 0, 0, 0, 0, 2]), "{name}");
    }
}

#[test]
fn ipv6_extension_headers_are_passed() {
    let hop_by_hop = [60, 0, 1, 4, 0, 0, 0, 0];
    let destination = [51, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let authentication = [17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let data = ipv6(0, &[&hop_by_hop[..], &destination, &authentication, &udp()].concat());
    let packet = parse(229, &data).unwrap();
    assert_eq!((packet.protocol, packet.dst_port, packet.tos), (17, 53, 0xb8));
    assert_eq!((packet.ip_length as usize, packet.payload), (data.len(), &b"abc"[..]));
    assert_eq!(packet.src[15], 1);
    assert_eq!(packet.dst[15], 2);
}

#[test]
fn fragments_share_an_identification_and_only_the_first_has_ports() {
    let first = ipv4(17, 0x2000, &udp());
    let later = ipv4(17, 0x0003, &udp());
    assert_eq!(parse(101, &first).unwrap().fragment, Fragment::First { identification: 0x1234 });
    assert_eq!(parse(101, &first).unwrap().dst_port, 53);
    let packet = parse(101, &later).unwrap();
    assert_eq!(packet.fragment, Fragment::Later { identification: 0x1234 });
    assert_eq!((packet.src_port, packet.dst_port, packet.payload.len()), (0, 0, 11));

    let header = |offset: u16| [&[17, 0][..], &offset.to_be_bytes(), &[0, 0, 0x12, 0x34]].concat();
    let first = ipv6(44, &[header(1), udp()].concat());
    let later = ipv6(44, &[header(8 << 3), udp()].concat());
    assert_eq!(parse(101, &first).unwrap().fragment, Fragment::First { identification: 0x1234 });
    assert_eq!(parse(101, &first).unwrap().dst_port, 53);
    assert_eq!(parse(101, &later).unwrap().fragment, Fragment::Later { identification: 0x1234 });
    assert_eq!(parse(101, &later).unwrap().dst_port, 0);
}

#[test]
fn icmp_type_and_code_are_the_destination_port() {
    let packet = ipv4(1, 0, &[3, 1, 0, 0, 0, 0, 0, 0, 9]);
    assert_eq!(parse(101, &packet).unwrap().dst_port, 3 * 256 + 1);
    let packet = ipv6(58, &[128, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(parse(101, &packet).unwrap().dst_port, 128 * 256);
}

#[test]
fn a_length_that_offload_could_not_write_comes_from_the_wire() {
    let mut ip = ipv4(17, 0, &udp());
    ip[2..4].fill(0);
    let frame = Frame { timestamp: 0, link_type: 101, data: &ip, original_length: 70_000 };
    assert_eq!(Packet::parse(&frame).unwrap().ip_length, 70_000);
}

#[test]
fn what_is_not_ip_is_refused_with_its_reason() {
    assert_eq!(parse(1, &ethernet(&[8, 6], &[0; 28])), Err(Refusal::NotIp));
    assert_eq!(parse(1, &ethernet(&[0, 38], &[0x42; 38])), Err(Refusal::NotIp));
    assert_eq!(parse(127, &[0; 64]), Err(Refusal::UnknownLink));
    assert_eq!(parse(101, &[0x45; 19]), Err(Refusal::Cut));
    assert_eq!(parse(101, &[0x15; 40]), Err(Refusal::BadHeader));
    let mut short_header = ipv4(17, 0, &udp());
    short_header[0] = 0x44;
    assert_eq!(parse(101, &short_header), Err(Refusal::BadHeader));
    let mut pseudowire = ethernet(&[0x88, 0x47, 0, 1, 1, 64], &[0; 32]);
    assert_eq!(parse(1, &pseudowire), Err(Refusal::NotIp));
    pseudowire.truncate(17);
    assert_eq!(parse(1, &pseudowire), Err(Refusal::Cut));
}

#[test]
fn a_cut_anywhere_is_refused_or_counts_the_whole_length() {
    let packets = [ethernet(&[0x81, 0, 0, 9, 8, 0], &ipv4(6, 0, &tcp())), ethernet(&[0x86, 0xdd], &ipv6(0, &[6; 64]))];
    for whole in packets {
        let whole_length = parse(1, &whole).unwrap().ip_length;
        for length in 0..whole.len() {
            let frame =
                Frame { timestamp: 0, link_type: 1, data: &whole[..length], original_length: whole.len() as u32 };
            match Packet::parse(&frame) {
                Ok(packet) => assert_eq!(packet.ip_length, whole_length),
                Err(refusal) => assert_eq!(refusal, Refusal::Cut),
            }
        }
    }
}

#[test]
fn a_super_frame_counts_as_the_packets_on_the_wire() {
    let mut ip = ipv4(6, 0, &[tcp(), vec![0; 4_000]].concat());
    let total = ip.len() as u16;
    ip[2..4].copy_from_slice(&total.to_be_bytes());
    // Captured whole, and cut behind the headers.
    for length in [ip.len(), 60] {
        let frame = Frame { timestamp: 0, link_type: 101, data: &ip[..length], original_length: u32::from(total) };
        let mut packet = Packet::parse(&frame).unwrap();
        let header = packet.ip_length - packet.payload_length;
        packet.expand(0, packet.payload_length);
        assert_eq!((packet.packets, packet.ip_length), (1, u32::from(total)));
        packet.expand(1_448, packet.payload_length);
        assert_eq!((packet.packets, packet.ip_length), (3, 3 * header + packet.payload_length));
        packet.keep(1);
        assert_eq!((packet.packets, packet.ip_length), (1, (3 * header + packet.payload_length) / 3));
    }
}

const VXLAN: [u8; 8] = [8, 0, 0, 0, 0, 0, 77, 0];

#[test]
fn each_tunnel_is_opened_down_to_the_same_packet() {
    let inner = ipv4(17, 0, &udp());
    let frame = ethernet(&[0x81, 0, 0, 5, 8, 0], &inner);
    let to = |port: u16, body: &[u8]| [&[0xc0, 0][..], &port.to_be_bytes(), &[0; 4], body].concat();
    let geneve = |kind: [u8; 2]| [&[1, 0][..], &kind, &[0, 0, 77, 0], &[0; 4]].concat();
    let cases: &[(&str, Vec<u8>)] = &[
        ("ip in ip", ipv4(4, 0, &inner)),
        ("4 in 6", ipv6(4, &inner)),
        ("gre", ipv4(47, 0, &[&[0, 0, 8, 0][..], &inner].concat())),
        ("gre with all options", ipv6(47, &[&[0xb0, 0, 8, 0][..], &[0; 12], &inner].concat())),
        ("gre with a frame", ipv4(47, 0, &[&[0, 0, 0x65, 0x58][..], &frame].concat())),
        ("gre with labels", ipv4(47, 0, &[&[0, 0, 0x88, 0x47, 0, 1, 1, 64][..], &inner].concat())),
        ("vxlan", ipv4(17, 0, &to(4789, &[&VXLAN[..], &frame].concat()))),
        ("geneve with a frame", ipv6(17, &to(6081, &[geneve([0x65, 0x58]), frame.clone()].concat()))),
        ("geneve", ipv4(17, 0, &to(6081, &[geneve([8, 0]), inner.clone()].concat()))),
        ("vxlan in ip in ip", ipv4(4, 0, &ipv4(17, 0, &to(4789, &[&VXLAN[..], &frame].concat())))),
    ];
    for (name, data) in cases {
        let outer = parse(101, data).unwrap();
        assert_eq!(outer.ip_length as usize, data.len(), "{name}: the packet itself is the outer one");
        let mut packet = outer.inside().unwrap_or_else(|| panic!("{name} stays closed"));
        if *name == "vxlan in ip in ip" {
            packet = packet.inside().unwrap();
        }
        assert_eq!((packet.src, packet.dst_port), (crate::address::address_from_v4(SRC), 53), "{name}");
        assert_eq!((packet.ip_length, packet.payload, packet.payload_length), (31, &b"abc"[..], 3), "{name}");
        let has_frame = name.ends_with("frame") || name.contains("vxlan");
        assert_eq!(packet.vlan, has_frame.then_some(5), "{name}");
        assert_eq!(packet.src_mac.is_some(), has_frame, "{name}");
        assert_eq!(packet.inside(), None, "{name}");
    }
    let six_in_four = ipv4(41, 0, &ipv6(17, &udp()));
    assert_eq!(parse(101, &six_in_four).unwrap().inside().unwrap().dst[15], 2);
}

#[test]
fn what_is_no_tunnel_or_does_not_fit_stays_closed() {
    let inner = ipv4(17, 0, &udp());
    let mut too_long = inner.clone();
    too_long[3] += 1;
    let cases: &[(&str, Vec<u8>)] = &[
        ("a first fragment", ipv4(4, 0x2000, &inner)),
        ("a later fragment", ipv4(4, 0x0003, &inner)),
        ("longer than its tunnel", ipv4(4, 0, &too_long)),
        ("pptp", ipv4(47, 0, &[&[0x20, 1, 0x88, 0x0b][..], &[0; 8], &inner].concat())),
        ("source routes", ipv4(47, 0, &[&[0x40, 0, 8, 0][..], &inner].concat())),
        ("arp", ipv4(47, 0, &[&[0, 0, 8, 6][..], &[0; 28]].concat())),
        (
            "vxlan without its flag",
            ipv4(17, 0, &[&[0, 9, 18, 181, 0, 0, 0, 0][..], &[0; 8], &ethernet(&[8, 0], &inner)].concat()),
        ),
        (
            "a geneve of the future",
            ipv4(17, 0, &[&[0, 9, 23, 193, 0, 0, 0, 0][..], &[0x40, 0, 8, 0, 0, 0, 0, 0], &inner].concat()),
        ),
        ("nothing", ipv4(4, 0, &[])),
    ];
    for (name, data) in cases {
        assert_eq!(parse(101, data).unwrap().inside(), None, "{name}");
    }
}
