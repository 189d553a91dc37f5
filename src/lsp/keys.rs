//! Keys that can be typed, with what they mean: those of the shape that are not there yet, the required ones first.

use super::client::Client;
use super::offer::Offer;
use super::shape::{self, Holds, Shape};
use super::typing::Typing;
use crate::manifest::schema::Kind;
use iso_currency::Currency;
use lsp_types::CompletionItemKind;
use std::path::Path;

/// Columns of an indent.
const INDENT: usize = 2;

/// The keys that can stand at a place of a document.
pub(super) fn offers(kind: Kind, typing: &Typing, client: Client) -> Vec<Offer> {
    let Some(place) = shape::at(kind, &typing.path) else {
        return Vec::new();
    };
    let missing = |key: &str| !typing.siblings.iter().any(|other| other == key);
    let keys = place.keys().into_iter().filter(|(key, _, _)| missing(key));
    let mut offers: Vec<Offer> = keys
        .map(|(key, shape, required)| offer(key, shape, required, typing, client))
        .collect();
    if place.is_by_currency() {
        let codes = currencies().filter(|currency| missing(currency.code()));
        offers.extend(codes.map(|currency| {
            let offer = Offer::new(CompletionItemKind::UNIT, currency.code(), currency.name());
            offer.putting(format!("{}: ", currency.code()))
        }));
    }
    offers
}

/// Codes of currencies that are offered, those that samples are mostly paid in first. Any other is taken as well.
const CURRENCIES: [&str; 36] = [
    "USD", "EUR", "GBP", "CAD", "AUD", "AED", "ARS", "BRL", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "HKD",
    "HUF", "IDR", "ILS", "INR", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PLN", "SAR", "SEK",
    "SGD", "THB", "TRY", "TWD", "VND", "ZAR",
];

/// Currencies to choose from.
pub(super) fn currencies() -> impl Iterator<Item = Currency> {
    CURRENCIES.into_iter().filter_map(Currency::from_code)
}

fn offer(key: &'static str, shape: Shape, required: bool, typing: &Typing, client: Client) -> Offer {
    let detail = if required { "required" } else { "" };
    let detail = match (detail, shape.in_short().as_str()) {
        ("", short) => short.to_owned(),
        (needed, "") => needed.to_owned(),
        (needed, short) => format!("{needed}, {short}"),
    };
    let offer = Offer::new(CompletionItemKind::FIELD, key, detail).about(shape.about(key, required));
    if typing.colon {
        return offer.putting(key);
    }
    let below = " ".repeat(typing.column + INDENT);
    let breaks = client.takes_stops && client.takes_indents;
    match (shape.holds(), shape.words().as_slice()) {
        (_, [only]) => offer.putting(format!("{key}: {only}")),
        (Some(Holds::Keys), _) if !typing.flow && breaks => {
            offer.putting(format!("{key}:\n{below}$0")).with_stops()
        }
        (Some(Holds::Items), _) if !typing.flow && breaks => {
            offer.putting(format!("{key}:\n{below}- $0")).with_stops()
        }
        (Some(Holds::Keys), _) if typing.flow && client.takes_stops => {
            offer.putting(format!("{key}: {{$0\\}}")).with_stops()
        }
        (Some(Holds::Items), _) if typing.flow && client.takes_stops => {
            offer.putting(format!("{key}: [$0]")).with_stops()
        }
        (Some(_), _) if !typing.flow => offer.putting(format!("{key}:")),
        _ => offer.putting(format!("{key}: ")),
    }
}

/// The kinds of documents, where a document says none yet.
pub(super) fn kinds(path: &Path, with_key: bool) -> impl Iterator<Item = Offer> {
    let own = shape::kind_of_file(path);
    let all = Kind::ALL.into_iter().filter(move |kind| match own {
        Some(own) => *kind == own,
        None => ![Kind::Project, Kind::Defaults].contains(kind),
    });
    all.map(move |kind| {
        let about = shape::at(kind, &[] as &[&str])
            .and_then(Shape::says)
            .unwrap_or_default();
        let offer =
            Offer::new(CompletionItemKind::ENUM_MEMBER, kind.word(), "a kind of document").about(about);
        if with_key {
            let label = format!("kind: {}", kind.word());
            return Offer::new(CompletionItemKind::FIELD, label, "a kind of document").about(about);
        }
        offer
    })
}
