//! Translations, found by the ends of either direction and by time.

use std::{
    collections::{HashMap, VecDeque},
    mem,
};

use super::super::seeded_hash::SeededHash;
use crate::{conntrack::Tuple, time::Instant};

/// One connection's translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The kernel's number for the connection.
    pub id: u32,
    /// What its packets carry before translation, from who began it.
    pub original: Tuple,
    /// The same from who answers.
    pub reply: Tuple,
    /// When it began.
    pub since: Instant,
    /// When it ended.
    pub until: Option<Instant>,
}

impl Translation {
    /// The direction that these ends are not of.
    pub fn other(&self, ends: &Tuple) -> Tuple {
        if self.original == *ends { self.reply } else { self.original }
    }
}

struct Entry {
    translation: Translation,
    /// The one before it with the same ends, by direction.
    older: [Option<u32>; 2],
    /// Number of the list that it was last seen in, or began before.
    list: u32,
    /// Its end may never be told.
    is_silent: bool,
}

/// The translations in force and those that ended lately.
pub struct Table {
    maximum: usize,
    newest: HashMap<Tuple, u32, SeededHash>,
    entries: Vec<Option<Entry>>,
    unused: Vec<u32>,
    /// Entries that ended, by when we learnt it.
    ended: VecDeque<u32>,
    silent: usize,
    list: u32,
    list_began: Instant,
    listed_at: Option<Instant>,
}

impl Table {
    /// Room for so many.
    pub fn new(maximum: usize) -> Self {
        Self {
            maximum: maximum.clamp(1, u32::MAX as usize),
            newest: HashMap::default(),
            entries: Vec::new(),
            unused: Vec::new(),
            ended: VecDeque::new(),
            silent: 0,
            list: 0,
            list_began: 0,
            listed_at: None,
        }
    }

    /// Translations in force.
    pub fn open(&self) -> usize {
        self.entries.len() - self.unused.len() - self.ended.len()
    }

    /// Whether one is in force whose end may never be told.
    pub fn has_silent(&self) -> bool {
        self.silent > 0
    }

    /// When the last list ended.
    pub fn listed_at(&self) -> Option<Instant> {
        self.listed_at
    }

    /// The newest translation of these ends that is suitable.
    pub fn find(&self, ends: &Tuple, is_suitable: impl Fn(&Translation) -> bool) -> Option<&Translation> {
        self.chain(ends).map(|number| &self.entry(number).translation).find(|found| is_suitable(found))
    }

    /// Take in one that began. One in force with the same ends is over then. False when there is no room.
    pub fn insert(&mut self, translation: Translation, is_silent: bool) -> bool {
        for ends in keys(&translation) {
            if let Some(&number) = self.newest.get(&ends) {
                self.end_entry(number, translation.since);
            }
        }
        if self.entries.len() - self.unused.len() >= self.maximum && !self.forget_one() {
            return false;
        }
        let number = self.unused.pop().unwrap_or_else(|| {
            self.entries.push(None);
            (self.entries.len() - 1) as u32
        });
        let mut older = [None; 2];
        for (ends, older) in keys(&translation).zip(&mut older) {
            *older = self.newest.insert(ends, number);
        }
        self.silent += usize::from(is_silent);
        self.entries[number as usize] = Some(Entry { translation, older, list: self.list, is_silent });
        true
    }

    /// Note an end; false when it was known already.
    ///
    /// One that we never knew (no room, or lost) is over too, so that is true.
    pub fn end(&mut self, id: u32, original: &Tuple, until: Instant) -> bool {
        self.newest_of(id, original).is_none_or(|number| self.end_entry(number, until))
    }

    /// Whether a connection that is said to begin is in force already: a list was faster. Its end will be told.
    pub fn mark_begun(&mut self, id: u32, original: &Tuple) -> bool {
        let is_open = |number: &u32| self.entry(*number).translation.until.is_none();
        let Some(number) = self.newest_of(id, original).filter(is_open) else { return false };
        let was_silent = mem::replace(&mut self.entry_mut(number).is_silent, false);
        self.silent -= usize::from(was_silent);
        true
    }

    /// A list begins.
    pub fn begin_list(&mut self, now: Instant) {
        self.list += 1;
        self.list_began = now;
    }

    /// Whether a connection that is said to be there is known; noted if so. The list that is being read may still hold
    /// one that has ended since it began.
    pub fn mark_there(&mut self, id: u32, original: &Tuple) -> bool {
        let Some(number) = self.newest_of(id, original) else { return false };
        let (list, list_began) = (self.list, self.list_began);
        let entry = self.entry_mut(number);
        entry.list = list;
        entry.translation.until.is_none_or(|until| until >= list_began)
    }

    /// End what the list should have held, and tell what that was.
    pub fn end_list(&mut self, now: Instant) -> Vec<Translation> {
        self.listed_at = Some(now);
        let missing: Vec<u32> = (0..self.entries.len() as u32)
            .filter(|&number| {
                let entry = self.entries[number as usize].as_ref();
                entry.is_some_and(|entry| entry.list != self.list && entry.translation.until.is_none())
            })
            .collect();
        let ended = missing.iter().map(|&number| self.entry(number).translation).collect();
        for number in missing {
            self.end_entry(number, now);
        }
        ended
    }

    /// Forget those that ended before a moment.
    pub fn forget_ended_before(&mut self, moment: Instant) {
        while let Some(&number) = self.ended.front() {
            if self.entry(number).translation.until.is_some_and(|until| until >= moment) {
                return;
            }
            self.forget_one();
        }
    }

    fn newest_of(&self, id: u32, original: &Tuple) -> Option<u32> {
        self.chain(original).find(|&number| self.entry(number).translation.id == id)
    }

    /// Numbers of the entries with these ends, newest first.
    fn chain(&self, ends: &Tuple) -> impl Iterator<Item = u32> {
        std::iter::successors(self.newest.get(ends).copied(), |&number| {
            let entry = self.entry(number);
            entry.older[usize::from(entry.translation.original != *ends)]
        })
    }

    fn end_entry(&mut self, number: u32, until: Instant) -> bool {
        let entry = self.entry_mut(number);
        if entry.translation.until.is_some() {
            return false;
        }
        entry.translation.until = Some(until);
        let was_silent = mem::replace(&mut entry.is_silent, false);
        self.silent -= usize::from(was_silent);
        self.ended.push_back(number);
        true
    }

    /// Forget the one that ended first; false when all are in force.
    fn forget_one(&mut self) -> bool {
        let Some(number) = self.ended.pop_front() else { return false };
        let Some(entry) = self.entries[number as usize].take() else { return false };
        for (ends, older) in keys(&entry.translation).zip(entry.older) {
            self.unlink(&ends, number, older);
        }
        self.unused.push(number);
        true
    }

    /// Take an entry, which is no longer there, out of the chain of its ends.
    fn unlink(&mut self, ends: &Tuple, number: u32, older: Option<u32>) {
        if self.newest.get(ends) == Some(&number) {
            match older {
                Some(older) => self.newest.insert(*ends, older),
                None => self.newest.remove(ends),
            };
            return;
        }
        let Some(mut at) = self.newest.get(ends).copied() else { return };
        loop {
            let entry = self.entry_mut(at);
            let link = &mut entry.older[usize::from(entry.translation.original != *ends)];
            match *link {
                Some(next) if next == number => return *link = older,
                Some(next) => at = next,
                None => return,
            }
        }
    }

    fn entry(&self, number: u32) -> &Entry {
        self.entries[number as usize].as_ref().expect("numbers are of entries in use")
    }

    fn entry_mut(&mut self, number: u32) -> &mut Entry {
        self.entries[number as usize].as_mut().expect("numbers are of entries in use")
    }
}

/// The ends a translation is found by: those of each direction before translation, and so, inverted, after it.
///
/// Without ports, all who talk to one server have the same reply: only the original says who.
fn keys(translation: &Translation) -> impl Iterator<Item = Tuple> + use<> {
    let Translation { original, reply, .. } = *translation;
    let is_telling = original.has_ports() && reply != original;
    [Some(original), is_telling.then_some(reply)].into_iter().flatten()
}
