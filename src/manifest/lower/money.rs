//! Amounts as they are written.

use crate::diag::code;
use crate::manifest::expand::scope::Scope;
use crate::model::Money;

/// An error's text with whatever the user wrote in it, but not all of a novel.
fn short_message(text: &str) -> String {
    text.chars().take(160).collect()
}

/// Reads an amount; what is not one is reported.
pub(crate) fn money(scope: &mut Scope<'_>, text: Option<&str>, pointer: &str) -> Option<Money> {
    let text = text?;
    match Money::written(text) {
        Ok(money) => Some(money),
        Err(error) => {
            let meant = meant(text).map(|money| format!("write `{money}`"));
            scope
                .error(code::MONEY_INVALID)
                .says(short_message(&error.to_string()))
                .value(pointer, "not a price")
                .help(
                    meant.unwrap_or_else(|| "write an amount and a currency, such as `3.75 USD`".to_owned()),
                );
            None
        }
    }
}

/// Signs of currencies that one country alone uses, and the dollar, which is taken for the one of the marketplaces.
const SIGNS: [(&str, &str); 4] = [("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("₹", "INR")];

/// What an amount means that is written as people write it: `2.50 usd`, `USD 2.50`, `2,50 EUR`, `€2.50`, `2.50`. A comma is a
/// decimal one where it can be nothing else.
fn meant(text: &str) -> Option<String> {
    let mut text = text.trim().to_owned();
    for (sign, currency) in SIGNS {
        text = text.replace(sign, &format!(" {currency} "));
    }
    let is_digit = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
    let (number, rest): (String, String) = text
        .chars()
        .filter(|letter| *letter != ' ')
        .partition(|letter| is_digit(*letter));
    let number = match number.split_once(',') {
        Some((whole, parts)) if parts.len() <= 2 && !number.contains('.') => format!("{whole}.{parts}"),
        _ => number,
    };
    let currency = if rest.is_empty() {
        "USD".to_owned()
    } else {
        rest.to_ascii_uppercase()
    };
    let written = format!("{number} {currency}");
    Money::written(&written).is_ok().then_some(written)
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        for (text, money) in [
            ("2.50 usd", "2.50 USD"),
            ("USD 2.50", "2.50 USD"),
            ("2,50 EUR", "2.50 EUR"),
            ("2.50USD", "2.50 USD"),
            ("€2.50", "2.50 EUR"),
            ("2,5 €", "2.5 EUR"),
            ("$3", "3 USD"),
            ("3.75", "3.75 USD"),
        ] {
            assert_eq!(meant(text).as_deref(), Some(money), "{text}");
        }
        for text in [
            "1,000 USD",
            "free",
            "2.50 XXZ",
            "2.50 USD EUR",
            "",
            "-2 USD",
            "1,2,3 EUR",
        ] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
