//! Rate cards: what a complete costs by the length of the interview and the incidence rate, where a business unit has fixed
//! prices. The unit of the numbers is not documented, so they are shown as they are.

use super::client::{Answer, Reader};
use super::paths;
use super::wire::{Card, Definition, RateCard, items, word};
use crate::marketplace::http::json::list;
use crate::marketplace::http::wire::{Code, Count, Exact, typed};
use crate::marketplace::shelf::lists::Entry;
use crate::model::Field;
use serde_json::Value;

/// Its prices and what they go by, in a line.
pub(super) fn in_words(card: &Card) -> Option<String> {
    let ends = |of: &Field<Vec<Count>>, unit: &str| {
        let (first, last) = (items(of).first()?.0, items(of).last()?.0);
        Some(format!("{first}{unit} to {last}{unit}"))
    };
    let prices = || {
        items(&card.pricing_table_data)
            .iter()
            .flatten()
            .map(|Exact(price)| price)
    };
    Some(format!(
        "{} to {} {} in the vendor's unit, by length of interview ({}) and incidence rate ({})",
        prices().min()?,
        prices().max()?,
        word(&card.pricing_table_currency_code),
        ends(&card.length_of_interview_minutes, "")? + " min",
        ends(&card.incidence_rate_percents, "%")?,
    ))
}

/// The cards of the account's business units in a country, a row of each an entry.
pub(super) async fn list_of(reader: &Reader, locale: &str) -> Answer<Vec<Entry>> {
    let country = locale.rsplit('-').next().unwrap_or_default().to_uppercase();
    let units = format!("/accounts/{}/business-units", reader.cint.account);
    let all = |body: &Value| list(&body["business_units"], "/business_units").cloned();
    let own = paths::account(reader.cint.account);
    let mut entries = Vec::new();
    for unit in reader.session.read(&units, all).await? {
        // What cannot be read is listed among the business units.
        let Ok(unit) = typed::<Definition>(&unit, "") else {
            continue;
        };
        let Some(Code(id)) = unit.id.value() else {
            continue;
        };
        let country_code = paths::query(&[("country_code", &country)]);
        let path = format!("{own}/business-units/{id}/rate-card?{country_code}");
        let card: RateCard = match reader.session.read(&path, |body| typed(body, "")).await {
            Ok(card) => card,
            // With dynamic pricing there is none.
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error),
        };
        let Some(card) = card.rate_card_data.value() else {
            continue;
        };
        entries.extend(rows(id, word(&unit.name), &country, card));
    }
    Ok(entries)
}

/// A row of a card: the prices of one length.
fn rows(unit: &str, name: &str, country: &str, card: &Card) -> Vec<Entry> {
    let rates = items(&card.incidence_rate_percents);
    let lengths = items(&card.length_of_interview_minutes).iter();
    let row = |(Count(minutes), prices): (&Count, &Vec<Exact>)| {
        let cells = rates.iter().zip(prices);
        let cells: Vec<String> = cells
            .map(|(Count(rate), Exact(price))| format!("{rate}%: {price}"))
            .collect();
        Entry {
            id: format!("{unit}/{country}/{minutes}"),
            name: format!("{name}, {country}, {minutes} min"),
            text: cells.join(", "),
            note: format!(
                "{}, in the vendor's unit, by incidence rate",
                word(&card.pricing_table_currency_code)
            ),
            ..Entry::default()
        }
    };
    lengths.zip(items(&card.pricing_table_data)).map(row).collect()
}
