//! Templates: what an exporter has told us about the shape of its records.
//!
//! Data sets carry no field names. A template is compiled once, when it is learnt, into a plan:
//! which bytes of a record go to which column. Decoding a set then walks columns, not fields.

mod elements;
mod lists;
mod plan;
mod records;
mod sampling;
mod section;
mod statistics;
mod template;
mod types;
mod value;

pub use elements::{Elements, Told, ToldElements, canonical};
pub use lists::{Lists, Text};
pub use plan::{ColumnRead, ElementRead, Plan, Read, TimeForm};
pub use records::{Layout, Records, Span};
pub use sampling::SamplingFields;
pub use section::SectionFields;
pub use statistics::StatisticsFields;
pub use template::{FieldSpecifier, Template};
pub use types::TypeFields;
pub use value::{BELOW_MICROSECONDS, application_id_text, unsigned, value_text};
