//! The settings of a decoder, as Python tells them: by name.

use std::collections::HashMap;

use pyo3::{exceptions::PyValueError, prelude::*, pybacked::PyBackedBytes};
use tidegauge_core::{
    address::Address,
    decoder::{Decoder, Leniency, Limits},
    time::Instant,
};

/// What an earlier decoder knew, and the moment at which it is taken over.
pub type Knowledge = (PyBackedBytes, Instant);

/// A decoder with these settings; what is not named stays as it is by itself. It takes over what is known of its exporters.
pub fn decoder_of(
    writer: &str,
    (verbatim, dissects): (bool, bool),
    settings: Option<&HashMap<String, i64>>,
    knowledge: Option<&Knowledge>,
    is_ours: impl Fn(&Address) -> bool,
) -> PyResult<Decoder> {
    let (mut limits, mut leniency) = (Limits::default(), Leniency::default());
    for (name, &value) in settings.into_iter().flatten() {
        set(&mut limits, &mut leniency, name, value)?;
    }
    let mut decoder = Decoder::new(limits, writer.to_string(), verbatim);
    decoder.set_leniency(leniency);
    if dissects {
        // Before it knows any template: from here on they keep each element by name.
        decoder.dissect();
    }
    if let Some((content, now)) = knowledge {
        decoder.recall_of(content, *now, is_ours).map_err(|foreign| PyValueError::new_err(foreign.to_string()))?;
    }
    Ok(decoder)
}

fn set(limits: &mut Limits, leniency: &mut Leniency, name: &str, value: i64) -> PyResult<()> {
    let count = || usize::try_from(value).map_err(|_| PyValueError::new_err(format!("{name} cannot be {value}")));
    match name {
        "sessions" => limits.sessions = count()?.max(1),
        "templates_per_session" => limits.templates_per_session = count()?.max(1),
        "fields_per_template" => limits.fields_per_template = count()?,
        "template_bytes" => limits.template_bytes = count()?,
        "template_lifetime" => limits.template_lifetime = (value > 0).then_some(value),
        "parked_bytes" => limits.parked_bytes = count()?,
        "parked_bytes_per_exporter" => limits.parked_bytes_per_exporter = count()?,
        "sources" => limits.sources = count()?.max(1),
        "parked_age" => limits.parked_age = value.max(0),
        "borrows_templates" => leniency.borrows_templates = value != 0,
        "heeds_withdrawals" => leniency.heeds_withdrawals = value != 0,
        "reads_v9_sets" => leniency.reads_v9_sets = value != 0,
        _ => return Err(PyValueError::new_err(format!("a decoder has no setting {name:?}"))),
    }
    Ok(())
}
