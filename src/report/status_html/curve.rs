//! The curve of completes over the time in field: what came, what is forecast with its range, and an even pace.

use crate::fieldwork::Fieldwork;
use crate::report::status::short;
use jiff::Timestamp;
use maud::{Markup, html};
use std::fmt::Write as _;

/// The picture is so wide and so high.
const WIDTH: i64 = 1000;
const HEIGHT: u64 = 200;

/// Most points of a curve: more are not seen.
const POINTS: usize = 80;

/// The curve with a sentence that says the same; `None` where it is not known when it started, when it ends, or how many
/// there are.
pub(super) fn of(row: &Fieldwork) -> Option<Markup> {
    let (completes, goal) = (row.completes?, row.goal.filter(|goal| *goal > 0)?);
    let (start, end, (now, _)) = (row.started?, row.ends?, row.curve.last()?);
    if end <= start {
        return None;
    }
    // The goal is the top, unless there is more than that.
    let top = goal.max(completes);
    let x = |at: Timestamp| {
        let (passed, whole) = (
            at.duration_since(start).as_secs(),
            end.duration_since(start).as_secs().max(1),
        );
        (passed.saturating_mul(WIDTH) / whole).clamp(0, WIDTH)
    };
    let y = |count: u64| {
        let up = u128::from(count.min(top)) * u128::from(HEIGHT) / u128::from(top);
        HEIGHT - u64::try_from(up).unwrap_or(HEIGHT)
    };
    let every = row.curve.len().div_ceil(POINTS).max(1);
    let last = row.curve.len() - 1;
    let shown = row
        .curve
        .iter()
        .enumerate()
        .filter(|(index, _)| index.is_multiple_of(every) || *index == last);
    let mut points = String::new();
    for (_, (at, count)) in shown {
        let gap = if points.is_empty() { "" } else { " " };
        let _ = write!(points, "{gap}{},{}", x(*at), y(*count));
    }
    let (here, level) = (x(*now), y(completes));
    let end_said = row.forecast.map(|end| match (end.full, end.low, end.high) {
        (None, low, high) if low != high => format!(", {} at the end ({low} to {high})", end.completes),
        (None, ..) => format!(", {} at the end", end.completes),
        (Some(_), ..) => format!(", {}", short(&end)),
    });
    let said = format!(
        "{completes} of {goal} completes after {}% of the time{}",
        here * 100 / WIDTH,
        end_said.unwrap_or_default()
    );
    let day = |at: Timestamp| at.strftime("%m-%d %H:%M").to_string();
    Some(html! {
        figure {
            svg.curve viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(said) focusable="false" {
                line.even x1="0" y1=(HEIGHT) x2=(WIDTH) y2=(y(goal)) {}
                @if let Some(end) = row.forecast {
                    polygon.range points={ (here) "," (level) " " (WIDTH) "," (y(end.low)) " " (WIDTH) "," (y(end.high)) } {}
                    line.next x1=(here) y1=(level) x2=(WIDTH) y2=(y(end.completes)) {}
                }
                polyline.came points=(points) {}
            }
            div.ends aria-hidden="true" { span { (day(start)) } span { (day(end)) } }
            figcaption { (said) }
        }
    })
}
