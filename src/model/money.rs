//! Money: exact decimals with a currency, never a float.

use iso_currency::Currency;
use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::collections::BTreeMap;
use std::{fmt, str::FromStr};

/// An exact amount of one currency, written `3.75 USD`.
///
/// Equality is by value: `3.5 USD` equals `3.50 USD`. Printing always shows the currency's own number of minor digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Major units.
    pub amount: Decimal,
    /// ISO 4217 currency.
    pub currency: Currency,
}

/// Most decimal places of a price: those in which vendors show theirs (Cint's OpenAPI document: `2.7352`), and two more.
pub const MOST_PLACES: u32 = 6;

/// The highest amount that is read anywhere: beyond every price and budget, and far enough from the end of exact numbers that
/// no sum of a project reaches it.
pub const MOST: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// Whether a number is an amount of money: neither below zero nor above [`MOST`].
pub fn is_amount(number: Decimal) -> bool {
    (Decimal::ZERO..=MOST).contains(&number)
}

/// The number that a binary one stands for: `2.1` for `2.0999999` and `2.0999999999999996`. What is no such noise stays as
/// it is.
pub fn without_noise(number: Decimal) -> Decimal {
    // The nearest number of 32 bits is no further away than this part of it.
    let noise = Decimal::new(1, 7);
    let near = |places: u32| {
        let plain = number.round_dp(places);
        let off = number.checked_sub(plain)?.abs();
        (off <= number.abs().checked_mul(noise)?).then_some(plain)
    };
    if number.normalize().scale() <= MOST_PLACES {
        return number;
    }
    (0..=MOST_PLACES).find_map(near).unwrap_or(number)
}

/// Why a text is not money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not of the form `AMOUNT CURRENCY`.
    #[error("`{0}` is not an amount with a currency")]
    Shape(String),
    /// Not an ISO 4217 code.
    #[error("`{0}` is not a currency code")]
    Currency(String),
    /// Not a plain decimal.
    #[error("`{0}` is not a decimal amount")]
    Amount(String),
    /// More than anything costs.
    #[error("`{0}` is more than {MOST}, and nothing costs that much")]
    Most(String),
    /// More digits than any price has.
    #[error("`{text}` has more than {MOST_PLACES} decimal places, and no marketplace has such prices")]
    Precision {
        /// What was written.
        text: String,
    },
}

impl Money {
    /// An amount of a currency.
    pub fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, of a currency.
    pub fn zero(currency: Currency) -> Self {
        Self::new(Decimal::ZERO, currency)
    }

    /// Digits after the point that the currency has (2 for USD, 0 for JPY).
    pub fn minor_digits(currency: Currency) -> u32 {
        u32::from(currency.exponent().unwrap_or(2))
    }

    /// The amount with at least the currency's minor digits, without the code: `1500.00`. What is finer than that, as some
    /// vendors have prices, is shown too.
    pub fn plain(&self) -> String {
        let digits = Self::minor_digits(self.currency).max(self.amount.normalize().scale());
        format!("{:.*}", digits as usize, self.amount)
    }

    /// Reads what somebody has written into a manifest: as fine as vendors have prices, which is finer than some currencies
    /// are.
    ///
    /// # Errors
    /// When it is not an amount with a currency, or finer than any price.
    pub fn written(text: &str) -> Result<Self, MoneyError> {
        let money: Self = text.parse()?;
        if money.amount.normalize().scale() > MOST_PLACES {
            return Err(MoneyError::Precision {
                text: text.split_whitespace().next().unwrap_or_default().to_owned(),
            });
        }
        Ok(money)
    }

    /// This and so much more. Saturates far beyond any real budget instead of ending the program.
    #[must_use]
    pub fn plus(&self, more: Decimal) -> Self {
        let amount = self.amount.checked_add(more).unwrap_or(Decimal::MAX);
        Self::new(amount, self.currency)
    }

    /// This without so much, below zero where it is less; bounded as [`Money::plus`].
    #[must_use]
    pub fn minus(&self, less: Decimal) -> Self {
        let amount = self.amount.checked_sub(less).unwrap_or(Decimal::MIN);
        Self::new(amount, self.currency)
    }

    /// Both together; `None` where they are in different currencies, or too much to count.
    pub fn and(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_add(other.amount)?;
        (self.currency == other.currency).then(|| Self::new(amount, self.currency))
    }

    /// This price paid `count` times. Saturates far beyond any real budget instead of wrapping.
    pub fn times(&self, count: u64) -> Self {
        let amount = self
            .amount
            .checked_mul(Decimal::from(count))
            .unwrap_or(Decimal::MAX);
        Self::new(amount, self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.plain(), self.currency.code())
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `3.75 USD`: a plain decimal from zero to [`MOST`], blanks, an ISO 4217 code.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let mut parts = text.split_whitespace();
        let (Some(number), Some(code), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(MoneyError::Shape(text.to_owned()));
        };
        let currency = Currency::from_code(code).ok_or_else(|| MoneyError::Currency(code.to_owned()))?;
        let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && number.starts_with(|c: char| c.is_ascii_digit())
            && number.ends_with(|c: char| c.is_ascii_digit());
        if !plain {
            return Err(MoneyError::Amount(number.to_owned()));
        }
        // So many digits that they are no exact number any more.
        let whole = number.split('.').next().unwrap_or_default();
        let too_many = whole.trim_start_matches('0').len() > 16;
        let amount = Decimal::from_str_exact(number).map_err(|_| match too_many {
            true => MoneyError::Most(number.to_owned()),
            false => MoneyError::Amount(number.to_owned()),
        })?;
        match is_amount(amount) {
            true => Ok(Self::new(amount, currency)),
            false => Err(MoneyError::Most(number.to_owned())),
        }
    }
}

impl JsonSchema for Money {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? [A-Z]{3}$"})
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// Sums of money, one per currency, in the order of the currency codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purse(BTreeMap<&'static str, Money>);

impl Extend<Money> for Purse {
    fn extend<I: IntoIterator<Item = Money>>(&mut self, amounts: I) {
        amounts.into_iter().for_each(|money| self.add(money));
    }
}

impl Purse {
    /// Adds an amount to the sum of its currency.
    pub fn add(&mut self, money: Money) {
        let sum = self
            .0
            .entry(money.currency.code())
            .or_insert_with(|| Money::zero(money.currency));
        *sum = sum.plus(money.amount);
    }

    /// The sum in a currency; zero where nothing was added.
    pub fn of(&self, currency: Currency) -> Money {
        self.0
            .get(currency.code())
            .copied()
            .unwrap_or_else(|| Money::zero(currency))
    }

    /// The sum of each currency seen so far, in the order of their codes.
    pub fn sums(&self) -> impl Iterator<Item = Money> + '_ {
        self.0.values().copied()
    }

    /// The currencies seen so far, in the order of their codes.
    pub fn currencies(&self) -> impl Iterator<Item = Currency> + '_ {
        self.0.values().map(|money| money.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_and_prints_exactly() {
        let money: Money = "3.5 USD".parse().unwrap();
        assert_eq!(money.to_string(), "3.50 USD");
        assert_eq!(money, "3.50 USD".parse().unwrap());
        assert_eq!(money.times(400).to_string(), "1400.00 USD");
        assert_eq!("120 JPY".parse::<Money>().unwrap().to_string(), "120 JPY");
    }

    /// Such a price was left out as if there were none, and the plan said "market price".
    #[test]
    fn what_is_read_can_be_printed_and_read_again() {
        assert_eq!(MOST.to_string(), "1000000000000000");
        for text in ["1000000000000000 USD", "999999999999999.999999 JPY"] {
            let money: Money = text.parse().unwrap();
            assert_eq!(money.to_string().parse(), Ok(money), "{text}");
        }
        for amount in [
            "1000000000000000.01",
            "79228162514264337593543950335",
            "99999999999999999999999999999999",
        ] {
            let error = format!("{amount} USD").parse::<Money>().unwrap_err();
            assert_eq!(error, MoneyError::Most(amount.to_owned()));
        }
    }

    #[test]
    fn no_amount_is_too_large_to_be_counted() {
        let most = Money::new(Decimal::MAX, Currency::USD);
        assert_eq!(most.plus(Decimal::ONE), most);
        assert_eq!(most.times(2), most);
        let least = Money::zero(Currency::USD).minus(Decimal::MAX);
        assert_eq!(least.minus(Decimal::ONE), least);
        let mut purse = Purse::default();
        purse.extend([most, most]);
        assert_eq!(purse.of(Currency::USD), most);
    }

    #[test]
    fn prices_finer_than_the_currency_survive() {
        let fine: Money = "2.7352 USD".parse().unwrap();
        assert_eq!(fine.to_string(), "2.7352 USD");
        let text = serde_json::to_string(&fine).unwrap();
        assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), fine);
        assert_eq!(Money::written("2.75 USD").unwrap().to_string(), "2.75 USD");
    }

    #[test]
    fn what_is_not_money_is_refused_with_the_reason() {
        assert!(matches!("3.75".parse::<Money>(), Err(MoneyError::Shape(_))));
        assert!(matches!(
            "3.75 dollars".parse::<Money>(),
            Err(MoneyError::Currency(_))
        ));
        assert!(matches!("-1 USD".parse::<Money>(), Err(MoneyError::Amount(_))));
        assert!(matches!("1e3 USD".parse::<Money>(), Err(MoneyError::Amount(_))));
        assert!(matches!(
            Money::written("1.0000005 USD"),
            Err(MoneyError::Precision { .. })
        ));
        assert_eq!(Money::written("2.7352 USD").unwrap().to_string(), "2.7352 USD");
        assert_eq!(Money::written("1.5 JPY").unwrap().to_string(), "1.5 JPY");
    }

    #[test]
    fn binary_noise_is_the_number_it_stands_for() {
        for (noisy, plain) in [
            ("2.0999999", "2.1"),
            ("2.0999999999999996", "2.1"),
            ("3.7350000000000003", "3.735"),
            ("33.29999923706055", "33.3"),
            ("2.73519992828", "2.7352"),
            ("2.7352", "2.7352"),
            ("3.255", "3.255"),
            ("2.099999", "2.099999"),
            ("0.1234567891", "0.1234567891"),
            ("0", "0"),
        ] {
            let found = without_noise(noisy.parse().unwrap());
            assert_eq!(found, plain.parse().unwrap(), "{noisy}");
        }
    }
}
