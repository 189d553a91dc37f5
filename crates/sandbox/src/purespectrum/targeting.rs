//! Qualifications and quotas as callers send them and as the vendor keeps them.
//!
//! Promises to keep only documented keys, to strip what the vendor strips, and to refuse what the
//! vendor refuses. Which quota is which in an edit is left to `edit`.

use super::field::array;
use super::prelude::*;

/// US states: stored without leading zeros (vendor wiki 33499632).
const US_STATE: i64 = 225;
/// Years, months, USD (vendor wiki 336035851).
const UNITS: [i64; 3] = [311, 312, 321];

/// A quota as sent.
#[derive(Debug, Clone)]
pub(super) struct QuotaInput {
    pub(super) buyer_quota_id: Option<String>,
    pub(super) ps_quota_id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) required: u64,
    pub(super) criteria: Vec<Value>,
}

/// Reads the list of qualifications of a survey.
pub(super) fn qualifications(value: &Value) -> Result<Vec<Value>, Failure> {
    let kept = array(value, "qualifications")?.iter();
    let kept = kept.map(|item| qualification(item, "qualifications"));
    unrepeated(kept, "qualifications")
}

/// Reads the list of quotas of a survey.
pub(super) fn quotas(value: &Value) -> Result<Vec<QuotaInput>, Failure> {
    let inputs = array(value, "quotas")?.iter().map(quota);
    let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    for id in inputs.iter().filter_map(|input| input.buyer_quota_id.as_ref()) {
        if !seen.insert(id) {
            return Err(invalid(format!("buyer_quota_id {id} is given twice")));
        }
    }
    // A quota of 0 is stopped and divides nobody, here as where quotas are edited one by one.
    let open = inputs.iter().filter(|input| input.required > 0);
    let criteria: Vec<&[Value]> = open.map(|input| &input.criteria[..]).collect();
    refuse_overlaps(&criteria)?;
    Ok(inputs)
}

/// Reads one quota.
pub(super) fn quota(value: &Value) -> Result<QuotaInput, Failure> {
    let map = value
        .as_object()
        .ok_or_else(|| invalid("a quota must be an object"))?;
    let required = map.count("required_count");
    let required =
        required.ok_or_else(|| invalid("quotas.required_count must be a whole number, 0 or more"))?;
    let criteria = map.list("criteria").filter(|criteria| !criteria.is_empty());
    let criteria = criteria.ok_or_else(|| invalid("quotas.criteria must be an array that is not empty"))?;
    let criteria = criteria
        .iter()
        .map(|criterion| qualification(criterion, "quotas.criteria"));
    let criteria = unrepeated(criteria, "quotas.criteria")?;
    Ok(QuotaInput {
        buyer_quota_id: optional_text(map, "buyer_quota_id")?.filter(|id| !id.is_empty()),
        ps_quota_id: optional_text(map, "ps_quota_id")?,
        title: optional_text(map, "quota_title")?,
        required,
        criteria,
    })
}

fn optional_text(map: &Map<String, Value>, key: &str) -> Result<Option<String>, Failure> {
    let read = |sent: &Value| {
        let text = sent.as_str().map(str::to_owned);
        text.ok_or_else(|| invalid(format!("quotas.{key} must be a string")))
    };
    map.field(key).map(read).transpose()
}

/// Reads one qualification or criterion; `place` names it in refusals.
pub(super) fn qualification(value: &Value, place: &str) -> Result<Value, Failure> {
    let code = value.get("qualification_code").and_then(Value::as_i64);
    let code = code.ok_or_else(|| invalid(format!("{place}.qualification_code must be a whole number")))?;
    let mut kept = Map::new();
    kept.put("qualification_code", code);
    if let Some(unit) = value.get("child_age_unit") {
        kept.put("child_age_unit", unit);
    }
    if let Some(codes) = value.get("condition_codes") {
        kept.put("condition_codes", conditions(codes, code, place)?);
    }
    if let Some(sets) = value.get("range_sets") {
        kept.put("range_sets", ranges(sets, place)?);
    }
    if !kept.contains_key("condition_codes") && !kept.contains_key("range_sets") {
        let message = format!("{place} needs condition_codes or range_sets for {code}");
        return Err(invalid(message));
    }
    Ok(Value::Object(kept))
}

fn conditions(value: &Value, code: i64, place: &str) -> Result<Vec<String>, Failure> {
    let codes = texts(value).filter(|codes| !codes.is_empty());
    let rule = "must be an array of strings that is not empty";
    let mut codes = codes.ok_or_else(|| invalid(format!("{place}.condition_codes of {code} {rule}")))?;
    if code == US_STATE {
        for code in &mut codes {
            let stripped = code.trim_start_matches('0');
            if !stripped.is_empty() {
                *code = stripped.to_owned();
            }
        }
    }
    Ok(codes)
}

fn ranges(value: &Value, place: &str) -> Result<Value, Failure> {
    let refusal = |what: &str| invalid(format!("{place}.range_sets {what}"));
    let items = value.as_array().filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| refusal("must be an array that is not empty"))?;
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        let (Some(from), Some(to)) = (bound(item, "from"), bound(item, "to")) else {
            return Err(refusal("need whole numbers from and to"));
        };
        if from > to {
            return Err(refusal("need from to be at most to"));
        }
        let units = item.get("units").and_then(Value::as_i64);
        let Some(units) = units.filter(|units| UNITS.contains(units)) else {
            return Err(refusal("need units 311, 312 or 321"));
        };
        kept.push(json!({"units": units, "to": to, "from": from}));
    }
    Ok(Value::Array(kept))
}

/// Reads an end of a range, which may be a number or its digits (vendor wiki 34117092).
fn bound(range: &Value, key: &str) -> Option<i64> {
    match range.get(key)? {
        Value::String(digits) => digits.parse().ok(),
        other => other.as_i64(),
    }
}

/// Collects qualifications, each of which must have a code of its own.
fn unrepeated(
    items: impl Iterator<Item = Result<Value, Failure>>,
    place: &str,
) -> Result<Vec<Value>, Failure> {
    let items = items.collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    match items.iter().map(code_of).find(|code| !seen.insert(*code)) {
        Some(code) => Err(invalid(format!(
            "{place}.qualification_code {code} is given twice"
        ))),
        None => Ok(items),
    }
}

/// Returns a qualification's code.
pub(super) fn code_of(qualification: &Value) -> i64 {
    let code = qualification.get("qualification_code");
    code.and_then(Value::as_i64).unwrap_or_default()
}

/// Refuses ranges of one qualification that overlap between quotas (vendor wiki 34700934).
///
/// Only quotas over the same qualifications are held against each other, and only when their other
/// criteria meet too: men 18-34 beside women 18-34 is documented as fine, being nested.
pub(super) fn refuse_overlaps(quotas: &[&[Value]]) -> Result<(), Failure> {
    let mut seen: Vec<(BTreeSet<i64>, &[Value])> = Vec::new();
    for one in quotas {
        let Some(range) = one.iter().find(|item| item.get("range_sets").is_some()) else {
            continue;
        };
        let codes = dimension(one);
        let meets =
            |(known, other): &(BTreeSet<i64>, &[Value])| *known == codes && are_compatible(one, other);
        if seen.iter().any(meets) {
            let code = code_of(range);
            let message = format!("range_sets of qualification_code {code} overlap between quotas");
            return Err(invalid(message));
        }
        seen.push((codes, one));
    }
    Ok(())
}

/// Returns the codes a quota asks about: quotas with the same codes divide the same people.
pub(super) fn dimension(criteria: &[Value]) -> BTreeSet<i64> {
    criteria.iter().map(code_of).collect()
}

/// Returns whether one person could meet both lists of criteria.
pub(super) fn are_compatible(one: &[Value], other: &[Value]) -> bool {
    let pairs = one
        .iter()
        .flat_map(|left| other.iter().map(move |right| (left, right)));
    let mut same = pairs.filter(|(left, right)| code_of(left) == code_of(right));
    same.all(|(left, right)| meet(left, right))
}

fn meet(left: &Value, right: &Value) -> bool {
    if let Some((left, right)) = left.list("range_sets").zip(right.list("range_sets")) {
        return left.iter().any(|one| {
            right.iter().any(|other| {
                bound(one, "from") <= bound(other, "to") && bound(other, "from") <= bound(one, "to")
            })
        });
    }
    let codes = left.list("condition_codes").zip(right.list("condition_codes"));
    codes.is_none_or(|(left, right)| left.iter().any(|code| right.contains(code)))
}

/// Returns a qualification as the vendor shows it; `shuffled` gives its codes in another order than
/// they were sent in.
pub(super) fn shown(qualification: &Value, shuffled: bool) -> Value {
    let mut shown = qualification.clone();
    if shuffled && let Some(Value::Array(codes)) = shown.get_mut("condition_codes") {
        shuffle(codes);
    }
    shown
}

/// Puts codes in an order that is always the same for the same codes as sent, and never that order.
fn shuffle(codes: &mut Vec<Value>) {
    if codes.len() < 2 {
        return;
    }
    let mut mixed = codes.clone();
    mixed.sort_by_cached_key(|code| scatter(code.as_str().unwrap_or_default()));
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
    let criteria: Value = criteria.map(|criterion| shown(criterion, shuffled)).collect();
    json!({
        "buyer_quota_id": quota.buyer_quota_id, "quota_title": quota.title, "ps_quota_id": quota.ps_quota_id,
        "required_count": quota.required, "criteria": criteria,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ages(from: i64, to: i64) -> Value {
        json!({"qualification_code": 212, "range_sets": [{"from": from, "to": to, "units": 311}]})
    }

    fn gender(code: &str) -> Value {
        json!({"qualification_code": 211, "condition_codes": [code]})
    }

    #[test]
    fn only_quotas_over_the_same_people_overlap() {
        let overlap = |quotas: &[&[Value]]| refuse_overlaps(quotas).is_err();
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
        let state = json!({"qualification_code": 225, "condition_codes": ["06", "48"]});
        assert_eq!(
            qualification(&state, "q").unwrap()["condition_codes"],
            json!(["6", "48"])
        );
        let zip = json!({"qualification_code": 229, "condition_codes": ["03070"],
            "condition_names": [{"03070": "x"}], "qualification_name": "Zip"});
        assert_eq!(
            qualification(&zip, "q").unwrap(),
            json!({"qualification_code": 229, "condition_codes": ["03070"]})
        );
    }

    #[test]
    fn codes_come_back_in_another_order_every_time_the_same() {
        for sent in [json!(["111", "112"]), json!(["112", "111"])] {
            let item = json!({"qualification_code": 211, "condition_codes": sent});
            let back = shown(&item, true);
            assert_ne!(back["condition_codes"], sent);
            assert_eq!(back, shown(&item, true));
            assert_eq!(shown(&item, false)["condition_codes"], sent);
        }
    }
}
