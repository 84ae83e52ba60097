//! What samples say before their records, structure by structure.

use super::structure::{
    Form::{self, Source, U32},
    Structure, StructureField,
};
use crate::schema::Field;

const fn field(name: &'static str, form: Form) -> StructureField {
    StructureField { name, form, column: None, fills_gap: false, is_scope: false }
}

const fn told(name: &'static str, column: Field) -> StructureField {
    StructureField { name, form: U32, column: Some(column), fills_gap: false, is_scope: false }
}

const fn scope(name: &'static str, form: Form) -> StructureField {
    StructureField { name, form, column: None, fills_gap: false, is_scope: true }
}

/// All kinds of samples, by tag.
#[rustfmt::skip]
pub static SAMPLE_HEADS: &[Structure] = &[
    Structure { tag: 1, fields: &[
        field("flow_sample.sequence_number", U32), field("flow_sample.source_id", Source),
        told("flow_sample.sampling_rate", Field::SamplingInterval), field("flow_sample.sample_pool", U32),
        field("flow_sample.drops", U32), told("flow_sample.input", Field::InInterface),
        told("flow_sample.output", Field::OutInterface),
    ] },
    Structure { tag: 2, fields: &[
        field("counters_sample.sequence_number", U32), scope("counters_sample.source_id", Source),
    ] },
    Structure { tag: 3, fields: &[
        field("flow_sample.sequence_number", U32), field("flow_sample.source_id_type", U32),
        field("flow_sample.source_id_index", U32), told("flow_sample.sampling_rate", Field::SamplingInterval),
        field("flow_sample.sample_pool", U32), field("flow_sample.drops", U32),
        told("flow_sample.input_format", Field::InInterface), told("flow_sample.input_value", Field::InInterface),
        told("flow_sample.output_format", Field::OutInterface), told("flow_sample.output_value", Field::OutInterface),
    ] },
    Structure { tag: 4, fields: &[
        field("counters_sample.sequence_number", U32), scope("counters_sample.source_id_type", U32),
        scope("counters_sample.source_id_index", U32),
    ] },
    Structure { tag: 5, fields: &[
        field("discarded_packet.sequence_number", U32), field("discarded_packet.source_id_type", U32),
        field("discarded_packet.source_id_index", U32), field("discarded_packet.drops", U32),
        told("discarded_packet.input", Field::InInterface), told("discarded_packet.output", Field::OutInterface),
        field("discarded_packet.reason", U32),
    ] },
];
