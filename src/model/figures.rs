//! Figures of how fielding goes, and what a stage asks of them.
//!
//! Promises: a figure that is not told is missing, and never zero; a bound is exact and holds itself.

use super::Performance;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A figure of how fielding goes that a stage may ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Respondents who qualify, percent.
    IncidenceRate,
    /// Length of the interview, minutes.
    LengthOfInterview,
    /// Respondents who leave in the middle, percent of those who began.
    DropOff,
    /// Respondents who are sent away for their quality, percent of those who began.
    QualityTerminations,
}

/// Figures as a marketplace tells them; one that it does not tell is missing.
pub type Figures = BTreeMap<Figure, Decimal>;

impl Figure {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::IncidenceRate,
        Self::LengthOfInterview,
        Self::DropOff,
        Self::QualityTerminations,
    ];

    /// The figure of a key in manifests.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.to_string() == key)
    }

    /// What is told of all of them.
    pub fn told(performance: &Performance) -> Figures {
        let of = |figure| match figure {
            Self::IncidenceRate => performance.incidence_rate,
            Self::LengthOfInterview => performance.length_of_interview,
            Self::DropOff => performance.drop_off,
            Self::QualityTerminations => performance.quality_terminations,
        };
        let told = Self::ALL.into_iter();
        told.filter_map(|figure| Some((figure, of(figure)?))).collect()
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// On which side of a bound a figure has to be; the bound itself is on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Side {
    /// Not below.
    #[serde(rename = ">=")]
    AtLeast,
    /// Not above.
    #[serde(rename = "<=")]
    AtMost,
}

/// What a figure has to be before a stage is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// The figure.
    pub figure: Figure,
    /// On which side of the bound.
    pub side: Side,
    /// The bound, in the unit of the figure.
    #[schemars(with = "String")]
    pub bound: Decimal,
}

impl Check {
    /// Reads `>= 30` or `<= 5%`; nothing else is a check.
    pub fn read(figure: Figure, text: &str) -> Option<Self> {
        let text = text.trim();
        let (side, rest) = match text.strip_prefix(">=") {
            Some(rest) => (Side::AtLeast, rest),
            None => (Side::AtMost, text.strip_prefix("<=")?),
        };
        let number = rest.trim();
        let number = match figure {
            Figure::LengthOfInterview => number,
            _ => number.strip_suffix('%').unwrap_or(number).trim_end(),
        };
        let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let bound = Decimal::from_str_exact(number).ok().filter(|_| plain)?;
        Some(Self { figure, side, bound })
    }

    /// Whether the figure of somebody who has completes can be as it has to be.
    pub fn is_possible(&self) -> bool {
        let percent = self.figure != Figure::LengthOfInterview;
        // Who completed has qualified, and took some time.
        let above_zero = matches!(self.figure, Figure::IncidenceRate | Figure::LengthOfInterview);
        match self.side {
            Side::AtLeast => !percent || self.bound <= Decimal::ONE_HUNDRED,
            Side::AtMost => !above_zero || !self.bound.is_zero(),
        }
    }

    /// Whether a figure is as it has to be.
    pub fn holds(&self, told: Decimal) -> bool {
        match self.side {
            Side::AtLeast => told >= self.bound,
            Side::AtMost => told <= self.bound,
        }
    }

    /// Why it does not hold of a figure, in words, and `there`; `None` where it holds. What is not told does not.
    pub fn fails(&self, told: Option<Decimal>, there: &str) -> Option<String> {
        let (figure, wants) = (&self.figure, self.wants());
        match told {
            Some(told) if self.holds(told) => None,
            Some(told) => {
                let told = told.round_dp(2).normalize();
                Some(format!("{figure} is {told}{there}, and {wants} is wanted"))
            }
            None => Some(format!("{figure} is not told{there}, and {wants} is wanted")),
        }
    }

    /// What it asks for, without the figure: `>= 30`.
    pub fn wants(&self) -> String {
        let side = match self.side {
            Side::AtLeast => ">=",
            Side::AtMost => "<=",
        };
        format!("{side} {}", self.bound.normalize())
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.figure, self.wants())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_holds_at_its_bound_and_on_one_side_of_it() {
        let holds = |text: &str, told: i64| {
            let check = Check::read(Figure::LengthOfInterview, text).unwrap();
            check.holds(Decimal::new(told, 1))
        };
        assert_eq!([79, 80, 81].map(|told| holds("<= 8", told)), [true, true, false]);
        assert_eq!([79, 80, 81].map(|told| holds(">=8.0", told)), [false, true, true]);
        for text in ["8", "< 8", "= 8", ">= ", ">= 8%", ">= -8", ">= 8 9", "<= x"] {
            assert_eq!(Check::read(Figure::LengthOfInterview, text), None, "{text}");
        }
        assert!(Check::read(Figure::DropOff, "<= 8%").is_some());
    }

    #[test]
    fn a_check_that_no_figure_can_keep_is_known_as_one() {
        let possible = |figure, text: &str| Check::read(figure, text).unwrap().is_possible();
        for figure in Figure::ALL {
            let minutes = figure == Figure::LengthOfInterview;
            let none = matches!(figure, Figure::DropOff | Figure::QualityTerminations);
            let found = [">= 100", ">= 101", "<= 0", "<= 1", ">= 0"].map(|text| possible(figure, text));
            assert_eq!(found, [true, minutes, none, true, true], "{figure}");
        }
    }

    #[test]
    fn figures_are_those_that_are_told_under_their_keys() {
        let performance = Performance {
            incidence_rate: Some(Decimal::from(1)),
            length_of_interview: Some(Decimal::from(2)),
            drop_off: Some(Decimal::from(3)),
            quality_terminations: Some(Decimal::from(4)),
            ..Performance::default()
        };
        let told = Figure::told(&performance);
        let found: Vec<String> = told
            .iter()
            .map(|(figure, told)| format!("{figure} {told}"))
            .collect();
        assert_eq!(
            found,
            [
                "incidence_rate 1",
                "length_of_interview 2",
                "drop_off 3",
                "quality_terminations 4"
            ]
        );
        for figure in Figure::ALL {
            assert_eq!(Figure::from_key(&figure.to_string()), Some(figure));
        }
        assert_eq!(Figure::from_key("price"), None);
        assert!(Figure::told(&Performance::default()).is_empty());
    }
}
