//! Who is asked: criteria on respondents, and quotas that count them.

use super::shared::{Pool, Pooled, Shared};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A closed range of whole numbers; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// First value inside.
    pub from: i64,
    /// Last value inside.
    pub to: i64,
}

impl Range {
    /// Whether the two share a value.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// The answers that satisfy a criterion; alternatives, never all at once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// Any of these answer codes of the vendor.
    Codes(BTreeSet<String>),
    /// Any value in these ranges, in the question's own unit; sorted, not overlapping.
    Ranges(Vec<Range>),
}

impl Answers {
    /// Ranges in canonical form: sorted. Nothing is merged: 18-24 and 25-34 stay two.
    pub fn ranges(ranges: impl IntoIterator<Item = Range>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().collect();
        ranges.sort_unstable();
        Self::Ranges(ranges)
    }

    /// Codes in canonical form.
    pub fn codes<S: Into<String>>(codes: impl IntoIterator<Item = S>) -> Self {
        Self::Codes(codes.into_iter().map(Into::into).collect())
    }
}

/// One question of the vendor with the answers that let a respondent in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Criterion {
    /// The vendor's code or key of the question.
    pub question: String,
    /// Unit of the ranges as the vendor names it, where it has several (PureSpectrum: `311` years).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The answers, alternatives of each other.
    pub answers: Answers,
}

/// Puts criteria into canonical order, so that two lists with the same meaning are equal.
pub fn canonical(mut criteria: Vec<Criterion>) -> Criteria {
    criteria.sort_unstable();
    criteria.into()
}

/// Criteria on respondents; all must hold.
pub type Criteria = Shared<Vec<Criterion>>;

/// Quotas in the order of their manifest.
pub type Quotas = Shared<Vec<Quota>>;

impl Pooled for Vec<Criterion> {
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<Vec<Criterion>> = Pool::new();
        &POOL
    }
}

impl Pooled for Vec<Quota> {
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<Vec<Quota>> = Pool::new();
        &POOL
    }
}

/// A counter of completes for respondents who meet all its criteria.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// The vendor's key where the vendor lets us choose it, and unique within the survey: the manifest's `id`, or else its
    /// name.
    pub name: String,
    /// Completes wanted.
    pub completes: u64,
    /// All must hold (several: interlocked); canonical order.
    pub criteria: Criteria,
}

impl Quota {
    /// Most characters of a key.
    pub const LONGEST_KEY: usize = 500;

    /// Whether a text may be the name of a quota, so that it needs no `id` beside it.
    pub fn is_name(text: &str) -> bool {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        (1..=64).contains(&text.len()) && text.bytes().all(legal)
    }
}
