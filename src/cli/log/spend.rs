//! `infield log --by`: what was spent in some time, summed by the value of a tag.

use super::super::project::Opened;
use super::super::ui::{Stop, Ui};
use super::{Format, LogArgs, Names, tell_unread};
use crate::flow::Outcome;
use crate::flow::history::History;
use crate::flow::terminal::plan_style;
use crate::history::{Lives, Period, spent};
use crate::plan::GuardRules;
use crate::report::spend::SpendReport;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::ops::ControlFlow;

/// A month, UTC.
pub(super) fn month(text: &str) -> Result<Period, String> {
    let first = || -> Option<Date> {
        let plain = text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        plain.then(|| format!("{text}-01").parse().ok())?
    };
    let day = |date: Date| -> Option<Timestamp> { Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp()) };
    let period = || {
        let first = first()?;
        let next = first.last_of_month().tomorrow().ok()?;
        Some(Period {
            from: Some(day(first)?),
            until: Some(day(next)?),
        })
    };
    period().ok_or_else(|| "write a month, such as 2026-11".to_owned())
}

/// Adds up what looks saw.
pub(super) async fn run(
    opened: &Opened,
    history: &History<'_>,
    (tag, args): (&str, &LogArgs),
    ui: &Ui,
) -> Result<Outcome, Stop> {
    let known = opened
        .peek()
        .await
        .map(|document| document.known())
        .unwrap_or_default();
    let place = history.place();
    let mut lives = Lives::default();
    let mut unread = place
        .runs(|run| {
            lives.see(&run);
            ControlFlow::Continue(())
        })
        .await;
    let (looks, problems) = place.looks().await;
    unread.extend(problems);
    let period = args.month.unwrap_or_default();
    let mut all = spent(&looks, &known, &lives, &period);
    let names = Names::new(opened, &args.names).await;
    if !all.iter().any(|one| names.mean(&one.address)) {
        names.check(&all.iter().map(|one| one.address.clone()).collect())?;
    }
    all.retain(|one| names.mean(&one.address));
    tell_unread(&unread, ui);
    let report = SpendReport::new(&opened.environment, tag, period, &all, unread);
    match args.format {
        Format::Json => ui.document(&report.to_json())?,
        Format::Text => {
            let style = plan_style(ui, &GuardRules::default(), false);
            ui.long(&report.to_text(style.width, style.verbose))?;
        }
    }
    Ok(Outcome::Done)
}
