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
            let digits = text.trim_start_matches('$').trim();
            let number = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !digits.is_empty();
            scope
                .error(code::MONEY_INVALID)
                .says(short_message(&error.to_string()))
                .value(pointer, "not a price")
                .help(if number {
                    format!("write `{digits} USD`")
                } else {
                    "write an amount and a currency, such as `3.75 USD`".to_owned()
                });
            None
        }
    }
}
