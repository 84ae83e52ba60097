//! A file that is searched: its columns by name, and what it tells of their values.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use arrow_array::ArrayRef;
use arrow_select::concat::concat;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection},
    },
    basic::Type,
    bloom_filter::Sbbf,
    file::{
        metadata::{ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
        page_index::offset_index::{OffsetIndexMetaData, PageLocation},
        statistics::Statistics,
    },
};

use super::{
    condition::Condition,
    extent::Extent,
    refusal::{Refusal, damaged},
};
use crate::segment::{file::io_error, reading::stranger};

/// How a file is opened: whoever reads here and there wants the system to read no further by itself.
pub type Open = fn(&Path) -> io::Result<File>;

/// A file.
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub extent: Extent,
    /// What its footer tells.
    pub metadata: Arc<ParquetMetaData>,
    /// The same for the library's reader, once that is needed.
    arrow: OnceLock<ArrowReaderMetadata>,
}

impl Source {
    /// Open a file, and read its footer.
    pub fn open(path: &Path, open: Open) -> io::Result<Self> {
        let extent = Extent::new(open(path)?)?;
        let reader = ParquetMetaDataReader::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = reader.parse_and_finish(&extent).map_err(io_error)?;
        Ok(Self { path: path.to_path_buf(), extent, metadata: Arc::new(metadata), arrow: OnceLock::new() })
    }

    /// Rows of a row group.
    pub fn rows(&self, row_group: usize) -> Result<usize, Refusal> {
        let rows = self.metadata.row_group(row_group).num_rows();
        u32::try_from(rows).map(|rows| rows as usize).map_err(|_| damaged("a row group has more rows than can be"))
    }

    /// Whether a writer of ours wrote it: then a column with a dictionary has nothing beside it.
    pub fn is_ours(&self) -> bool {
        self.metadata.file_metadata().created_by() == Some("tidegauge")
    }

    /// A column of one value a row; `None` where it has lists.
    pub fn chunk(&self, row_group: usize, name: &str) -> io::Result<Option<&ColumnChunkMetaData>> {
        let chunk = self.metadata.row_group(row_group).column(self.leaf(name)?);
        let column = chunk.column_descr();
        let is_flat = column.path().parts().len() == 1 && column.max_rep_level() == 0 && column.max_def_level() <= 1;
        let places = [Some(chunk.data_page_offset()), chunk.dictionary_page_offset(), Some(chunk.compressed_size())];
        if places.into_iter().flatten().any(|place| place < 0) {
            return Err(stranger(name));
        }
        Ok(is_flat.then_some(chunk))
    }

    /// Where the pages of a column are, if the file tells, and as far as it makes sense.
    pub fn pages(&self, row_group: usize, name: &str) -> io::Result<Option<Vec<PageLocation>>> {
        let pages = self.metadata.page_index_for_row_group(row_group);
        let Some(pages) = pages.offset_index(self.leaf(name)?).map(OffsetIndexMetaData::page_locations) else {
            return Ok(None);
        };
        let is_sound = |page: &PageLocation| page.offset >= 0 && page.compressed_page_size >= 0;
        let starts = pages.first().is_some_and(|page| page.first_row_index == 0);
        let is_in_order = pages.is_sorted_by(|one, next| one.first_row_index < next.first_row_index);
        Ok((starts && is_in_order && pages.iter().all(is_sound)).then(|| pages.clone()))
    }

    fn leaf(&self, name: &str) -> io::Result<usize> {
        let schema = self.metadata.file_metadata().schema_descr();
        let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root(leaf).name() == name);
        leaf.ok_or_else(|| stranger(name))
    }

    /// Whether a row group may have a row for which a condition is true, as far as it tells without being read.
    pub fn may_have(&self, row_group: usize, condition: &Condition) -> Result<bool, Refusal> {
        for name in &condition.columns {
            if self.column_may_have(row_group, name, condition)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same of one of its columns.
    pub fn column_may_have(&self, row_group: usize, name: &str, condition: &Condition) -> Result<bool, Refusal> {
        let Some(chunk) = self.chunk(row_group, name)? else { return Ok(true) };
        if is_null(chunk) || bounds(chunk).is_some_and(|(low, high)| !condition.has_between(low, high)) {
            return Ok(false);
        }
        let Some(mut few) = condition.few().filter(|_| is_address(chunk)) else { return Ok(true) };
        let filter = Sbbf::read_from_column_chunk(chunk, &self.extent)?;
        Ok(filter.is_none_or(|filter| few.any(|value| filter.check(&value[..]))))
    }

    fn arrow(&self) -> Result<&ArrowReaderMetadata, Refusal> {
        if let Some(known) = self.arrow.get() {
            return Ok(known);
        }
        let arrow = ArrowReaderMetadata::try_new(self.metadata.clone(), ArrowReaderOptions::default())?;
        Ok(self.arrow.get_or_init(|| arrow))
    }

    /// Have the library read some rows of a column, all if none are named.
    pub fn read(&self, row_group: usize, name: &str, rows: Option<&[u32]>) -> Result<ArrayRef, Refusal> {
        let arrow = self.arrow()?.clone();
        let (place, _) = arrow.schema().column_with_name(name).ok_or_else(|| stranger(name))?;
        let mask = ProjectionMask::roots(arrow.parquet_schema(), [place]);
        let total = self.rows(row_group)?;
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.extent.clone(), arrow)
            .with_projection(mask)
            .with_row_groups(vec![row_group])
            .with_batch_size(rows.map_or(total, <[u32]>::len).max(1));
        if let Some(rows) = rows {
            let runs = rows.chunk_by(|one, next| one + 1 == *next);
            let ranges = runs.map(|run| run[0] as usize..run[run.len() - 1] as usize + 1);
            builder = builder.with_row_selection(RowSelection::from_consecutive_ranges(ranges, total));
        }
        let read = builder.build()?.map(|records| records.map(|records| records.column(0).clone()));
        let arrays = read.collect::<Result<Vec<_>, _>>().map_err(io::Error::other)?;
        let parts: Vec<_> = arrays.iter().map(AsRef::as_ref).collect();
        Ok(concat(&parts).map_err(io::Error::other)?)
    }
}

/// Whether no row has a value.
pub fn is_null(chunk: &ColumnChunkMetaData) -> bool {
    let nulls = chunk.statistics().and_then(Statistics::null_count_opt);
    nulls.is_some_and(|nulls| i64::try_from(nulls).is_ok_and(|nulls| nulls == chunk.num_values()))
}

/// Whether values are of sixteen bytes.
pub fn is_address(chunk: &ColumnChunkMetaData) -> bool {
    let column = chunk.column_descr();
    column.physical_type() == Type::FIXED_LEN_BYTE_ARRAY && column.type_length() == 16
}

/// The least and the greatest address, or values beyond them.
fn bounds(chunk: &ColumnChunkMetaData) -> Option<(u128, u128)> {
    let told = chunk.statistics().filter(|told| is_address(chunk) && !told.is_min_max_deprecated())?;
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u128::from_be_bytes);
    Some((number(told.min_bytes_opt()?)?, number(told.max_bytes_opt()?)?))
}
