//! What a search finds, batch by batch, while threads search on.

use std::{
    collections::VecDeque,
    io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};

use super::{
    Search,
    refusal::Refusal,
    row_group::RowGroup,
    source::{Open, Source},
};

type Batches = Result<RecordBatch, ArrowError>;

/// The rows that a search finds, in no order. Nothing is read until the first is asked for.
pub struct Found {
    schema: SchemaRef,
    begin: Option<(Search, Open, usize)>,
    batches: Option<Receiver<Batches>>,
    threads: Vec<JoinHandle<()>>,
}

impl Found {
    /// Search with so many threads; `open` opens files.
    pub fn new(search: Search, open: Open, threads: usize) -> Self {
        Self { schema: search.schema.clone(), begin: Some((search, open, threads)), batches: None, threads: Vec::new() }
    }

    fn begin(&mut self, search: Search, open: Open, threads: usize) {
        let threads = threads.max(1);
        let (sender, batches) = sync_channel(threads);
        let paths = search.paths.iter().cloned().collect();
        let work = Arc::new(Work { search, open, left: Mutex::new(Left { paths, row_groups: None }) });
        for _ in 0..threads {
            let (work, batches) = (work.clone(), sender.clone());
            match thread::Builder::new().spawn(move || work.run(&batches)) {
                Ok(thread) => self.threads.push(thread),
                // Those that run do the work of all.
                Err(error) if self.threads.is_empty() => {
                    let _ = sender.try_send(Err(ArrowError::ExternalError(error.into())));
                }
                Err(_) => break,
            }
        }
        self.batches = Some(batches);
    }
}

impl Iterator for Found {
    type Item = Batches;

    fn next(&mut self) -> Option<Batches> {
        if let Some((search, open, threads)) = self.begin.take() {
            self.begin(search, open, threads);
        }
        let found = self.batches.as_ref()?.recv().ok();
        if !matches!(found, Some(Ok(_))) {
            self.batches = None;
        }
        found
    }
}

impl RecordBatchReader for Found {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        // Threads end at the next batch that nobody takes.
        self.batches = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// What threads have in common.
struct Work {
    search: Search,
    open: Open,
    left: Mutex<Left>,
}

/// What no thread has taken yet.
struct Left {
    paths: VecDeque<PathBuf>,
    /// Of the file that was opened last.
    row_groups: Option<(Arc<Source>, usize)>,
}

impl Work {
    fn run(&self, sender: &SyncSender<Batches>) {
        loop {
            let found = match self.take() {
                Ok(None) => return,
                Ok(Some((source, row_group))) => self.search(&source, row_group),
                Err(error) => Err(error),
            };
            let batches = match found {
                Ok(batches) => batches.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            };
            for batch in batches {
                let is_over = batch.is_err();
                if sender.send(batch).is_err() || is_over {
                    return;
                }
            }
        }
    }

    /// The next row group.
    fn take(&self) -> Result<Option<(Arc<Source>, usize)>, ArrowError> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some((source, next)) = &mut left.row_groups
                && *next < source.metadata.num_row_groups()
            {
                *next += 1;
                return Ok(Some((source.clone(), *next - 1)));
            }
            let Some(path) = left.paths.pop_front() else { return Ok(None) };
            let source = Source::open(&path, self.open).map_err(|error| failure(&path, &error))?;
            left.row_groups = Some((Arc::new(source), 0));
        }
    }

    fn search(&self, source: &Source, row_group: usize) -> Result<Vec<RecordBatch>, ArrowError> {
        let search = || RowGroup::new(source, row_group)?.search(&self.search);
        // The library takes some of what files say of themselves on trust.
        let found = panic::catch_unwind(AssertUnwindSafe(search));
        let found = found.unwrap_or_else(|_| Err(io::Error::other("its pages are damaged").into()));
        found.map_err(|refusal| match refusal {
            Refusal::Failed(error) => failure(&source.path, &error),
            Refusal::Unfamiliar => failure(&source.path, &io::Error::other("its form is not known")),
        })
    }
}

fn failure(path: &Path, error: &io::Error) -> ArrowError {
    ArrowError::IoError(format!("{}: {error}", path.display()), io::Error::new(error.kind(), error.to_string()))
}
