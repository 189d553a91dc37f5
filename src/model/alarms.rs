//! How far figures may be from what was promised before it is said.

use rust_decimal::Decimal;

/// How far figures may be from what was promised, as shares of it in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarms {
    /// The incidence rate may fall to this share of the promised one.
    pub incidence_rate: Decimal,
    /// The length of the interview may rise to this share of the promised one.
    pub length_of_interview: Decimal,
}

impl Alarms {
    /// What an environment says for itself, by its key, with what each is about.
    pub const KEYS: [(&str, &str); 2] = [
        (
            "incidence_rate",
            "An incidence rate below this share of the promised one is an alarm",
        ),
        (
            "length_of_interview",
            "An interview that is longer than this share of the promised length is an alarm",
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
            _ => None,
        }
    }
}

impl Default for Alarms {
    fn default() -> Self {
        Self {
            incidence_rate: Decimal::from(90),
            length_of_interview: Decimal::from(120),
        }
    }
}
