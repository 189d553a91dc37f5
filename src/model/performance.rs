//! How fielding goes, as a vendor counts it. What a vendor does not tell is `None`, never zero.

use super::Money;
use jiff::Timestamp;
use rust_decimal::Decimal;

/// What a vendor tells about the respondents of a survey so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Performance {
    /// Respondents who qualified, percent; only once somebody was asked.
    pub incidence_rate: Option<Decimal>,
    /// Length of the interview, minutes; only once somebody finished it.
    pub length_of_interview: Option<Decimal>,
    /// Respondents who left in the middle, in percent of those who began; only once somebody began.
    pub drop_off: Option<Decimal>,
    /// Respondents who were sent away for their quality, in percent of those who began; only once somebody began.
    pub quality_terminations: Option<Decimal>,
    /// What the completes so far cost.
    pub cost: Option<Money>,
    /// Whether that is the completes at today's price, because the vendor tells no cost.
    pub cost_by_price: bool,
    /// What all completes will have cost, as the vendor projects it.
    pub projected_cost: Option<Money>,
    /// What a complete costs now.
    pub price: Option<Money>,
    /// When it went in field.
    pub started: Option<Timestamp>,
    /// When it goes out of field, where that is no field of a manifest there.
    pub ends: Option<Timestamp>,
    /// When the last complete came in.
    pub last_complete: Option<Timestamp>,
    /// What the vendor tells where one survey alone is looked at.
    pub details: Option<Details>,
    /// What of all this rests on something that no document of the vendor says.
    pub assumed: Option<String>,
    /// What could not be read, and why.
    pub unread: Option<String>,
}

/// What a vendor tells of one survey alone, in its own words and over time. No plan depends on it, and no verdict on words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// What each figure is called, and what it says.
    pub figures: Vec<(String, String)>,
    /// Completes in each interval, oldest first, named by its end.
    pub intervals: Vec<(Timestamp, u64)>,
    /// When the last complete came in, where the counters do not say.
    pub last_complete: Option<Timestamp>,
}
