//! Cursor pages (OpenAPI `StartAfter`, `EndBefore`, `PageSize`): ten items unless asked otherwise.
//!
//! A cursor is opaque to the caller. Here it is the key of the last item of a page, behind a letter, so that nobody can
//! take an id for one.

use super::prelude::*;

/// A page and what lies behind it.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) items: Vec<Value>,
    /// The cursor behind it, where there is more.
    pub(super) next: Option<String>,
}

impl Page {
    /// Says in a body whether and where it goes on.
    pub(super) fn mark(&self, body: &mut Value) {
        body["has_more"] = json!(self.next.is_some());
        body["next_cursor"] = json!(self.next);
    }
}

fn cursor<'c>(call: &'c Call, name: &str) -> Result<Option<&'c str>, Failure> {
    match call.parameter(name) {
        None | Some("") => Ok(None),
        Some(text) => {
            let key = text.strip_prefix("c-").map(Some);
            key.ok_or_else(|| bad_request(format!("{name} is no cursor of this list")))
        }
    }
}

/// How many items a page may have.
pub(super) fn size(call: &Call, default: usize, most: usize) -> Result<usize, Failure> {
    let wanted = call.parameter("page_size");
    let size = wanted.map_or(Some(default), |text| text.parse().ok());
    let size = size.filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| bad_request(format!("page_size must be from 1 to {most}")))
}

/// The page that a call asks for, of items with ascending keys.
pub(super) fn cut(
    call: &Call,
    items: Vec<(String, Value)>,
    default: usize,
    most: usize,
) -> Result<Page, Failure> {
    let (keys, values): (Vec<String>, Vec<Value>) = items.into_iter().unzip();
    let (range, next) = window(call, &keys, default, most)?;
    let items = values.into_iter().skip(range.start).take(range.len()).collect();
    Ok(Page { items, next })
}

/// Which of ascending keys a call asks for, and the cursor behind them.
pub(super) fn window(
    call: &Call,
    keys: &[String],
    default: usize,
    most: usize,
) -> Result<(std::ops::Range<usize>, Option<String>), Failure> {
    let size = size(call, default, most)?;
    let range = match (cursor(call, "start_after")?, cursor(call, "end_before")?) {
        (Some(_), Some(_)) => return Err(bad_request("start_after and end_before exclude each other")),
        (Some(after), None) => {
            let start = keys.partition_point(|key| key.as_str() <= after);
            start..keys.len().min(start + size)
        }
        (None, Some(before)) => {
            let end = keys.partition_point(|key| key.as_str() < before);
            end.saturating_sub(size)..end
        }
        (None, None) => 0..keys.len().min(size),
    };
    let next = (range.end < keys.len() && !range.is_empty()).then(|| format!("c-{}", keys[range.end - 1]));
    Ok((range, next))
}
