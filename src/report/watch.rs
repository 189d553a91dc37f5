//! What `status --watch` shows on a whole terminal, and what keys do to it.
//!
//! Promises: pure; the time is given, the terminal and its colours are left to `cli`. What could not be read keeps its
//! last figures and says since when they stand; nothing else is ever older than the top of the screen says. Colours say
//! nothing that words do not.

mod draw;

pub use draw::{Line, Look, Span};

use super::status::{Order, StatusReport};
use crate::fieldwork::{Fieldwork, Verdict};
use crate::model::Address;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// A key, or what asks for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A screen up.
    PageUp,
    /// A screen down.
    PageDown,
    /// To the first.
    Home,
    /// To the last.
    End,
    /// Opens what is chosen.
    Enter,
    /// Back.
    Escape,
    /// Takes back what was typed last.
    Backspace,
    /// A letter.
    Char(char),
    /// Ends it, whatever is being typed.
    Leave,
}

/// What a key asks of whoever runs the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Only to be drawn again.
    Nothing,
    /// To read now.
    Read,
    /// To end.
    Leave,
}

/// How reading stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reading {
    /// Waits for its time.
    Waits,
    /// Under way.
    Runs,
}

/// Everything that is on the screen. Times are those of a clock that only goes on, since any start.
#[derive(Debug, Clone)]
pub struct Board {
    /// The last look that worked.
    report: StatusReport,
    /// When that was.
    read: Duration,
    /// When the last look ended, whether it worked or not.
    tried: Duration,
    /// Between two looks.
    every: Duration,
    reading: Reading,
    /// Since when looks fail, and what the last one said.
    failing: Option<(Duration, String)>,
    /// What was last read of surveys that could not be read in the last look, and when that was.
    kept: BTreeMap<Address, (Timestamp, Fieldwork)>,
    /// What was said meanwhile, the last of it.
    said: Option<String>,
    order: Order,
    trouble_only: bool,
    filter: String,
    /// Whether letters go to the filter.
    typing: bool,
    /// Which of those shown is chosen.
    cursor: usize,
    /// How far the details of what is chosen are scrolled; `None` where the list is shown.
    open: Option<usize>,
    /// Lines of a screen, as it was drawn last.
    page: usize,
}

impl Board {
    /// The first look that worked, at this time.
    pub fn new(report: StatusReport, order: Order, every: Duration, now: Duration) -> Self {
        let mut board = Self {
            report,
            read: now,
            tried: now,
            every,
            reading: Reading::Waits,
            failing: None,
            kept: BTreeMap::new(),
            said: None,
            order,
            trouble_only: false,
            filter: String::new(),
            typing: false,
            cursor: 0,
            open: None,
            page: 1,
        };
        board.order.sort(&mut board.report.surveys);
        board
    }

    /// A look that worked.
    pub fn saw(&mut self, report: StatusReport, now: Duration) {
        let chosen = self.chosen().map(|row| row.address.clone());
        let before = std::mem::replace(&mut self.report, report);
        let mut kept = std::mem::take(&mut self.kept);
        for row in before.surveys {
            if row.verdict != Verdict::Unread {
                kept.insert(row.address.clone(), (before.as_of, row));
            }
        }
        let unread = |row: &&Fieldwork| row.verdict == Verdict::Unread;
        let unread = self.report.surveys.iter().filter(unread);
        self.kept = unread.filter_map(|row| kept.remove_entry(&row.address)).collect();
        (self.read, self.tried, self.reading) = (now, now, Reading::Waits);
        (self.failing, self.said) = (None, None);
        self.order.sort(&mut self.report.surveys);
        self.follow(chosen.filter(|_| !self.is_on_top()));
    }

    /// A look that failed: what was seen before stays.
    pub fn failed(&mut self, why: String, now: Duration) {
        let since = self.failing.as_ref().map_or(now, |(since, _)| *since);
        self.failing = Some((since, why));
        (self.tried, self.reading) = (now, Reading::Waits);
    }

    /// Something that was said while this stands on the screen.
    pub fn said(&mut self, text: String) {
        self.said = Some(text);
    }

    /// A look begins.
    pub fn reads(&mut self) {
        self.reading = Reading::Runs;
    }

    /// Whether it is time for the next look.
    pub fn is_due(&self, now: Duration) -> bool {
        self.reading == Reading::Waits && now >= self.tried + self.every
    }

    /// What a key does.
    pub fn press(&mut self, key: Key) -> Wish {
        if key == Key::Leave {
            return Wish::Leave;
        }
        if self.typing {
            self.types(key);
            return Wish::Nothing;
        }
        match key {
            Key::Char('q') => return Wish::Leave,
            Key::Char('r') if self.reading == Reading::Waits => return Wish::Read,
            Key::Char('o') => self.keeping(|board| board.trouble_only = !board.trouble_only),
            Key::Char('s') => {
                let chosen = self.chosen().map(|row| row.address.clone());
                self.order = self.order.next();
                self.order.sort(&mut self.report.surveys);
                self.follow(chosen.filter(|_| !self.is_on_top()));
            }
            Key::Char('/') => (self.typing, self.open) = (true, None),
            Key::Enter | Key::Char('l') if self.open.is_none() && self.chosen().is_some() => {
                self.open = Some(0);
            }
            Key::Enter | Key::Escape | Key::Backspace | Key::Char('h') if self.open.is_some() => {
                self.open = None;
            }
            Key::Escape => self.keeping(|board| board.filter.clear()),
            key => self.moves(key),
        }
        Wish::Nothing
    }

    /// A key while a filter is typed.
    fn types(&mut self, key: Key) {
        match key {
            Key::Char(letter) => self.keeping(|board| board.filter.push(letter)),
            Key::Backspace => self.keeping(|board| {
                board.filter.pop();
            }),
            Key::Enter => self.typing = false,
            Key::Escape => {
                self.typing = false;
                self.keeping(|board| board.filter.clear());
            }
            Key::Up | Key::Down | Key::PageUp | Key::PageDown | Key::Home | Key::End => self.moves(key),
            Key::Leave => {}
        }
    }

    /// Moves the choice, or the details where those are shown.
    fn moves(&mut self, key: Key) {
        let last = self.shown().len().saturating_sub(1);
        // The end of the details is known when they are drawn.
        let (place, last) = match &mut self.open {
            Some(scroll) => (scroll, usize::MAX),
            None => (&mut self.cursor, last),
        };
        let page = self.page.max(1);
        *place = match key {
            Key::Up | Key::Char('k') => place.saturating_sub(1),
            Key::Down | Key::Char('j') => place.saturating_add(1),
            Key::PageUp => place.saturating_sub(page),
            Key::PageDown | Key::Char(' ') => place.saturating_add(page),
            Key::Home | Key::Char('g') => 0,
            Key::End | Key::Char('G') => last,
            _ => *place,
        }
        .min(last);
    }

    /// Changes what is shown, and chooses what was chosen.
    fn keeping(&mut self, change: impl FnOnce(&mut Self)) {
        let chosen = self.chosen().map(|row| row.address.clone());
        change(self);
        self.follow(chosen);
    }

    /// Whether the first of the list is chosen, which whoever is first after a change is, too.
    fn is_on_top(&self) -> bool {
        self.cursor == 0 && self.open.is_none()
    }

    /// Chooses this one again, where it is still shown.
    fn follow(&mut self, chosen: Option<Address>) {
        let shown = self.shown();
        let last = shown.len().saturating_sub(1);
        let found = chosen.and_then(|chosen| shown.iter().position(|row| row.address == chosen));
        self.cursor = found.unwrap_or(self.cursor.min(last));
        // The details of another one would be taken for those of what was opened.
        if found.is_none() {
            self.open = None;
        }
    }

    /// The surveys that are shown, in their order.
    fn shown(&self) -> Vec<&Fieldwork> {
        let wanted = self.filter.to_lowercase();
        let matches = |row: &&Fieldwork| {
            let words = format!("{} {} {}", row.address, row.verdict, row.vendor.name());
            (!self.trouble_only || row.needs_a_look()) && words.to_lowercase().contains(&wanted)
        };
        self.report.surveys.iter().filter(matches).collect()
    }

    fn chosen(&self) -> Option<&Fieldwork> {
        self.shown().get(self.cursor).copied()
    }
}

#[cfg(test)]
mod tests;
