//! `search`: the rows of segments for which conditions are true.

use std::path::PathBuf;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use pyo3::{exceptions::PyValueError, prelude::*, types::PyCapsule};
use tidegauge_core::{
    batch::Table,
    segment::search::{Condition, Found, Search},
};
use tidegauge_net::scattered_file;

type Asked = (Vec<String>, Vec<(u128, u128)>);

/// The rows of segments of flows for which conditions are true.
#[pyfunction]
#[pyo3(signature = (paths, conditions, columns, *, threads = 1))]
pub fn search(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    conditions: Vec<Asked>,
    columns: Vec<String>,
    threads: usize,
) -> PyResult<Bound<'_, PyCapsule>> {
    let conditions = conditions.into_iter().map(|(columns, ranges)| Condition::new(columns, ranges)).collect();
    let search = Search::new(Table::Flows, paths, conditions, &columns);
    let search = search.map_err(|error| PyValueError::new_err(error.to_string()))?;
    let found = Found::new(search, scattered_file::open, threads);
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(found)), c"arrow_array_stream")
}
