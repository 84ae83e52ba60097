//! Values that stay the same for many rows: each once, with the row where its run ends.

/// A run has so many rows on average, or it is no shorter than its rows are.
const ROWS_OF_A_RUN: usize = 8;
/// So many runs may be shorter than that.
const FEW: usize = 64;

/// Values in runs, without a null.
pub struct Runs<T> {
    values: Vec<T>,
    ends: Vec<i32>,
}

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self { values: Vec::new(), ends: Vec::new() }
    }
}

impl<T: Copy + PartialEq> Runs<T> {
    /// Rows so far.
    #[inline]
    pub fn rows(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

    /// Write the same value to `count` more rows; false, and nothing is written, where runs are too short to pay.
    #[inline]
    pub fn extend(&mut self, count: usize, value: T) -> bool {
        if count == 0 {
            return true;
        }
        let Ok(end) = i32::try_from(self.rows() + count) else { return false };
        if self.values.last() == Some(&value) {
            self.ends.pop();
        } else if self.ends.len() * ROWS_OF_A_RUN > end as usize + FEW * ROWS_OF_A_RUN {
            return false;
        } else {
            self.values.push(value);
        }
        self.ends.push(end);
        true
    }

    /// The value of a row.
    pub fn get(&self, row: usize) -> Option<T> {
        let place = self.ends.partition_point(|&end| end as usize <= row);
        self.values.get(place).copied()
    }

    /// Take all values, and where the run of each ends.
    pub fn take(&mut self) -> (Vec<T>, Vec<i32>) {
        let Self { values, ends } = std::mem::take(self);
        (values, ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_follow_themselves_are_one_run() {
        let mut runs = Runs::default();
        assert!(
            [(3, 'a'), (0, 'c'), (2, 'a'), (1, 'b'), (4, 'a')]
                .into_iter()
                .all(|(count, value)| runs.extend(count, value))
        );
        assert_eq!((0..11).filter_map(|row| runs.get(row)).collect::<String>(), "aaaaabaaaa");
        assert_eq!(runs.rows(), 10);
        assert_eq!(runs.take(), (vec!['a', 'b', 'a'], vec![5, 6, 10]));
        assert_eq!((runs.rows(), runs.get(0)), (0, None));
    }

    #[test]
    fn runs_of_few_rows_do_not_pay() {
        let mut runs = Runs::default();
        let taken = (0..1000).take_while(|&value| runs.extend(2, value)).count();
        assert!((FEW..2 * FEW).contains(&taken), "{taken}");
        assert_eq!(runs.rows(), 2 * taken);
    }
}
