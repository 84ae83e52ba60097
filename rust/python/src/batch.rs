//! `Batch`: finished rows, handed over as Arrow.

use arrow_array::{RecordBatchIterator, cast::AsArray, ffi_stream::FFI_ArrowArrayStream, types::UInt64Type};
use pyo3::{
    buffer::PyBuffer,
    exceptions::PyValueError,
    prelude::*,
    types::{PyCapsule, PyDict},
};
use tidegauge_core::batch;

/// Rows of one lake table, held as Arrow columns.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Batch(pub batch::Batch);

#[pymethods]
impl Batch {
    #[new]
    fn new(columns: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut buffers = Vec::with_capacity(columns.len());
        for (name, column) in columns {
            let buffer = PyBuffer::<u8>::get(&column).and_then(|buffer| buffer.to_vec(columns.py()));
            buffers.push((name.extract::<String>()?, buffer.or_else(|_| column_bytes(&column))?));
        }
        let batch = batch::Batch::from_buffers(&buffers).map_err(PyValueError::new_err)?;
        Ok(Self(batch))
    }

    #[getter]
    fn table(&self) -> &'static str {
        self.0.table().name()
    }

    fn __len__(&self) -> usize {
        self.0.rows()
    }

    fn total(&self, column: &str) -> PyResult<u64> {
        let counts = self.0.records().column_by_name(column).and_then(|array| array.as_primitive_opt::<UInt64Type>());
        let counts = counts.ok_or_else(|| PyValueError::new_err(format!("{column:?} is no column of counters")))?;
        Ok(counts.iter().flatten().fold(0, u64::saturating_add))
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer ignore a schema it cannot cast to.
        drop(requested_schema);
        let records = self.0.records().clone();
        let schema = records.schema();
        let stream = FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(records)], schema)));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}

/// Bytes of a buffer whose items are wider than a byte (`array.array`, numpy).
fn column_bytes(column: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let view = column.py().import("builtins")?.getattr("memoryview")?.call1((column,))?;
    view.call_method1("cast", ("B",))?.call_method0("tobytes")?.extract()
}
