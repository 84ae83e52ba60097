//! A search: the rows of files for which conditions are true, with some columns.
//!
//! A dictionary of addresses tells at once which number an address has, or that it has none. Then numbers are
//! compared, as they are packed, and no address is made of them. What else is asked of the few rows that are
//! left is read where they are: pages that none of them is on are not.
//!
//! What we write is read here. What others write, in forms that Parquet has besides, the library reads.

mod column;
mod condition;
mod cursor;
mod deltas;
mod extent;
mod found;
mod gathering;
mod numbers;
mod refusal;
mod row_group;
mod source;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

pub use condition::Condition;
pub use found::Found;
pub use source::Open;

use crate::batch::Table;

/// What is looked for, and where.
pub struct Search {
    paths: Vec<PathBuf>,
    conditions: Vec<Condition>,
    /// What conditions may be about, asked for or not.
    table: SchemaRef,
    schema: SchemaRef,
}

impl Search {
    /// Search files of a table. The first condition is the one that leaves fewest rows.
    ///
    /// Fails where the table has no such column.
    pub fn new(
        table: Table,
        paths: Vec<PathBuf>,
        conditions: Vec<Condition>,
        columns: &[String],
    ) -> Result<Self, ArrowError> {
        let table = table.schema();
        let of_conditions = conditions.iter().flat_map(|condition| &condition.columns);
        for name in of_conditions {
            table.field_with_name(name)?;
        }
        let fields = columns.iter().map(|name| table.field_with_name(name).map(plain));
        let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<_>, _>>()?));
        let table = Arc::new(Schema::new(table.fields().iter().map(|field| plain(field)).collect::<Vec<_>>()));
        Ok(Self { paths, conditions, table, schema })
    }
}

/// A column as it is told: names that files number are not numbered, for each batch would number them anew.
fn plain(field: &Field) -> Field {
    match field.data_type() {
        DataType::Dictionary(_, values) => field.clone().with_data_type(values.as_ref().clone()),
        _ => field.clone(),
    }
}
