//! A pace: so many completes a day at most, and the day that it is about.

use super::hours::place;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// So many completes a day, and no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// Completes that a day may add.
    pub completes_per_day: u64,
    /// Whose days, by its name in the time zone database.
    pub timezone: String,
}

/// A day in field, with what there was at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Day {
    /// The date, in the zone of the pace.
    #[schemars(with = "String")]
    pub date: Date,
    /// Completes when it was looked at first on that day.
    pub start: u64,
}

impl Pace {
    /// The most completes that a day leads to.
    pub fn until(&self, day: Day) -> u64 {
        day.start.saturating_add(self.completes_per_day)
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} completes a day {}",
            self.completes_per_day,
            place(&self.timezone)
        )
    }
}
