//! What is told of a sampled packet, structure by structure (sFlow 5, and the additions published at sflow.org).

use super::structure::{
    Form::{self, Address, AsPath, Bytes, Communities, Ipv4, Ipv6, Mac, Numbers, Text, U32, U64},
    Structure, StructureField,
};
use crate::schema::Field;

const fn field(name: &'static str, form: Form) -> StructureField {
    StructureField { name, form, column: None, fills_gap: false, is_scope: false }
}

const fn fills(name: &'static str, form: Form, column: Field) -> StructureField {
    StructureField { name, form, column: Some(column), fills_gap: false, is_scope: false }
}

const fn fills_gap(name: &'static str, form: Form, column: Field) -> StructureField {
    StructureField { name, form, column: Some(column), fills_gap: true, is_scope: false }
}

/// All but the packet's own headers, by tag.
#[rustfmt::skip]
pub static FLOW_STRUCTURES: &[Structure] = &[
    Structure { tag: 2, fields: &[
        fills_gap("sampled_ethernet.length", U32, Field::Bytes), fills("sampled_ethernet.src_mac", Mac, Field::SrcMac),
        fills("sampled_ethernet.dst_mac", Mac, Field::DstMac), field("sampled_ethernet.type", U32),
    ] },
    Structure { tag: 3, fields: &[
        fills("sampled_ipv4.length", U32, Field::Bytes), fills("sampled_ipv4.protocol", U32, Field::Protocol),
        fills("sampled_ipv4.src_ip", Ipv4, Field::SrcAddr), fills("sampled_ipv4.dst_ip", Ipv4, Field::DstAddr),
        fills("sampled_ipv4.src_port", U32, Field::SrcPort), fills("sampled_ipv4.dst_port", U32, Field::DstPort),
        fills("sampled_ipv4.tcp_flags", U32, Field::TcpFlags), fills("sampled_ipv4.tos", U32, Field::Tos),
    ] },
    Structure { tag: 4, fields: &[
        fills("sampled_ipv6.length", U32, Field::Bytes), fills("sampled_ipv6.protocol", U32, Field::Protocol),
        fills("sampled_ipv6.src_ip", Ipv6, Field::SrcAddr), fills("sampled_ipv6.dst_ip", Ipv6, Field::DstAddr),
        fills("sampled_ipv6.src_port", U32, Field::SrcPort), fills("sampled_ipv6.dst_port", U32, Field::DstPort),
        fills("sampled_ipv6.tcp_flags", U32, Field::TcpFlags), fills("sampled_ipv6.priority", U32, Field::Tos),
    ] },
    Structure { tag: 1001, fields: &[
        fills_gap("extended_switch.src_vlan", U32, Field::Vlan), field("extended_switch.src_priority", U32),
        field("extended_switch.dst_vlan", U32), field("extended_switch.dst_priority", U32),
    ] },
    Structure { tag: 1002, fields: &[
        fills("extended_router.nexthop", Address, Field::NextHop),
        fills("extended_router.src_mask_len", U32, Field::SrcPrefixLength),
        fills("extended_router.dst_mask_len", U32, Field::DstPrefixLength),
    ] },
    Structure { tag: 1003, fields: &[
        fills_gap("extended_gateway.nexthop", Address, Field::NextHop), field("extended_gateway.as", U32),
        fills("extended_gateway.src_as", U32, Field::SrcAs), field("extended_gateway.src_peer_as", U32),
        fills_gap("extended_gateway.dst_as_path", AsPath, Field::DstAs),
        field("extended_gateway.communities", Communities), field("extended_gateway.localpref", U32),
    ] },
    Structure { tag: 1004, fields: &[
        field("extended_user.src_charset", U32), fills("extended_user.src_user", Text, Field::User),
        field("extended_user.dst_charset", U32), fills_gap("extended_user.dst_user", Text, Field::User),
    ] },
    Structure { tag: 1005, fields: &[
        field("extended_url.url_direction", U32), field("extended_url.url", Text),
        fills("extended_url.host", Text, Field::Site),
    ] },
    Structure { tag: 1006, fields: &[
        fills_gap("extended_mpls.nexthop", Address, Field::NextHop), field("extended_mpls.in_stack", Numbers),
        field("extended_mpls.out_stack", Numbers),
    ] },
    Structure { tag: 1007, fields: &[
        fills("extended_nat.src_address", Address, Field::NatSrcAddr),
        fills("extended_nat.dst_address", Address, Field::NatDstAddr),
    ] },
    Structure { tag: 1008, fields: &[
        field("extended_mpls_tunnel.tunnel_lsp_name", Text), field("extended_mpls_tunnel.tunnel_id", U32),
        field("extended_mpls_tunnel.tunnel_cos", U32),
    ] },
    Structure { tag: 1009, fields: &[
        field("extended_mpls_vc.vc_instance_name", Text), field("extended_mpls_vc.vll_vc_id", U32),
        field("extended_mpls_vc.vc_label_cos", U32),
    ] },
    Structure { tag: 1010, fields: &[
        field("extended_mpls_FTN.mplsFTNDescr", Text), field("extended_mpls_FTN.mplsFTNMask", U32),
    ] },
    Structure { tag: 1011, fields: &[field("extended_mpls_LDP_FEC.mplsFecAddrPrefixLength", U32)] },
    Structure { tag: 1012, fields: &[field("extended_vlantunnel.stack", Numbers)] },
    Structure { tag: 1013, fields: &[
        field("extended_80211_payload.cipher_suite", U32), field("extended_80211_payload.data", Bytes),
    ] },
    Structure { tag: 1014, fields: &[
        field("extended_80211_rx.ssid", Text), field("extended_80211_rx.bssid", Mac),
        field("extended_80211_rx.version", U32), field("extended_80211_rx.channel", U32),
        field("extended_80211_rx.speed", U64), field("extended_80211_rx.rsni", U32),
        field("extended_80211_rx.rcpi", U32), field("extended_80211_rx.packet_duration", U32),
    ] },
    Structure { tag: 1015, fields: &[
        field("extended_80211_tx.ssid", Text), field("extended_80211_tx.bssid", Mac),
        field("extended_80211_tx.version", U32), field("extended_80211_tx.transmissions", U32),
        field("extended_80211_tx.packet_duration", U32), field("extended_80211_tx.retrans_duration", U32),
        field("extended_80211_tx.channel", U32), field("extended_80211_tx.speed", U64),
        field("extended_80211_tx.power", U32),
    ] },
    Structure { tag: 1020, fields: &[
        fills("extended_nat_port.src_port", U32, Field::NatSrcPort),
        fills("extended_nat_port.dst_port", U32, Field::NatDstPort),
    ] },
    Structure { tag: 1021, fields: &[
        field("extended_L2_tunnel_egress.length", U32), field("extended_L2_tunnel_egress.src_mac", Mac),
        field("extended_L2_tunnel_egress.dst_mac", Mac), field("extended_L2_tunnel_egress.type", U32),
    ] },
    Structure { tag: 1022, fields: &[
        field("extended_L2_tunnel_ingress.length", U32), field("extended_L2_tunnel_ingress.src_mac", Mac),
        field("extended_L2_tunnel_ingress.dst_mac", Mac), field("extended_L2_tunnel_ingress.type", U32),
    ] },
    Structure { tag: 1023, fields: &[
        field("extended_ipv4_tunnel_egress.length", U32), field("extended_ipv4_tunnel_egress.protocol", U32),
        field("extended_ipv4_tunnel_egress.src_ip", Ipv4), field("extended_ipv4_tunnel_egress.dst_ip", Ipv4),
        field("extended_ipv4_tunnel_egress.src_port", U32), field("extended_ipv4_tunnel_egress.dst_port", U32),
        field("extended_ipv4_tunnel_egress.tcp_flags", U32), field("extended_ipv4_tunnel_egress.tos", U32),
    ] },
    Structure { tag: 1024, fields: &[
        field("extended_ipv4_tunnel_ingress.length", U32), field("extended_ipv4_tunnel_ingress.protocol", U32),
        field("extended_ipv4_tunnel_ingress.src_ip", Ipv4), field("extended_ipv4_tunnel_ingress.dst_ip", Ipv4),
        field("extended_ipv4_tunnel_ingress.src_port", U32), field("extended_ipv4_tunnel_ingress.dst_port", U32),
        field("extended_ipv4_tunnel_ingress.tcp_flags", U32), field("extended_ipv4_tunnel_ingress.tos", U32),
    ] },
    Structure { tag: 1025, fields: &[
        field("extended_ipv6_tunnel_egress.length", U32), field("extended_ipv6_tunnel_egress.protocol", U32),
        field("extended_ipv6_tunnel_egress.src_ip", Ipv6), field("extended_ipv6_tunnel_egress.dst_ip", Ipv6),
        field("extended_ipv6_tunnel_egress.src_port", U32), field("extended_ipv6_tunnel_egress.dst_port", U32),
        field("extended_ipv6_tunnel_egress.tcp_flags", U32), field("extended_ipv6_tunnel_egress.priority", U32),
    ] },
    Structure { tag: 1026, fields: &[
        field("extended_ipv6_tunnel_ingress.length", U32), field("extended_ipv6_tunnel_ingress.protocol", U32),
        field("extended_ipv6_tunnel_ingress.src_ip", Ipv6), field("extended_ipv6_tunnel_ingress.dst_ip", Ipv6),
        field("extended_ipv6_tunnel_ingress.src_port", U32), field("extended_ipv6_tunnel_ingress.dst_port", U32),
        field("extended_ipv6_tunnel_ingress.tcp_flags", U32), field("extended_ipv6_tunnel_ingress.priority", U32),
    ] },
    Structure { tag: 1027, fields: &[field("extended_decapsulate_egress.inner_header_offset", U32)] },
    Structure { tag: 1028, fields: &[field("extended_decapsulate_ingress.inner_header_offset", U32)] },
    Structure { tag: 1029, fields: &[field("extended_vni_egress.vni", U32)] },
    Structure { tag: 1030, fields: &[field("extended_vni_ingress.vni", U32)] },
    Structure { tag: 1036, fields: &[field("extended_egress_queue.queue", U32)] },
    Structure { tag: 1037, fields: &[
        field("extended_acl.number", U32), field("extended_acl.name", Text), field("extended_acl.direction", U32),
    ] },
    Structure { tag: 1038, fields: &[field("extended_function.symbol", Text)] },
    Structure { tag: 1039, fields: &[field("extended_transit_delay.delay", U32)] },
    Structure { tag: 1040, fields: &[field("extended_queue_depth.depth", U32)] },
    Structure { tag: 1041, fields: &[field("extended_hw_trap.group", Text), field("extended_hw_trap.trap", Text)] },
    Structure { tag: 1042, fields: &[field("extended_linux_drop_reason.reason", Text)] },
    Structure { tag: 2100, fields: &[
        field("extended_socket_ipv4.protocol", U32), field("extended_socket_ipv4.local_ip", Ipv4),
        field("extended_socket_ipv4.remote_ip", Ipv4), field("extended_socket_ipv4.local_port", U32),
        field("extended_socket_ipv4.remote_port", U32),
    ] },
    Structure { tag: 2101, fields: &[
        field("extended_socket_ipv6.protocol", U32), field("extended_socket_ipv6.local_ip", Ipv6),
        field("extended_socket_ipv6.remote_ip", Ipv6), field("extended_socket_ipv6.local_port", U32),
        field("extended_socket_ipv6.remote_port", U32),
    ] },
    Structure { tag: 2102, fields: &[
        field("extended_proxy_socket_ipv4.protocol", U32), field("extended_proxy_socket_ipv4.local_ip", Ipv4),
        field("extended_proxy_socket_ipv4.remote_ip", Ipv4), field("extended_proxy_socket_ipv4.local_port", U32),
        field("extended_proxy_socket_ipv4.remote_port", U32),
    ] },
    Structure { tag: 2103, fields: &[
        field("extended_proxy_socket_ipv6.protocol", U32), field("extended_proxy_socket_ipv6.local_ip", Ipv6),
        field("extended_proxy_socket_ipv6.remote_ip", Ipv6), field("extended_proxy_socket_ipv6.local_port", U32),
        field("extended_proxy_socket_ipv6.remote_port", U32),
    ] },
    Structure { tag: 2202, fields: &[
        field("app_operation.application", Text), field("app_operation.operation", Text),
        field("app_operation.attributes", Text), field("app_operation.status_descr", Text),
        field("app_operation.req_bytes", U64), field("app_operation.resp_bytes", U64), field("app_operation.uS", U32),
        field("app_operation.status", U32),
    ] },
    Structure { tag: 2203, fields: &[
        field("app_parent_context.application", Text), field("app_parent_context.operation", Text),
        field("app_parent_context.attributes", Text),
    ] },
    Structure { tag: 2204, fields: &[field("app_initiator.actor", Text)] },
    Structure { tag: 2205, fields: &[field("app_target.actor", Text)] },
    Structure { tag: 2209, fields: &[
        field("extended_tcp_info.direction", U32), field("extended_tcp_info.snd_mss", U32),
        field("extended_tcp_info.rcv_mss", U32), field("extended_tcp_info.unacked", U32),
        field("extended_tcp_info.lost", U32), field("extended_tcp_info.retrans", U32),
        field("extended_tcp_info.pmtu", U32), field("extended_tcp_info.rtt", U32),
        field("extended_tcp_info.rttvar", U32), field("extended_tcp_info.snd_cwnd", U32),
        field("extended_tcp_info.reordering", U32), field("extended_tcp_info.min_rtt", U32),
    ] },
    Structure { tag: 2210, fields: &[
        field("extended_entities.src_ds_class", U32), field("extended_entities.src_ds_index", U32),
        field("extended_entities.dst_ds_class", U32), field("extended_entities.dst_ds_index", U32),
    ] },
];
