//! In which order surveys are shown.

use crate::fieldwork::Fieldwork;

/// The order of surveys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The most pressing verdict, and of those the one that misses most.
    Trouble,
    /// By name.
    Name,
    /// What ends first.
    End,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Trouble, Self::Name, Self::End];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Name => "name",
            Self::End => "end",
        }
    }

    /// The one behind this one, and behind the last the first.
    pub(in crate::report) fn next(self) -> Self {
        match self {
            Self::Trouble => Self::Name,
            Self::Name => Self::End,
            Self::End => Self::Trouble,
        }
    }

    /// Puts surveys into this order.
    pub fn sort(self, rows: &mut [Fieldwork]) {
        match self {
            Self::Trouble => rows.sort_by_key(Fieldwork::trouble),
            Self::Name => rows.sort_by(|a, b| a.address.cmp(&b.address)),
            // What has no end ends last.
            Self::End => rows.sort_by_key(|row| (row.ends.is_none(), row.ends)),
        }
    }
}
