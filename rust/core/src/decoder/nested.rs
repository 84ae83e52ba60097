//! What the lists in a record say of the flow, where that can mean one thing only.
//!
//! YAF moves what only some flows have into a list at the end of the record: the TCP flags, the MAC addresses. A record
//! in a list speaks of the flow where it is the only one of its template and all parts of the list hold. Of its
//! elements, only those are taken that would mean the same in the record itself: an address in a list is mostly that of
//! a name in an answer, and a name one of many.

use super::{fill::fill_column, times::Times};
use crate::{
    columns::FlowColumns,
    schema::Field,
    templates::{Lists, Plan, Read, Records},
};

/// Columns that are filled from lists.
const COLUMNS: [Field; 5] = [Field::TcpFlags, Field::ReverseTcpFlags, Field::SrcMac, Field::DstMac, Field::Vlan];

/// Fill the columns that the records leave empty from what their lists say.
pub fn fill(flows: &mut FlowColumns, plan: &Plan, records: &Records<'_>, lists: &Lists<'_>, times: Times<'_>) {
    if plan.lists.is_empty() {
        return;
    }
    let is_told = |field| plan.columns.iter().any(|read| read.field == field);
    for record in 0..records.count() {
        let row = flows.rows() + record;
        for &(index, list) in &plan.lists {
            lists.each_only(list, records.value(record, index), |template, only| {
                let mut filled = Vec::new();
                let reads = template.plan.columns.iter().filter(|read| COLUMNS.contains(&read.field));
                for read in reads.filter(|read| !is_told(read.field)) {
                    let column = flows.column(read.field);
                    // Another list, or another part of this one, may have said it before.
                    let is_first = column.len() <= row && !read.only_unspecified;
                    if is_first || read.read == Read::MoreBits && filled.contains(&read.field) {
                        fill_column(column, row, only, read, times);
                        filled.push(read.field);
                    }
                }
            });
        }
    }
}
