//! Times in field: from texts, and the zone they are in, to moments.
//!
//! Promises: a text names one moment or is reported; which of two is meant, nobody guesses.

use super::windows;
use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::expand::scope::Scope;
use crate::model::FieldName;
use crate::model::fields::Row;
use crate::model::hours;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, Zoned, civil};
use serde_json::Value;

/// Where a manifest says whose clock its times are on.
const TIMEZONE: &str = "/field/timezone";

/// The clock of a manifest's times, where it says whose. One that is not there is reported, and nothing is said of its times.
pub(super) fn clock(scope: &mut Scope<'_>, document: &Value) -> Option<TimeZone> {
    let name = document.pointer(TIMEZONE)?.as_str()?;
    let zone = windows::zone(scope, name, TIMEZONE);
    Some(zone.map_or(TimeZone::UTC, |(_, zone)| zone))
}

/// A time to the millisecond, which is what the vendors keep. `zone` is that of times which say none.
pub(super) fn read(scope: &mut Scope<'_>, row: &Row, text: &str, zone: Option<&TimeZone>) -> Option<Value> {
    // With a place in brackets, the time there has to have the offset that is written.
    let read = match text.contains('[') {
        true => text.parse::<Zoned>().map(|time| time.timestamp()),
        false => text.parse::<Timestamp>(),
    };
    if let Ok(time) = read {
        return in_millis(time);
    }
    if text.parse::<Timestamp>().is_ok() {
        scope
            .error(code::SURVEY_FIELD)
            .says(format!(
                "`{}` names a place that has another time then",
                short(text)
            ))
            .value(row.path, "offset and place contradict each other")
            .help("keep the offset or the place, whichever is meant");
        return None;
    }
    let local = text.trim().parse::<civil::DateTime>().ok();
    if let (Some(local), Some(zone)) = (local, zone) {
        return on_its_clock(scope, row, text, (local, zone));
    }
    scope
        .error(code::SURVEY_FIELD)
        .says(format!("`{}` is not a time", short(text)))
        .value(row.path, "not a time with its zone")
        .help(in_utc(text.trim(), local));
    None
}

fn in_millis(time: Timestamp) -> Option<Value> {
    let whole = Timestamp::from_millisecond(time.as_millisecond()).ok()?;
    Some(Value::from(whole.to_string()))
}

/// A time on the clock of a zone; of a day alone its beginning, or its end where something ends.
fn on_its_clock(
    scope: &mut Scope<'_>,
    row: &Row,
    text: &str,
    (local, zone): (civil::DateTime, &TimeZone),
) -> Option<Value> {
    if is_day(text.trim()) {
        let day = match row.name {
            FieldName::End => local.date().tomorrow().ok()?,
            _ => local.date(),
        };
        return in_millis(day.to_zoned(zone.clone()).ok()?.timestamp());
    }
    let moment = zone.to_ambiguous_timestamp(local);
    if !moment.is_ambiguous() {
        return in_millis(moment.compatible().ok()?);
    }
    let place = zone.iana_name().map_or_else(String::new, hours::place);
    let around = [moment.earlier().ok()?, moment.later().ok()?];
    let around = around.map(|time| {
        time.to_zoned(zone.clone())
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    });
    scope
        .error(code::SURVEY_FIELD)
        .says(match moment.offset() {
            AmbiguousOffset::Fold { .. } => {
                format!(
                    "`{}` comes twice in {place}: clocks are put back that night",
                    short(text)
                )
            }
            _ => format!(
                "`{}` does not come in {place}: clocks are put forward that night",
                short(text)
            ),
        })
        .value(row.path, "which moment is meant?")
        .help(format!("write `{}` or `{}`", around[0], around[1]));
    None
}

/// Whether a text is a day without a time.
fn is_day(text: &str) -> bool {
    text.len() <= 10
}

/// What to write for a time without its zone, or for a day alone: which hour of it is meant, nobody else knows.
fn in_utc(text: &str, local: Option<civil::DateTime>) -> String {
    let beside = "or say beside it whose clock it is: `timezone: Europe/Berlin`";
    match local {
        Some(time) if is_day(text) => format!(
            "name the hour too, in UTC: `{}T09:00:00Z` or another one, {beside}",
            time.date()
        ),
        Some(time) => format!("write `{time}Z`, if that is UTC, {beside}"),
        None => "write date, time and `Z` for UTC, such as `2026-12-01T09:00:00Z`".to_owned(),
    }
}
