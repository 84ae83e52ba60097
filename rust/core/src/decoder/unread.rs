//! Records whose template has not come: how many the numbers say there are.
//!
//! While data waits, no gap can be seen beside it. Once all of it was read, what the numbers moved and nothing was
//! read for is lost.

/// What waits of one session.
#[derive(Debug, Default)]
pub struct Unread {
    sets: u32,
    /// What the numbers moved, less what was read since.
    records: i64,
    /// Whether some of it will never be read.
    is_spoilt: bool,
}

impl Unread {
    /// A data set waits.
    pub fn set_aside(&mut self) {
        self.sets += 1;
    }

    /// A data set waits no longer: it was read, with so many records, or given up.
    pub fn found(&mut self, records: Option<u32>) {
        self.sets = self.sets.saturating_sub(1);
        self.records -= i64::from(records.unwrap_or(0));
        self.is_spoilt |= records.is_none();
    }

    /// The numbers moved for what waits.
    pub fn advance(&mut self, records: i64) {
        self.records += records;
    }

    /// What the numbers moved tells nothing of what waits now.
    pub fn forget(&mut self) {
        self.is_spoilt = self.sets > 0;
        self.records = 0;
    }

    /// Once nothing waits: how many records never came.
    pub fn settle(&mut self) -> i64 {
        if self.sets > 0 {
            return 0;
        }
        let all = std::mem::take(self);
        if all.is_spoilt { 0 } else { all.records.max(0) }
    }
}
