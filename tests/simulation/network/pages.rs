//! Lists in small pages. Where pages are counted off, they move while somebody reads: something before them has left the
//! list, or has come into it, because it was launched meanwhile.
//!
//! What has moved from an unread page to one that was read is on no page. That happens once to each entry while a process
//! lives: whoever reads until two passes agree is not deceived twice in the same way.

use super::path;
use crate::market::{Page, text_of};
use crate::sim::{Sabotage, Sim, lock};
use bytes::Bytes;
use infield::marketplace::http::transport::{Incoming, Outgoing};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// What one process was shown of lists.
#[derive(Default)]
pub(super) struct Lists(Mutex<Shown>);

#[derive(Default)]
struct Shown {
    /// By how many entries each page but the first had moved when it was read, by the URL of its list.
    moved: BTreeMap<String, Vec<isize>>,
    /// What was on no page once.
    missed: BTreeSet<String>,
}

fn page(sim: &Sim, request: &Outgoing) -> Option<Page> {
    let size = sim.weather().page;
    if size == 0 || request.method != http::Method::GET {
        return None;
    }
    sim.market.page(&request.url, size)
}

/// What the vendor is asked in place of a request for a page.
pub(super) fn ask(sim: &Sim, request: &Outgoing) -> Outgoing {
    let url = match page(sim, request) {
        Some(Page::Smaller(url) | Page::Counted { whole: url, .. }) => url,
        None => request.url.clone(),
    };
    Outgoing {
        url,
        ..request.clone()
    }
}

impl Lists {
    /// Cuts the page that was asked for out of a whole list.
    pub(super) fn cut(&self, sim: &Sim, request: &Outgoing, answer: Incoming) -> Incoming {
        let Some(Page::Counted { whole, number }) = page(sim, request) else {
            return answer;
        };
        let Ok(mut list) = serde_json::from_slice::<Value>(&answer.body) else {
            return answer;
        };
        let Some((items, key)) = sim.market.listed(&request.method, path(sim, request), &mut list) else {
            return answer;
        };
        let ids: Vec<String> = items.iter().map(|item| text_of(&item[key])).collect();
        let size = sim.weather().page;
        let start = self.start(sim, &whole, number, &ids).min(items.len());
        let end = (start + size).min(items.len());
        *items = items.drain(start..end).collect();
        Incoming {
            body: Bytes::from(list.to_string()),
            ..answer
        }
    }

    /// The place in the list that a page begins at.
    fn start(&self, sim: &Sim, list: &str, number: usize, ids: &[String]) -> usize {
        let weather = sim.weather();
        let mut shown = lock(&self.0);
        let Shown { moved, missed } = &mut *shown;
        let moved = moved.entry(list.to_owned()).or_default();
        if number <= 1 {
            moved.clear();
            return 0;
        }
        let place = |moved: &[isize]| {
            let by: isize = moved.iter().take(number - 1).sum();
            ((number - 1) * weather.page).saturating_add_signed(by)
        };
        let start = place(moved);
        // A page that is asked for again has not moved again.
        if moved.len() != number - 2 {
            return start;
        }
        let one_pass = sim.sabotage == Some(Sabotage::OnePass);
        let mut random = sim.apart();
        let by = match ids.get(start) {
            Some(next) if one_pass && missed.contains(next) => 1,
            Some(next) if random.percent(weather.moves) => {
                let leaves = random.percent(50);
                if leaves && missed.insert(next.clone()) {
                    sim.tell(format!("  something has left the list, and {next} is on no page"));
                    1
                } else {
                    -1
                }
            }
            _ => 0,
        };
        drop(random);
        if by != 0 {
            sim.count(|count| count.moved_pages += 1);
        }
        moved.push(by);
        place(moved)
    }
}
