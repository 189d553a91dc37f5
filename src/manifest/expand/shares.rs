//! Shares of completes, as they are written, for quotas and for marketplaces. What they come to is left to
//! `model::apportion`.

use rust_decimal::Decimal;
use serde_json::Value;

/// Why a value is no share, and what to write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoShare {
    /// What is wrong, behind the value: `is a number, and a share is a percentage`.
    pub(crate) why: &'static str,
    /// What to write instead.
    pub(crate) help: String,
}

/// A share as percent: `49%`, `33.3 %`.
///
/// # Errors
/// With what is wrong, for anything else, and outside of 0 to 100.
pub(crate) fn read(value: &Value) -> Result<Decimal, NoShare> {
    let example = || "write a percentage such as `60%`, more than 0% and at most 100%".to_owned();
    let no = |why: &'static str, help: Option<String>| NoShare {
        why,
        help: help.unwrap_or_else(example),
    };
    let text = match value {
        Value::String(text) => text.replace(' ', ""),
        Value::Number(number) => {
            let meant = parse(&number.to_string()).filter(|share| in_range(*share));
            let help = meant.map(|_| format!("write `{number}%`"));
            return Err(no("is a number, and a share is a percentage", help));
        }
        _ => return Err(no("is no share of the completes", None)),
    };
    let Some(number) = text.strip_suffix('%') else {
        let help = parse(&text)
            .filter(|share| in_range(*share))
            .map(|_| format!("write `{text}%`"));
        return Err(no("is no percentage", help));
    };
    match parse(number) {
        Some(share) if in_range(share) => Ok(share),
        Some(_) => Err(no("is no share of the completes", None)),
        None => Err(no("is no percentage", None)),
    }
}

fn in_range(share: Decimal) -> bool {
    share > Decimal::ZERO && share <= Decimal::ONE_HUNDRED
}

fn parse(number: &str) -> Option<Decimal> {
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    plain.then(|| Decimal::from_str_exact(number).ok()).flatten()
}

/// Shares that are the whole: they sum to 100 %, or to as much as published percentages that were rounded one by one,
/// 99.9 % to 100.1 %. These are then stretched to sum to 100 %. `None` for any other sum.
pub(crate) fn whole(shares: &[Decimal]) -> Option<Vec<Decimal>> {
    let sum: Decimal = shares.iter().sum();
    let off = (sum - Decimal::ONE_HUNDRED).abs();
    if off.is_zero() {
        return Some(shares.to_vec());
    }
    let near = off <= Decimal::new(1, 1);
    near.then(|| {
        shares
            .iter()
            .map(|share| *share * Decimal::ONE_HUNDRED / sum)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_a_share_is_refused_with_what_to_write() {
        for value in [
            json!("0%"),
            json!("100.1%"),
            json!("%"),
            json!("-1%"),
            json!("1e1%"),
            json!("1.2.3%"),
            json!(true),
        ] {
            let refused = read(&value).unwrap_err();
            assert!(refused.help.starts_with("write a percentage"), "{value}");
        }
        for (value, help) in [
            (json!(33.3), "write `33.3%`"),
            (json!(49), "write `49%`"),
            (json!("49"), "write `49%`"),
        ] {
            assert_eq!(read(&value).unwrap_err().help, help);
        }
        assert_eq!(read(&json!(" 33.3 %")), Ok("33.3".parse().unwrap()));
    }

    #[test]
    fn percentages_that_were_rounded_for_print_are_the_whole() {
        let shares =
            |texts: &[&str]| -> Vec<Decimal> { texts.iter().map(|text| text.parse().unwrap()).collect() };
        for rounded in [
            &["33.3", "33.3", "33.3"][..],
            &["16.7", "16.7", "16.7", "16.7", "16.7", "16.6"],
            &["49.05", "51.05"],
        ] {
            let sum: Decimal = whole(&shares(rounded)).unwrap().iter().sum();
            assert!((sum - Decimal::ONE_HUNDRED).abs() < Decimal::new(1, 20), "{sum}");
        }
        assert_eq!(whole(&shares(&["49", "51"])), Some(shares(&["49", "51"])));
        assert_eq!(whole(&shares(&["49.1", "51.1"])), None);
        assert_eq!(whole(&shares(&["49.9", "49.9"])), None);
        assert_eq!(whole(&shares(&["25"])), None);
    }
}
