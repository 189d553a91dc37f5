//! Qualifications and quotas as callers send them and as the vendor keeps them.
//!
//! Promises to keep only documented keys, to strip what the vendor strips, and to refuse what the
//! vendor refuses. Which quota is which in an edit is left to `edit`.

use super::field;
use super::prelude::*;
use serde::Deserializer;
use serde::de::Error as _;

/// US states: stored without leading zeros (vendor wiki 33499632).
const US_STATE: i64 = 225;
/// Years, months, USD (vendor wiki 336035851).
const UNITS: [i64; 3] = [311, 312, 321];

/// A quota as sent.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct QuotaInput {
    pub(super) buyer_quota_id: Option<String>,
    pub(super) ps_quota_id: Option<String>,
    #[serde(rename = "quota_title")]
    pub(super) title: Option<String>,
    #[serde(rename = "required_count")]
    pub(super) required: u64,
    pub(super) criteria: Vec<Qualification>,
}

/// A qualification of a survey or a criterion of a quota: what is kept of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Qualification {
    #[serde(rename = "qualification_code")]
    pub(super) code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    child_age_unit: Option<Value>,
    #[serde(rename = "condition_codes", skip_serializing_if = "Option::is_none")]
    codes: Option<Vec<String>>,
    #[serde(rename = "range_sets", skip_serializing_if = "Option::is_none")]
    ranges: Option<Vec<Range>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Range {
    units: i64,
    #[serde(deserialize_with = "end")]
    to: i64,
    #[serde(deserialize_with = "end")]
    from: i64,
}

/// An end of a range, which may be a number or its digits (vendor wiki 34117092).
fn end<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let sent = Value::deserialize(from)?;
    let digits = sent.as_str().and_then(|digits| digits.parse().ok());
    let end = digits.or_else(|| sent.as_i64());
    end.ok_or_else(|| D::Error::custom("an end of a range must be a whole number"))
}

/// Reads the list of qualifications of a survey.
pub(super) fn qualifications(body: &Map<String, Value>) -> Result<Option<Vec<Qualification>>, Failure> {
    let kept = field::sent(body, "qualifications")?;
    kept.map(|kept| checked(kept, "qualifications")).transpose()
}

/// Reads the list of quotas of a survey.
pub(super) fn quotas(body: &Map<String, Value>) -> Result<Option<Vec<QuotaInput>>, Failure> {
    let Some(sent) = field::sent::<Vec<QuotaInput>>(body, "quotas")? else {
        return Ok(None);
    };
    let inputs = sent.into_iter().map(QuotaInput::checked);
    let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    for id in inputs.iter().filter_map(|input| input.buyer_quota_id.as_ref()) {
        if !seen.insert(id) {
            return Err(invalid(format!("buyer_quota_id {id} is given twice")));
        }
    }
    // A quota of 0 is stopped and divides nobody, here as where quotas are edited one by one.
    let open = inputs.iter().filter(|input| input.required > 0);
    refuse_overlaps(open.map(|input| &input.criteria[..]))?;
    Ok(Some(inputs))
}

impl QuotaInput {
    /// Refuses what the vendor refuses.
    pub(super) fn checked(mut self) -> Result<Self, Failure> {
        if self.criteria.is_empty() {
            return Err(invalid("quotas.criteria must not be empty"));
        }
        self.criteria = checked(self.criteria, "quotas.criteria")?;
        self.buyer_quota_id = self.buyer_quota_id.filter(|id| !id.is_empty());
        Ok(self)
    }
}

/// Refuses what the vendor refuses of a list of qualifications or criteria, and strips what it strips.
pub(super) fn checked(list: Vec<Qualification>, place: &str) -> Result<Vec<Qualification>, Failure> {
    let list = list.into_iter().map(|one| one.checked(place));
    let list = list.collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    match list.iter().find(|one| !seen.insert(one.code)) {
        Some(one) => Err(invalid(format!("{place}: {} is given twice", one.code))),
        None => Ok(list),
    }
}

impl Qualification {
    /// Refuses what the vendor refuses, and strips what it strips; `place` names it in refusals.
    pub(super) fn checked(mut self, place: &str) -> Result<Self, Failure> {
        if self.code == US_STATE {
            let codes = self.codes.iter_mut().flatten();
            for code in codes.filter(|code| code.contains(|letter| letter != '0')) {
                *code = code.trim_start_matches('0').to_owned();
            }
        }
        let ranges = || self.ranges.iter().flatten();
        let reason = if self.codes.is_none() && self.ranges.is_none() {
            "needs condition_codes or range_sets"
        } else if self.codes.as_ref().is_some_and(Vec::is_empty) {
            "needs condition_codes that are not empty"
        } else if self.ranges.as_ref().is_some_and(Vec::is_empty) {
            "needs range_sets that are not empty"
        } else if ranges().any(|range| range.from > range.to) {
            "needs range_sets with from at most to"
        } else if ranges().any(|range| !UNITS.contains(&range.units)) {
            "needs range_sets with units 311, 312 or 321"
        } else {
            return Ok(self);
        };
        Err(invalid(format!("{place}: {} {reason}", self.code)))
    }

    /// Returns whether one person could meet both.
    fn meets(&self, other: &Self) -> bool {
        if let Some((left, right)) = self.ranges.as_ref().zip(other.ranges.as_ref()) {
            let met = |one: &Range| right.iter().any(|two| one.from <= two.to && two.from <= one.to);
            return left.iter().any(met);
        }
        let codes = self.codes.as_ref().zip(other.codes.as_ref());
        codes.is_none_or(|(left, right)| left.iter().any(|code| right.contains(code)))
    }

    /// Returns it as the vendor shows it; `shuffled` gives its codes in another order than they were sent in.
    pub(super) fn shown(&self, shuffled: bool) -> Value {
        let mut shown = self.clone();
        if shuffled && let Some(codes) = &mut shown.codes {
            shuffle(codes);
        }
        json!(shown)
    }
}

/// Refuses ranges of one qualification that overlap between quotas (vendor wiki 34700934).
///
/// Only quotas over the same qualifications are held against each other, and only when their other
/// criteria meet too: men 18-34 beside women 18-34 is documented as fine, being nested.
pub(super) fn refuse_overlaps<'q>(quotas: impl Iterator<Item = &'q [Qualification]>) -> Result<(), Failure> {
    let mut seen: Vec<&[Qualification]> = Vec::new();
    for one in quotas {
        let Some(range) = one.iter().find(|item| item.ranges.is_some()) else {
            continue;
        };
        let meets =
            |other: &&[Qualification]| dimension(other) == dimension(one) && are_compatible(one, other);
        if seen.iter().any(meets) {
            let code = range.code;
            let message = format!("range_sets of qualification_code {code} overlap between quotas");
            return Err(invalid(message));
        }
        seen.push(one);
    }
    Ok(())
}

/// Returns the codes a quota asks about: quotas with the same codes divide the same people.
pub(super) fn dimension(criteria: &[Qualification]) -> BTreeSet<i64> {
    criteria.iter().map(|criterion| criterion.code).collect()
}

/// Returns whether one person could meet both lists of criteria.
pub(super) fn are_compatible(one: &[Qualification], other: &[Qualification]) -> bool {
    one.iter().all(|left| {
        let mut same = other.iter().filter(|right| right.code == left.code);
        same.all(|right| left.meets(right))
    })
}

/// Puts codes in an order that is always the same for the same codes as sent, and never that order.
fn shuffle(codes: &mut Vec<String>) {
    let mut mixed = codes.clone();
    mixed.sort_by_cached_key(|code| scatter(code));
    if mixed == *codes {
        mixed.reverse();
    }
    *codes = mixed;
}

/// Gives texts an order that has nothing to do with the alphabet (the FNV-1a hash).
fn scatter(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Returns a quota as the vendor shows it.
pub(super) fn quota_shown(quota: &Quota, shuffled: bool) -> Value {
    let criteria = quota.criteria.iter();
    let criteria: Value = criteria.map(|criterion| criterion.shown(shuffled)).collect();
    json!({
        "buyer_quota_id": quota.buyer_quota_id, "quota_title": quota.title, "ps_quota_id": quota.ps_quota_id,
        "required_count": quota.required, "criteria": criteria,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(sent: Value) -> Qualification {
        serde_json::from_value(sent).unwrap()
    }

    fn ages(from: i64, to: i64) -> Qualification {
        item(json!({"qualification_code": 212, "range_sets": [{"from": from, "to": to, "units": 311}]}))
    }

    fn gender(code: &str) -> Qualification {
        item(json!({"qualification_code": 211, "condition_codes": [code]}))
    }

    #[test]
    fn only_quotas_over_the_same_people_overlap() {
        let overlap = |quotas: &[&[Qualification]]| refuse_overlaps(quotas.iter().copied()).is_err();
        assert!(overlap(&[&[ages(18, 30)], &[ages(30, 40)]]));
        assert!(!overlap(&[&[ages(18, 30)], &[ages(31, 40)]]));
        let men = [gender("111"), ages(18, 34)];
        let women = [gender("112"), ages(18, 34)];
        assert!(!overlap(&[&men, &women]));
        assert!(overlap(&[&men, &[gender("111"), ages(30, 40)]]));
        assert!(!overlap(&[&[gender("111")], &[gender("111")]]));
    }

    #[test]
    fn states_lose_leading_zeros_and_zip_codes_keep_them() {
        let kept = |sent: Value| json!(item(sent).checked("q").unwrap());
        let state = json!({"qualification_code": 225, "condition_codes": ["06", "48"]});
        assert_eq!(kept(state)["condition_codes"], json!(["6", "48"]));
        let zip = json!({"qualification_code": 229, "condition_codes": ["03070"],
            "condition_names": [{"03070": "x"}], "qualification_name": "Zip"});
        assert_eq!(
            kept(zip),
            json!({"qualification_code": 229, "condition_codes": ["03070"]})
        );
    }

    #[test]
    fn codes_come_back_in_another_order_every_time_the_same() {
        for sent in [json!(["111", "112"]), json!(["112", "111"])] {
            let item = item(json!({"qualification_code": 211, "condition_codes": sent}));
            let back = item.shown(true);
            assert_ne!(back["condition_codes"], sent);
            assert_eq!(back, item.shown(true));
            assert_eq!(item.shown(false)["condition_codes"], sent);
        }
    }
}
