//! Values that can be typed: the words of the shape, examples, currencies, names of the project, and what was looked up.

use super::keys;
use super::offer::Offer;
use super::project::View;
use super::shape::{self, Holds};
use super::typing::Typing;
use crate::manifest::schema::{Kind, SURVEY_MARK};
use crate::marketplace::shelf::lists::{Entry, List};
use crate::model::{MovedFrom, VendorId};
use crate::yaml;
use lsp_types::CompletionItemKind;
use serde_json::Value;

/// Most entries of one list that are offered.
const MAX_ENTRIES: usize = 2_000;

/// The values that can stand at a place of a document.
pub(super) fn offers(
    view: &View<'_>,
    kind: Kind,
    typing: &Typing,
    lists: &dyn Fn() -> Vec<(VendorId, List)>,
) -> Vec<Offer> {
    let path: Vec<&str> = typing.path.iter().map(String::as_str).collect();
    let Some(place) = shape::at(kind, &path) else {
        return Vec::new();
    };
    if path == ["kind"] {
        return keys::kinds(view.path, false).collect();
    }
    let mut offers: Vec<Offer> = Vec::new();
    if place.is(SURVEY_MARK) {
        offers.extend(surveys(view));
    }
    let words = place.words().into_iter();
    offers.extend(words.map(|word| Offer::new(CompletionItemKind::ENUM_MEMBER, word, "")));
    if place.takes("boolean") {
        offers.extend(["true", "false"].map(|word| Offer::new(CompletionItemKind::VALUE, word, "")));
    }
    match path.as_slice() {
        [.., "tags", "-"] => {
            let tags = view.editing.tags().into_iter();
            offers.extend(tags.map(|tag| Offer::value(tag, "a tag of this project")));
        }
        [.., "moved_from"] => offers.extend(before(view)),
        [.., key] => offers.extend(looked_up(key, &path, lists)),
        [] => {}
    }
    if place.is_money() {
        offers.extend(amounts(&typing.typed));
    }
    let with_examples = offers.is_empty() && (place.holds().is_none() || typing.value);
    if with_examples {
        let examples = place.examples().iter();
        let fitting = examples.filter(|example| match place.holds() {
            Some(Holds::Keys) => example.is_object(),
            Some(Holds::Items) => example.is_array(),
            None => true,
        });
        offers.extend(fitting.map(|example| example_of(example, typing.flow)));
    }
    offers
}

fn example_of(example: &Value, inside: bool) -> Offer {
    let text = yaml::flow(example, inside);
    let label = example.as_str().map_or_else(|| text.clone(), str::to_owned);
    Offer::value(label, "an example").putting(text)
}

fn surveys(view: &View<'_>) -> Vec<Offer> {
    let all = view.editing.surveys().into_iter();
    all.map(|(address, file)| Offer::new(CompletionItemKind::REFERENCE, address.to_string(), &*file))
        .collect()
}

/// What is remembered and has no manifest any more, so that it may have been moved.
fn before(view: &View<'_>) -> Vec<Offer> {
    let left = view.editing.left().into_iter();
    let offer = |name: &str| Offer::value(name, "remembered, and in no manifest");
    let mut offers: Vec<Offer> = left.map(|address| offer(address.alone().as_str())).collect();
    offers.dedup_by(|one, other| one.label == other.label);
    offers.push(Offer::value(MovedFrom::NONE, "it is new"));
    offers
}

/// An amount that was typed, with each currency.
fn amounts(typed: &str) -> Vec<Offer> {
    let Some((amount, _)) = typed.split_once(' ') else {
        return Vec::new();
    };
    if amount.is_empty() || amount.parse::<rust_decimal::Decimal>().is_err() {
        return Vec::new();
    }
    keys::currencies()
        .map(|currency| {
            let label = format!("{amount} {}", currency.code());
            Offer::new(CompletionItemKind::UNIT, label, currency.name())
        })
        .collect()
}

/// What lists have for a key: lines that say it, of the marketplace in whose block it stands.
fn looked_up(key: &str, path: &[&str], lists: &dyn Fn() -> Vec<(VendorId, List)>) -> Vec<Offer> {
    let block = VendorId::all().iter().find(|vendor| path.contains(&vendor.key()));
    // Lists are read from files.
    if block.is_none() && key != "locale" {
        return Vec::new();
    }
    let mut offers: Vec<Offer> = Vec::new();
    for (vendor, list) in lists() {
        let named = block.is_some_and(|block| *block == vendor) && list.under.contains(vendor.key());
        if !named && (block.is_some() || key != "locale") {
            continue;
        }
        let begin = format!("{key}: ");
        for entry in list.entries.iter().take(MAX_ENTRIES) {
            let value = entry.write.as_deref().and_then(|line| line.strip_prefix(&begin));
            if let Some(value) = value.filter(|value| offers.iter().all(|known| known.label != *value)) {
                offers.push(Offer::value(value, told(vendor, entry)));
            }
        }
    }
    offers
}

fn told(vendor: VendorId, entry: &Entry) -> String {
    let name = if entry.text.is_empty() {
        &entry.name
    } else {
        &entry.text
    };
    format!("{name} ({})", vendor.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::shelf::lists::Source;
    use std::borrow::Cow;

    #[test]
    fn an_amount_gets_its_currency() {
        let labels = |typed: &str| -> Vec<String> {
            amounts(typed)
                .into_iter()
                .map(|offer| offer.label)
                .take(2)
                .collect()
        };
        assert_eq!(labels("3.75 "), ["3.75 USD", "3.75 EUR"]);
        assert_eq!(labels("3.75 G"), ["3.75 USD", "3.75 EUR"]);
        assert_eq!(labels("3.75"), [""; 0]);
        assert_eq!(labels("a b"), [""; 0]);
    }

    #[test]
    fn what_was_looked_up_is_offered_in_the_block_it_belongs_to() {
        crate::marketplace::registry::install();
        let vendor = crate::marketplace::PURESPECTRUM;
        let other = crate::marketplace::CINT;
        let entry = |write: &str| Entry {
            text: "Census".to_owned(),
            write: Some(write.to_owned()),
            ..Entry::default()
        };
        let list = |vendor: VendorId, entries: Vec<Entry>| {
            let under = Cow::Owned(format!("`{}`", vendor.key()));
            let source = Source::Vendor;
            (
                vendor,
                List {
                    source,
                    under,
                    entries,
                },
            )
        };
        let lists = || {
            vec![
                list(vendor, vec![entry("template_id: 15"), entry("category: 3")]),
                list(other, vec![entry("template_id: 99"), entry("locale: de-DE")]),
            ]
        };
        let labels = |key: &str, path: &[&str]| -> Vec<String> {
            let found = looked_up(key, path, &lists).into_iter();
            found.map(|offer| offer.label).collect()
        };
        assert_eq!(labels("template_id", &[vendor.key(), "template_id"]), ["15"]);
        assert_eq!(labels("template_id", &[other.key(), "template_id"]), ["99"]);
        assert_eq!(labels("locale", &["locale"]), ["de-DE"]);
        assert_eq!(labels("category", &["category"]), [""; 0]);
    }
}
