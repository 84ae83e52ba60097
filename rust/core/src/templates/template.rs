//! A template as it is kept: its fields and the plan compiled from them.

use super::{Elements, Plan};
use crate::wire::ProtocolVersion;

/// One field of a template: which element, in how many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpecifier {
    /// Private enterprise number; 0 is IANA's registry.
    pub enterprise: u32,
    /// Element id within that registry.
    pub id: u16,
    /// Bytes; 65535 means that each value says its own length.
    pub length: u16,
}

impl FieldSpecifier {
    /// Length that stands for "variable" (RFC 7011, section 7; H3C uses it in v9 too).
    pub const VARIABLE: u16 = 65535;
    /// The bit of an id by which IPFIX says that an enterprise follows; no element's own.
    pub const ENTERPRISE_BIT: u16 = 0x8000;
}

/// A template and its plan.
#[derive(Debug)]
pub struct Template {
    /// Template id; 0 for fixed formats.
    pub id: u16,
    /// Scope fields at the front; 0 for flow templates.
    pub scopes: usize,
    /// Fields in wire order.
    pub fields: Vec<FieldSpecifier>,
    /// What to do with a record.
    pub plan: Plan,
}

impl Template {
    /// Compile a template. With `verbatim` every element goes to `other` and none to a column.
    pub fn compile(
        version: ProtocolVersion,
        id: u16,
        scopes: usize,
        fields: Vec<FieldSpecifier>,
        verbatim: bool,
        elements: Elements<'_>,
    ) -> Self {
        let plan = Plan::compile(version, scopes, &fields, verbatim, elements);
        Self { id, scopes, fields, plan }
    }

    /// The same with what is known of elements by now.
    #[must_use]
    pub fn recompile(&self, version: ProtocolVersion, verbatim: bool, elements: Elements<'_>) -> Self {
        let mut again = Self::compile(version, self.id, self.scopes, self.fields.clone(), verbatim, elements);
        again.plan.is_options = self.plan.is_options;
        again
    }

    /// Bytes of memory it takes, about.
    pub fn held_bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&self.fields[..]) + self.plan.held_bytes()
    }

    /// Whether fields without bytes outnumber the others: a short data set would then hold as many
    /// elements as its sender likes.
    pub fn is_hollow(fields: &[FieldSpecifier]) -> bool {
        2 * fields.iter().filter(|field| field.length == 0).count() > fields.len()
    }

    /// Whether its records describe the exporter and not flows.
    pub fn is_options(&self) -> bool {
        self.scopes > 0 || self.plan.is_options
    }
}
