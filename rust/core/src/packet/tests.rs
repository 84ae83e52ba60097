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
