//! How far figures may be from what was promised before it is said.

use rust_decimal::Decimal;

/// How far figures may be from what was promised, as shares of it in percent, and how many of those who begin may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarms {
    /// The incidence rate may fall to this share of the promised one.
    pub incidence_rate: Decimal,
    /// The length of the interview may rise to this share of the promised one.
    pub length_of_interview: Decimal,
    /// So many of those who began may leave in the middle, in percent.
    pub drop_off: Decimal,
    /// So many of those who began may be sent away for their quality, in percent.
    pub quality_terminations: Decimal,
    /// The price may be as low as this share of the one that the vendor suggests.
    pub price: Decimal,
}

impl Alarms {
    /// What an environment says for itself, by its key, with what each is about.
    pub const KEYS: [(&str, &str); 5] = [
        (
            "incidence_rate",
            "An incidence rate below this share of the promised one is an alarm",
        ),
        (
            "length_of_interview",
            "An interview that is longer than this share of the promised length is an alarm",
        ),
        (
            "drop_off",
            "More than this share of those who began leaving in the middle is an alarm",
        ),
        (
            "quality_terminations",
            "More than this share of those who began being sent away for their quality is an alarm",
        ),
        (
            "price",
            "A price below this share of the one that the vendor suggests is an alarm",
        ),
    ];

    /// The share with this key.
    pub fn share(mut self, key: &str) -> Option<Decimal> {
        self.get_mut(key).copied()
    }

    /// The share with this key, to set it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Decimal> {
        match key {
            "incidence_rate" => Some(&mut self.incidence_rate),
            "length_of_interview" => Some(&mut self.length_of_interview),
            "drop_off" => Some(&mut self.drop_off),
            "quality_terminations" => Some(&mut self.quality_terminations),
            "price" => Some(&mut self.price),
            _ => None,
        }
    }
}

impl Default for Alarms {
    fn default() -> Self {
        Self {
            incidence_rate: Decimal::from(90),
            length_of_interview: Decimal::from(120),
            drop_off: Decimal::from(25),
            quality_terminations: Decimal::from(10),
            price: Decimal::from(80),
        }
    }
}
