//! Rows on their way to Arrow: one growing column for each field of the flow record.
//!
//! A column that a template does not fill is not touched: it is padded with nulls only when
//! somebody writes to it again or the batch is closed, so absent fields cost nothing per row.

mod cell;
mod column;
mod elements;
mod flows;
mod options;
mod runs;
mod text;

pub use cell::Cell;
pub use column::Column;
pub use elements::{ElementsColumn, elements_type};
pub use flows::{AnyColumn, FlowColumns};
pub use options::{OptionColumns, OptionOrigin};
pub use text::TextColumn;
