//! Hours of the week in which something may be in field.
//!
//! Promises: pure; the zones are those that are built into the program, so that every machine finds the same hours. A
//! time of day that a change of the clock skips or repeats is what `jiff` makes of it by default: one that is skipped is as
//! much later as the clock was put forward, and one that comes twice is the first. Hours that end before they begin because
//! of that are none on that day.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// The zones that are built into the program.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Days as they are written.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// How far ahead hours are looked for, days: two weeks, and a day of slack for changes of the clock.
const AHEAD: i64 = 15;

/// The longest time over which hours are counted.
const LONG: SignedDuration = SignedDuration::from_hours(24 * 730);

/// When something may be in field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hours {
    /// Whose clock it is, by its name in the time zone database.
    pub timezone: String,
    /// The hours, in the order of the week.
    pub open: Vec<Opening>,
}

/// Hours of one day, or the same hours of several days: `mon-fri 08:00-22:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Opening {
    /// The first day; Monday is 0.
    first: u8,
    /// The last day; before the first one where the days go over a Sunday.
    last: u8,
    /// Minutes of the day from which.
    from: u16,
    /// Minutes of the day until which.
    to: u16,
}

/// Why a text says no hours, and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoOpening {
    /// What is wrong, as the rest of a sentence that begins with the text.
    pub why: String,
    /// What to do.
    pub help: String,
}

impl Opening {
    /// Reads `mon-fri 08:00-22:00`, `sat 10:00-18:00` or `daily 08:00-24:00`.
    ///
    /// # Errors
    /// When it is something else, or ends before it begins.
    pub fn read(text: &str) -> Result<Self, NoOpening> {
        let no = |why: &str, help: String| NoOpening {
            why: why.to_owned(),
            help,
        };
        let form = || {
            let help = "write days and hours, such as `mon-fri 08:00-22:00`";
            no("says no hours", help.to_owned())
        };
        let (days, hours) = text.split_once(' ').ok_or_else(form)?;
        let day = |name: &str| {
            let place = DAYS.iter().position(|day| *day == name);
            let place = place.and_then(|place| u8::try_from(place).ok());
            place.ok_or_else(|| {
                let days = DAYS.join(", ");
                no("names no day", format!("days are {days}, and daily"))
            })
        };
        let (first, last) = match (days, days.split_once('-')) {
            ("daily", _) => (0, 6),
            (_, Some((first, last))) => (day(first)?, day(last)?),
            (one, None) => (day(one)?, day(one)?),
        };
        let (from, to) = hours.trim_start().split_once('-').ok_or_else(form)?;
        let (from, to) = (minutes(from).ok_or_else(form)?, minutes(to).ok_or_else(form)?);
        let opening = Self {
            first,
            last,
            from,
            to,
        };
        if from == to || from >= DAY {
            return Err(no("is no time at all", "write a later end".to_owned()));
        }
        if from > to {
            let before = Self { to: DAY, ..opening };
            let days: Vec<usize> = opening.days().collect();
            let next = |at: Option<&usize>| at.map_or(0, |day| (day + 1) % 7);
            let narrow = |day: usize| u8::try_from(day).unwrap_or_default();
            let after = Self {
                first: narrow(next(days.first())),
                last: narrow(next(days.last())),
                from: 0,
                to,
            };
            let help = match to {
                0 => format!("write `{before}`"),
                _ => format!("hours over midnight are of two days: write `{before}`, and `{after}`"),
            };
            return Err(no("ends before it begins", help));
        }
        Ok(opening)
    }

    /// Its days; Monday is 0.
    fn days(self) -> impl Iterator<Item = usize> {
        let (first, last) = (usize::from(self.first), usize::from(self.last));
        let count = (last + 7 - first) % 7;
        (0..=count).map(move |more| (first + more) % 7)
    }

    fn is_of(self, day: usize) -> bool {
        self.days().any(|own| own == day)
    }

    /// Whether some minute is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to && self.days().any(|day| other.is_of(day))
    }
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| plain)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= DAY).then_some(all)
}

impl TryFrom<String> for Opening {
    type Error = NoOpening;

    fn try_from(text: String) -> Result<Self, NoOpening> {
        Self::read(&text)
    }
}

impl From<Opening> for String {
    fn from(opening: Opening) -> Self {
        opening.to_string()
    }
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |at: u8| DAYS[usize::from(at) % 7];
        match (self.first, self.last) {
            (0, 6) => f.write_str("daily")?,
            (one, other) if one == other => f.write_str(day(one))?,
            (one, other) => write!(f, "{}-{}", day(one), day(other))?,
        }
        let (from, to) = (self.from, self.to);
        write!(
            f,
            " {:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

/// The zone of a name, with the name as the time zone database writes it. Names without a region are no zones here, but for
/// `UTC`: `EST` would be five hours behind in summer, too.
pub fn zone(name: &str) -> Option<(String, TimeZone)> {
    let zone = ZONES.get(name).ok()?;
    let name = zone.iana_name()?.to_owned();
    (name.contains('/') || name == "UTC").then_some((name, zone))
}

/// All names of zones.
pub fn zones() -> Vec<String> {
    let all = ZONES.available().map(|name| name.to_string());
    all.filter(|name| zone(name).is_some()).collect()
}

/// A zone as people say it: `New York`.
pub fn place(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.replace('_', " ")
}

/// The date in a zone; `None` where the zone is not known.
pub fn date(timezone: &str, at: Timestamp) -> Option<Date> {
    Some(at.to_zoned(zone(timezone)?.1).date())
}

impl Hours {
    /// Hours in the order of the week.
    pub fn new(timezone: String, mut open: Vec<Opening>) -> Self {
        open.sort();
        Self { timezone, open }
    }

    /// Whether something may be in field now. Where the zone is not known any more, it may not.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.around(now)
            .is_some_and(|times| times.iter().any(|(from, to)| *from <= now && now < *to))
    }

    /// When something may go in field next; nothing where it may by now, or will not within two weeks.
    pub fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        let times = self.around(now)?;
        let first = times.into_iter().find(|(_, to)| now < *to)?;
        Some(first.0).filter(|from| *from > now)
    }

    /// How long something could be in field between two times, which are two years apart at most.
    pub fn open_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let to = from.checked_add(LONG).map_or(to, |last| last.min(to));
        let times = self.times(from, to).unwrap_or_default();
        let inside = times.into_iter().map(|(opened, closed)| {
            let inside = closed.min(to).duration_since(opened.max(from));
            inside.max(SignedDuration::ZERO)
        });
        inside.fold(SignedDuration::ZERO, SignedDuration::saturating_add)
    }

    /// The time as its clock shows it: `Mon 08:00 New York`.
    pub fn told(&self, at: Timestamp) -> String {
        let zone = zone(&self.timezone).map_or(TimeZone::UTC, |(_, zone)| zone);
        let at = at.to_zoned(zone).strftime("%a %H:%M").to_string();
        format!("{at} {}", place(&self.timezone))
    }

    /// The longest time of a week between hours, minutes; changes of the clock are not counted.
    pub fn longest_closed(&self) -> u32 {
        const WEEK: u32 = 7 * 24 * 60;
        let mut open: Vec<(u32, u32)> = Vec::new();
        for one in &self.open {
            for day in one.days() {
                let start = u32::try_from(day).unwrap_or_default() * u32::from(DAY);
                open.push((start + u32::from(one.from), start + u32::from(one.to)));
            }
        }
        open.sort_unstable();
        let Some(first) = open.first().copied() else {
            return WEEK;
        };
        let mut longest = 0;
        let mut until = 0;
        for (from, to) in &open {
            if until > 0 {
                longest = longest.max(from.saturating_sub(until));
            }
            until = until.max(*to);
        }
        longest.max(first.0 + WEEK - until.min(first.0 + WEEK))
    }

    /// The hours around a time.
    fn around(&self, now: Timestamp) -> Option<Vec<(Timestamp, Timestamp)>> {
        let last = now.checked_add(SignedDuration::from_hours(24 * AHEAD)).ok()?;
        self.times(now, last)
    }

    /// All hours between two times and those that go beyond them, in order; those that touch are one.
    fn times(&self, from: Timestamp, to: Timestamp) -> Option<Vec<(Timestamp, Timestamp)>> {
        let (_, zone) = zone(&self.timezone)?;
        let mut times: Vec<(Timestamp, Timestamp)> = Vec::new();
        let last = to.to_zoned(zone.clone()).date();
        let mut date = from.to_zoned(zone.clone()).date().checked_sub(1.day()).ok()?;
        while date <= last {
            let day = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
            for one in self.open.iter().filter(|one| one.is_of(day)) {
                let (opens, closes) = (at(date, one.from, &zone)?, at(date, one.to, &zone)?);
                if opens < closes {
                    times.push((opens, closes));
                }
            }
            date = date.tomorrow().ok()?;
        }
        times.sort_unstable();
        let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (opens, closes) in times {
            match joined.last_mut().filter(|(_, until)| opens <= *until) {
                Some((_, until)) => *until = (*until).max(closes),
                None => joined.push((opens, closes)),
            }
        }
        Some(joined)
    }
}

/// When a clock shows so many minutes of a day.
fn at(date: Date, minutes: u16, zone: &TimeZone) -> Option<Timestamp> {
    let (date, minutes) = match minutes {
        DAY => (date.tomorrow().ok()?, 0),
        minutes => (date, minutes),
    };
    let (hour, minute) = (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
    let shown = date.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(shown.timestamp())
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open: Vec<String> = self.open.iter().map(Opening::to_string).collect();
        write!(f, "{} {}", open.join(", "), place(&self.timezone))
    }
}

#[cfg(test)]
mod tests;
