//! The records of NetFlow 1, 5, 6, 7 and 8, field by field, as Cisco's routers and switches send them.

use super::{
    ProtocolVersion::{NetflowV1, NetflowV5, NetflowV6, NetflowV7, NetflowV8},
    fixed::{FixedField, FixedRecord},
};

const fn element(id: u16, length: u16) -> FixedField {
    FixedField { id, length, name: "" }
}

const fn named(name: &'static str, length: u16) -> FixedField {
    FixedField { id: 0, length, name }
}

const fn padding(length: u16) -> FixedField {
    element(210, length)
}

const FLOWS: FixedField = element(3, 4); // deltaFlowCount
const PACKETS: FixedField = element(2, 4); // packetDeltaCount
const BYTES: FixedField = element(1, 4); // octetDeltaCount
const FIRST: FixedField = element(22, 4); // flowStartSysUpTime
const LAST: FixedField = element(21, 4); // flowEndSysUpTime
const SOURCE: FixedField = element(8, 4); // sourceIPv4Address
const DESTINATION: FixedField = element(12, 4); // destinationIPv4Address
const SOURCE_PREFIX: FixedField = element(44, 4); // sourceIPv4Prefix
const DESTINATION_PREFIX: FixedField = element(45, 4); // destinationIPv4Prefix
const SOURCE_MASK: FixedField = element(9, 1); // sourceIPv4PrefixLength
const DESTINATION_MASK: FixedField = element(13, 1); // destinationIPv4PrefixLength
const NEXT_HOP: FixedField = element(15, 4); // ipNextHopIPv4Address
const PEER_NEXT_HOP: FixedField = element(18, 4); // bgpNextHopIPv4Address
const INPUT: FixedField = element(10, 2); // ingressInterface
const OUTPUT: FixedField = element(14, 2); // egressInterface
const SOURCE_PORT: FixedField = element(7, 2); // sourceTransportPort
const DESTINATION_PORT: FixedField = element(11, 2); // destinationTransportPort
const TCP_FLAGS: FixedField = element(6, 1); // tcpControlBits
const PROTOCOL: FixedField = element(4, 1); // protocolIdentifier
const TOS: FixedField = element(5, 1); // ipClassOfService
const SOURCE_AS: FixedField = element(16, 2); // bgpSourceAsNumber
const DESTINATION_AS: FixedField = element(17, 2); // bgpDestinationAsNumber
/// Type of service of the packets beyond the contract, and how many those are.
const MARKED_TOS: FixedField = element(55, 1); // postIpClassOfService
const EXTRA_PACKETS: FixedField = named("extraPackets", 4);
/// The router whose work the switch did.
const SHORTCUT_ROUTER: FixedField = element(43, 4); // ipv4RouterSc

macro_rules! record {
    ($version:expr, $scheme:expr, [$($field:expr),* $(,)?]) => {
        FixedRecord { version: $version, scheme: $scheme, fields: &[$($field),*] }
    };
}

macro_rules! aggregation {
    ($scheme:expr, [$($field:expr),* $(,)?]) => {
        record!(NetflowV8, $scheme, [FLOWS, PACKETS, BYTES, FIRST, LAST, $($field),*])
    };
}

/// Every layout.
#[rustfmt::skip]
pub const RECORDS: [FixedRecord; 18] = [
    record!(NetflowV1, 0, [
        SOURCE, DESTINATION, NEXT_HOP, INPUT, OUTPUT, PACKETS, BYTES, FIRST, LAST, SOURCE_PORT, DESTINATION_PORT,
        padding(2), PROTOCOL, TOS, TCP_FLAGS, padding(7),
    ]),
    record!(NetflowV5, 0, [
        SOURCE, DESTINATION, NEXT_HOP, INPUT, OUTPUT, PACKETS, BYTES, FIRST, LAST, SOURCE_PORT, DESTINATION_PORT,
        padding(1), TCP_FLAGS, PROTOCOL, TOS, SOURCE_AS, DESTINATION_AS, SOURCE_MASK, DESTINATION_MASK, padding(2),
    ]),
    record!(NetflowV6, 0, [
        SOURCE, DESTINATION, NEXT_HOP, INPUT, OUTPUT, PACKETS, BYTES, FIRST, LAST, SOURCE_PORT, DESTINATION_PORT,
        padding(1), TCP_FLAGS, PROTOCOL, TOS, SOURCE_AS, DESTINATION_AS, SOURCE_MASK, DESTINATION_MASK,
        named("inEncapsulation", 1), named("outEncapsulation", 1), PEER_NEXT_HOP,
    ]),
    record!(NetflowV7, 0, [
        SOURCE, DESTINATION, NEXT_HOP, INPUT, OUTPUT, PACKETS, BYTES, FIRST, LAST, SOURCE_PORT, DESTINATION_PORT,
        named("invalidFieldFlags", 1), TCP_FLAGS, PROTOCOL, TOS, SOURCE_AS, DESTINATION_AS, SOURCE_MASK, DESTINATION_MASK,
        named("invalidFlowFlags", 2), SHORTCUT_ROUTER,
    ]),
    // Autonomous systems.
    aggregation!(1, [SOURCE_AS, DESTINATION_AS, INPUT, OUTPUT]),
    // Protocol and ports.
    aggregation!(2, [PROTOCOL, padding(1), padding(2), SOURCE_PORT, DESTINATION_PORT]),
    // Source prefix.
    aggregation!(3, [SOURCE_PREFIX, SOURCE_MASK, padding(1), SOURCE_AS, INPUT, padding(2)]),
    // Destination prefix.
    aggregation!(4, [DESTINATION_PREFIX, DESTINATION_MASK, padding(1), DESTINATION_AS, OUTPUT, padding(2)]),
    // Both prefixes.
    aggregation!(5, [
        SOURCE_PREFIX, DESTINATION_PREFIX, DESTINATION_MASK, SOURCE_MASK, padding(2), SOURCE_AS, DESTINATION_AS, INPUT,
        OUTPUT,
    ]),
    // Catalyst switches: destination.
    record!(NetflowV8, 6, [
        DESTINATION, PACKETS, BYTES, FIRST, LAST, OUTPUT, TOS, MARKED_TOS, EXTRA_PACKETS, SHORTCUT_ROUTER,
    ]),
    // Catalyst switches: source and destination.
    record!(NetflowV8, 7, [
        DESTINATION, SOURCE, PACKETS, BYTES, FIRST, LAST, OUTPUT, INPUT, TOS, MARKED_TOS, padding(2), EXTRA_PACKETS,
        SHORTCUT_ROUTER,
    ]),
    // Catalyst switches: full flow.
    record!(NetflowV8, 8, [
        DESTINATION, SOURCE, DESTINATION_PORT, SOURCE_PORT, PACKETS, BYTES, FIRST, LAST, OUTPUT, INPUT, TOS, PROTOCOL,
        MARKED_TOS, padding(1), EXTRA_PACKETS, SHORTCUT_ROUTER,
    ]),
    // The rest are the first ones by type of service.
    aggregation!(9, [SOURCE_AS, DESTINATION_AS, INPUT, OUTPUT, TOS, padding(1), padding(2)]),
    aggregation!(10, [PROTOCOL, TOS, padding(2), SOURCE_PORT, DESTINATION_PORT, INPUT, OUTPUT]),
    aggregation!(11, [SOURCE_PREFIX, SOURCE_MASK, TOS, SOURCE_AS, INPUT, padding(2)]),
    aggregation!(12, [DESTINATION_PREFIX, DESTINATION_MASK, TOS, DESTINATION_AS, OUTPUT, padding(2)]),
    aggregation!(13, [
        SOURCE_PREFIX, DESTINATION_PREFIX, DESTINATION_MASK, SOURCE_MASK, TOS, padding(1), SOURCE_AS, DESTINATION_AS,
        INPUT, OUTPUT,
    ]),
    // Prefixes, protocol and ports.
    aggregation!(14, [
        SOURCE_PREFIX, DESTINATION_PREFIX, DESTINATION_MASK, SOURCE_MASK, TOS, PROTOCOL, SOURCE_PORT, DESTINATION_PORT,
        INPUT, OUTPUT,
    ]),
];

/// Bytes of a record of NetFlow 5.
pub const NETFLOW_V5_RECORD_LENGTH: usize = 48;
