//! Which information element carries which column, and in how many bytes.

use super::clock::Clock;
use crate::{
    application::{OWN_ENTERPRISE, WireId},
    schema::{Field, REVERSE_ENTERPRISE},
    templates::FieldSpecifier,
    wire::ProtocolVersion,
};

/// In NetFlow v9, which has no enterprise numbers, our own elements stand behind this.
const OWN_NETFLOW_V9: u16 = 61440;
const NTOP_ENTERPRISE: u32 = 35632;
/// Where ntop's stand there.
const NTOP_NETFLOW_V9: u16 = 57472;

/// The elements a column may travel as; 0 is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// Always the same.
    One(u16),
    /// The number of an application, of those that take so many bytes.
    ApplicationId { length: u16 },
    /// By address family.
    Family { v4: u16, v6: u16 },
    /// By how times are told.
    Time { uptime: u16, milliseconds: u16, ntp: u16 },
    /// RFC 5103's mirror of an element; v9 has no enterprise numbers, so another element there, if any.
    Reverse { mirrored: u16, netflow_v9: u16 },
    /// A vendor's, which has a place of its own in v9.
    Vendor { enterprise: u32, id: u16, netflow_v9: u16 },
}

use Element::{ApplicationId, Family, One, Reverse, Time, Vendor};

const fn own(id: u16) -> Element {
    Vendor { enterprise: OWN_ENTERPRISE, id, netflow_v9: OWN_NETFLOW_V9 + id }
}

/// The name of a server from a TLS hello, for which IANA has no element; ntop's is the one that most collectors know.
pub const SERVER_NAME: Element = Vendor { enterprise: NTOP_ENTERPRISE, id: 188, netflow_v9: NTOP_NETFLOW_V9 + 188 };

/// What tells of several columns whose value is the same: the receiver's only round trip, and how often each mishap happened.
pub const RECEIVER_ROUND_TRIP: Element = own(26);
pub const EACH_MISHAP: Element = own(27);
pub const REVERSE_RECEIVER_ROUND_TRIP: Element = own(28);
pub const REVERSE_EACH_MISHAP: Element = own(29);

/// applicationId (RFC 6759), and what describes it and names it.
pub const APPLICATION_ID: u16 = 95;
pub const APPLICATION_DESCRIPTION: u16 = 94;
pub const APPLICATION_NAME: u16 = 96;

/// observationTimeMilliseconds and observationTimeNanoseconds: when an event happened.
const MOMENT_MILLISECONDS: u16 = 323;
const MOMENT_NTP: u16 = 325;

/// Every column that has an element, in the order they go on the wire.
///
/// What the collector adds (`received`, `exporter`, ...) is not sent. A site goes by one of its elements: by which, the
/// collector knows its source. So does an application: a number is not sent as a name. What several columns have alike goes by
/// one element for all of them.
pub const ELEMENTS: [(Field, Element); 66] = [
    (Field::SrcAddr, Family { v4: 8, v6: 27 }),
    (Field::DstAddr, Family { v4: 12, v6: 28 }),
    (Field::SrcPort, One(7)),
    (Field::DstPort, One(11)),
    (Field::Protocol, One(4)),
    (Field::Tos, One(5)),
    (Field::TcpFlags, One(6)),
    (Field::Packets, One(2)),
    (Field::Bytes, One(1)),
    (Field::Start, Time { uptime: 22, milliseconds: 152, ntp: 156 }),
    (Field::End, Time { uptime: 21, milliseconds: 153, ntp: 157 }),
    (Field::InInterface, One(10)),
    (Field::OutInterface, One(14)),
    (Field::Direction, One(61)),
    (Field::SamplingInterval, One(34)),
    (Field::SrcAs, One(16)),
    (Field::DstAs, One(17)),
    (Field::SrcPrefixLength, Family { v4: 9, v6: 29 }),
    (Field::DstPrefixLength, Family { v4: 13, v6: 30 }),
    (Field::NextHop, Family { v4: 15, v6: 62 }),
    (Field::Vlan, One(58)),
    (Field::SrcMac, One(56)),
    (Field::DstMac, One(80)),
    (Field::FlowEndReason, One(136)),
    (Field::NatSrcAddr, Family { v4: 225, v6: 281 }),
    (Field::NatDstAddr, Family { v4: 226, v6: 282 }),
    (Field::NatSrcPort, One(227)),
    (Field::NatDstPort, One(228)),
    (Field::NatEvent, One(230)),
    (Field::ReversePackets, Reverse { mirrored: 2, netflow_v9: 299 }),
    (Field::ReverseBytes, Reverse { mirrored: 1, netflow_v9: 232 }),
    (Field::ReverseTcpFlags, Reverse { mirrored: 6, netflow_v9: 0 }),
    (Field::ReverseTos, Reverse { mirrored: 5, netflow_v9: 0 }),
    (Field::BiflowDirection, One(239)),
    (Field::Application, ApplicationId { length: WireId::SHORT as u16 }),
    (Field::Application, ApplicationId { length: WireId::LONG as u16 }),
    (Field::Application, One(APPLICATION_NAME)),
    (Field::Site, One(460)),
    (Field::Site, SERVER_NAME),
    (Field::User, One(371)),
    (Field::Ttl, One(192)),
    (Field::Alpn, own(1)),
    (Field::ClientFingerprint, own(2)),
    (Field::TcpRtt, own(3)),
    (Field::TcpRttServer, own(4)),
    (Field::TcpRttClient, own(5)),
    (Field::ReceiverRttMin, RECEIVER_ROUND_TRIP),
    (Field::ReceiverRttMin, own(6)),
    (Field::ReceiverRttMean, own(7)),
    (Field::ReceiverRttMax, own(8)),
    (Field::Retransmits, own(9)),
    (Field::SpuriousRetransmits, EACH_MISHAP),
    (Field::SpuriousRetransmits, own(10)),
    (Field::LateFills, own(11)),
    (Field::Reordered, own(12)),
    (Field::ZeroWindows, own(13)),
    (Field::ReverseReceiverRttMin, REVERSE_RECEIVER_ROUND_TRIP),
    (Field::ReverseReceiverRttMin, own(18)),
    (Field::ReverseReceiverRttMean, own(19)),
    (Field::ReverseReceiverRttMax, own(20)),
    (Field::ReverseRetransmits, own(21)),
    (Field::ReverseSpuriousRetransmits, REVERSE_EACH_MISHAP),
    (Field::ReverseSpuriousRetransmits, own(22)),
    (Field::ReverseLateFills, own(23)),
    (Field::ReverseReordered, own(24)),
    (Field::ReverseZeroWindows, own(25)),
];

/// Where an element stands in NetFlow v9; `None` for vendors' that have no place there.
pub fn in_netflow_v9(enterprise: u32, id: u16) -> Option<u16> {
    match enterprise {
        0 => Some(id),
        OWN_ENTERPRISE => Some(OWN_NETFLOW_V9 + id),
        NTOP_ENTERPRISE => Some(NTOP_NETFLOW_V9 + id),
        _ => None,
    }
}

impl Element {
    /// Whether the column can travel at all.
    pub fn exists_in(self, version: ProtocolVersion) -> bool {
        !matches!(self, Reverse { netflow_v9: 0, .. } if version == ProtocolVersion::NetflowV9)
    }

    /// The element as a template announces it.
    pub fn specifier(self, clock: Clock, is_wide: bool, length: u16) -> FieldSpecifier {
        let (enterprise, id) = match (self, clock) {
            (Time { .. }, Clock::MomentMilliseconds) => (0, MOMENT_MILLISECONDS),
            (Time { .. }, Clock::MomentNtp) => (0, MOMENT_NTP),
            (Family { v4, v6 }, _) => (0, if is_wide { v6 } else { v4 }),
            (ApplicationId { .. }, _) => (0, APPLICATION_ID),
            (One(id), _)
            | (Time { uptime: id, .. }, Clock::Uptime { .. })
            | (Time { milliseconds: id, .. }, Clock::Milliseconds)
            | (Time { ntp: id, .. }, Clock::Ntp)
            | (Reverse { netflow_v9: id, .. } | Vendor { netflow_v9: id, .. }, Clock::Uptime { .. }) => (0, id),
            (Vendor { enterprise, id, .. }, _) => (enterprise, id),
            (Reverse { mirrored, .. }, _) => (REVERSE_ENTERPRISE, mirrored),
        };
        FieldSpecifier { enterprise, id, length }
    }
}
