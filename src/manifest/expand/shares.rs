//! Shares of completes, as they are written. What they come to is left to `model::apportion`.

use rust_decimal::Decimal;

/// A share as percent: `49%`, `33.3 %`. `None` for anything else, and outside of 0 to 100.
fn parse(text: &str) -> Option<Decimal> {
    let number = text.strip_suffix('%')?.trim_end();
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let share = Decimal::from_str_exact(number).ok()?;
    (share > Decimal::ZERO && share <= Decimal::ONE_HUNDRED).then_some(share)
}

/// The same of a text that may have blanks anywhere.
pub(crate) fn written(text: &str) -> Option<Decimal> {
    parse(&text.replace(' ', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_share_is_refused() {
        for text in ["0%", "100.1%", "49", "%", "-1%", "1e1%", "1.2.3%", " 5%"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
