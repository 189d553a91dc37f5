//! Qualifications and quotas as the vendor's profiles, in both directions (dossier of the contract: `ProfilingRequest`).
//!
//! A profile is about one question (regular), or crosses two or three (blended); a question stands in one profile only.
//! So the quotas of one question are the targets of its regular profile and let in whom they count; quotas over several
//! questions are the targets of the one blended profile; a question without quotas is a profile that counts nothing.
//!
//! Promises: what is encoded and read back is equal; profiles that nobody here manages are passed on as they are.

use super::fit::{conflicts, name, union};
use super::wire::{self, Condition, Profile, ProfileKind, Target};
use crate::marketplace::http::json::{Decoded, code, count, list, mismatch};
use crate::marketplace::http::wire::{Code, Count, Object, typed};
use crate::model::targeting::canonical;
use crate::model::{Answers, Criterion, Field, LiveQuota, Quota, Range};
use crate::plan::Refusal;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Marks a criterion on a question that is answered by any text, so that its answers are values and not options.
pub(super) const OPEN: &str = "open";

/// What stands for every answer of an open question.
pub(super) const ANY: &str = "*";

/// The profiles that hold a targeting.
///
/// # Errors
/// When they cannot.
pub(super) fn encode(qualifications: &[Criterion], quotas: &[Quota]) -> Result<Vec<Value>, Refusal> {
    if let Some(conflict) = conflicts(qualifications, quotas).into_iter().next() {
        let path = match conflict.quota {
            Some(index) => format!("/quotas/{}/where", quotas[index].name),
            None => format!("/qualifications/{}", name(&conflict.question)),
        };
        return Err(Refusal::new(format!("{}: {}", conflict.message, conflict.rule))
            .help(conflict.help)
            .at(path));
    }
    let mut order: Vec<Vec<&str>> = Vec::new();
    let mut targets: BTreeMap<Vec<&str>, Vec<Value>> = BTreeMap::new();
    for quota in quotas {
        let questions: Vec<&str> = quota.criteria.iter().map(|c| c.question.as_str()).collect();
        if !order.contains(&questions) {
            order.push(questions.clone());
        }
        let mut all = Vec::new();
        for criterion in &quota.criteria {
            all.extend(conditions(criterion)?);
        }
        targets.entry(questions).or_default().push(json!({
            "name": quota.name,
            "conditions": all,
            "quota": {"completes_goal": quota.completes},
        }));
    }
    let counted: BTreeSet<&str> = order.iter().flatten().copied().collect();
    let mut profiles = Vec::new();
    for questions in &order {
        let targets = targets.remove(questions).unwrap_or_default();
        profiles.push(if let [question] = questions.as_slice() {
            json!({"object": "regular", "name": name(question), "quotas_enabled": true, "targets": targets})
        } else {
            let names: Vec<&str> = questions.iter().map(|question| name(question)).collect();
            json!({
                "object": "blended", "blended_type": "interlock", "name": names.join(" x "),
                "quotas_enabled": true, "targets": targets,
            })
        });
    }
    for criterion in qualifications {
        let question = criterion.question.as_str();
        if counted.contains(question) {
            continue;
        }
        // Several conditions of one target need a name (error 057).
        let target = json!({"name": name(question), "conditions": conditions(criterion)?});
        profiles.push(json!({
            "object": "regular", "name": name(question), "quotas_enabled": false, "targets": [target],
        }));
    }
    Ok(profiles)
}

/// The conditions of a criterion: alternatives of each other.
fn conditions(criterion: &Criterion) -> Result<Vec<Value>, Refusal> {
    let question: u64 = criterion.question.parse().map_err(|_| {
        Refusal::new(format!(
            "`{}` is no number of a question of Cint's library",
            criterion.question
        ))
    })?;
    Ok(match &criterion.answers {
        Answers::Ranges(ranges) => ranges
            .iter()
            .map(|range| json!({"object": "range", "question_id": question, "min": range.from, "max": range.to}))
            .collect(),
        Answers::Codes(codes) if criterion.unit.as_deref() == Some(OPEN) => {
            let all = codes.contains(ANY);
            let values: Vec<&String> = codes.iter().filter(|code| *code != ANY).collect();
            vec![json!({
                "object": "open_ended", "question_id": question, "allow_all_values": all,
                "open_ended_values": if all { Value::Null } else { json!(values) },
            })]
        }
        Answers::Codes(codes) => codes
            .iter()
            .map(|option| json!({"object": "selection", "question_id": question, "option": option}))
            .collect(),
    })
}

/// What profiles say in our words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) qualifications: Vec<Criterion>,
    pub(super) quotas: Vec<LiveQuota>,
}

/// Reads profiles as the vendor shows them, of a draft or in field.
pub(super) fn decode(profiles: &Value, path: &str) -> Decoded<Seen> {
    let mut seen = Seen::default();
    if profiles.is_null() {
        return Ok(seen);
    }
    for (index, profile) in list(profiles, path)?.iter().enumerate() {
        let path = format!("{path}/{index}");
        // A control blend repeats questions of other profiles (error 067) and lets in nobody by itself.
        let kind: ProfileKind = typed(profile, &path)?;
        if kind.blended_type.value().is_some_and(|kind| kind == "control") {
            continue;
        }
        let profile: Profile = typed(profile, &path)?;
        let Some(targets) = profile.targets.value() else {
            return mismatch(&format!("{path}/targets"), "a list", &Value::Null);
        };
        let counts = profile.quotas_enabled.value().copied().unwrap_or(false);
        let mut asked: BTreeMap<String, Vec<Criterion>> = BTreeMap::new();
        for (at, target) in targets.iter().enumerate() {
            let place = format!("{path}/targets/{at}");
            let Some(conditions) = target.conditions.value() else {
                return mismatch(&format!("{place}/conditions"), "a list", &Value::Null);
            };
            let criteria = criteria(conditions, &place)?;
            for criterion in &criteria {
                asked
                    .entry(criterion.question.clone())
                    .or_default()
                    .push(criterion.clone());
            }
            if let Some(quota) = target.quota.value().filter(|_| counts) {
                seen.quotas
                    .push(live_quota(&profile, target, quota, criteria, &place)?);
            }
        }
        for criteria in asked.values() {
            let all: Vec<&Criterion> = criteria.iter().collect();
            seen.qualifications.extend(union(&all));
        }
    }
    seen.qualifications = canonical(seen.qualifications);
    Ok(seen)
}

fn live_quota(
    profile: &Profile,
    target: &Target,
    quota: &wire::Quota,
    criteria: Vec<Criterion>,
    path: &str,
) -> Decoded<LiveQuota> {
    let id = |id: &Field<String>| id.value().cloned().unwrap_or_default();
    let goal = quota.completes_goal.clone().or(quota.quota_nominal.clone());
    let Some(Count(completes)) = goal.value() else {
        return mismatch(
            &format!("{path}/quota/completes_goal"),
            "a number of completes",
            &Value::Null,
        );
    };
    Ok(LiveQuota {
        name: target.name.value().or(quota.name.value()).cloned(),
        id: format!("{}/{}", id(&profile.id), id(&target.id)),
        completes: *completes,
        fielded: quota.completes.value().map(|count| count.0),
        criteria,
        nameless: true,
        hidden: false,
    })
}

/// Conditions of one target: those of one question are alternatives, those of different ones must all hold.
fn criteria(conditions: &[Object<Condition>], path: &str) -> Decoded<Vec<Criterion>> {
    let mut by_question: BTreeMap<String, Criterion> = BTreeMap::new();
    for (index, condition) in conditions.iter().enumerate() {
        let place = format!("{path}/conditions/{index}");
        let Some(Count(question)) = condition.question_id.value() else {
            return mismatch(&format!("{place}/question_id"), "a number", &Value::Null);
        };
        let question = question.to_string();
        let (unit, answers) = match condition.object.value().map(String::as_str) {
            Some("range") => {
                let (Some(from), Some(to)) = (condition.min.value(), condition.max.value()) else {
                    return lacks(&place, "a range with `min` and `max`");
                };
                (
                    None,
                    Answers::ranges([Range {
                        from: from.0,
                        to: to.0,
                    }]),
                )
            }
            Some("open_ended") => {
                let codes = if condition.allow_all_values == Field::Set(true) {
                    Answers::codes([ANY])
                } else {
                    let values = condition.open_ended_values.value().into_iter().flatten();
                    Answers::codes(values.map(|value| value.0.clone()))
                };
                (Some(OPEN.to_owned()), codes)
            }
            // `selection`, and whatever else names an option.
            _ => match condition.option.value() {
                Some(Code(option)) => (None, Answers::codes([option.clone()])),
                None => return lacks(&format!("{place}/option"), "an option"),
            },
        };
        let criterion = Criterion {
            question: question.clone(),
            unit,
            answers,
        };
        let before = by_question.remove(&question);
        let all: Vec<&Criterion> = before.iter().chain([&criterion]).collect();
        by_question.extend(union(&all).map(|criterion| (question, criterion)));
    }
    Ok(canonical(by_question.into_values().collect()))
}

/// A condition without what makes it one.
fn lacks<T>(path: &str, expected: &str) -> Decoded<T> {
    mismatch(path, expected, &Value::Object(Map::new()))
}

/// The questions of a profile as the vendor shows it.
fn questions(profile: &Value) -> BTreeSet<String> {
    let targets = profile
        .get("targets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    targets
        .filter_map(|target| target.get("conditions").and_then(Value::as_array))
        .flatten()
        .filter_map(|condition| condition.get("question_id").and_then(code))
        .collect()
}

/// Profiles as the vendor shows them, as it wants them written: with counts, and without what it adds.
pub(super) fn verbatim(profiles: &Value, but: &BTreeSet<&str>) -> Vec<Value> {
    let profiles = profiles.as_array().into_iter().flatten();
    profiles
        .filter(|profile| {
            questions(profile)
                .iter()
                .all(|question| !but.contains(question.as_str()))
        })
        .map(|profile| {
            let mut out = Map::new();
            for key in ["object", "blended_type", "name", "quotas_enabled"] {
                if let Some(value) = profile.get(key).filter(|value| !value.is_null()) {
                    out.insert(key.to_owned(), value.clone());
                }
            }
            let targets = profile
                .get("targets")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            let targets: Vec<Value> = targets.map(target).collect();
            out.insert("targets".to_owned(), Value::Array(targets));
            Value::Object(out)
        })
        .collect()
}

fn target(shown: &Value) -> Value {
    let mut out = Map::new();
    let name = shown.get("name").or_else(|| shown.pointer("/quota/name"));
    if let Some(name) = name.filter(|name| name.is_string()) {
        out.insert("name".to_owned(), name.clone());
    }
    let conditions = shown
        .get("conditions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let kept = [
        "object",
        "question_id",
        "option",
        "min",
        "max",
        "allow_all_values",
        "open_ended_values",
    ];
    let conditions: Vec<Value> = conditions
        .map(|condition| {
            let pairs = kept
                .iter()
                .filter_map(|key| Some((*key, condition.get(*key)?.clone())));
            pairs
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()
        })
        .collect();
    out.insert("conditions".to_owned(), Value::Array(conditions));
    let goal = ["completes_goal", "quota_nominal"]
        .iter()
        .find_map(|key| shown.get("quota")?.get(*key).and_then(count));
    if let Some(goal) = goal {
        out.insert("quota".to_owned(), json!({"completes_goal": goal}));
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::super::fit::completed;
    use super::*;
    use crate::model::SurveySpec;

    fn codes(question: &str, codes: &[&str]) -> Criterion {
        Criterion {
            question: question.to_owned(),
            unit: None,
            answers: Answers::codes(codes.iter().copied()),
        }
    }

    fn years(from: i64, to: i64) -> Criterion {
        Criterion {
            question: "42".to_owned(),
            unit: None,
            answers: Answers::ranges([Range { from, to }]),
        }
    }

    fn quota(name: &str, completes: u64, criteria: Vec<Criterion>) -> Quota {
        Quota {
            name: name.to_owned(),
            completes,
            criteria: canonical(criteria),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let spec = completed(&SurveySpec {
            qualifications: Field::Set(vec![
                Criterion {
                    unit: Some(OPEN.to_owned()),
                    ..codes("45", &["98001", "01234"])
                },
                years(18, 64),
            ]),
            quotas: Field::Set(vec![
                quota("men", 60, vec![codes("43", &["1"])]),
                quota("women", 40, vec![codes("43", &["2"])]),
                quota("young", 30, vec![years(18, 34)]),
                quota("old", 70, vec![years(35, 64)]),
            ]),
            ..SurveySpec::default()
        });
        let (Field::Set(qualifications), Field::Set(quotas)) = (&spec.qualifications, &spec.quotas) else {
            panic!("no targeting");
        };
        assert_eq!(qualifications.len(), 3, "gender is asked because it is counted");
        let profiles = Value::Array(encode(qualifications, quotas).unwrap());
        let seen = decode(&profiles, "").unwrap();
        assert_eq!(&seen.qualifications, qualifications);
        let read: Vec<Quota> = seen
            .quotas
            .iter()
            .map(|q| quota(q.name.as_deref().unwrap(), q.completes, q.criteria.clone()))
            .collect();
        assert_eq!(&read, quotas);
        assert_eq!(Value::Array(verbatim(&profiles, &BTreeSet::new())), profiles);
        assert_eq!(verbatim(&profiles, &BTreeSet::from(["43", "42"])).len(), 1);
    }

    #[test]
    fn several_questions_make_the_one_blended_profile() {
        let crossed = |name: &str, gender: &str, from, to| {
            quota(name, 10, vec![codes("43", &[gender]), years(from, to)])
        };
        let quotas = [crossed("a", "1", 18, 34), crossed("b", "2", 35, 64)];
        let profiles = encode(&[], &quotas).unwrap();
        assert_eq!(profiles.len(), 1);
        assert_eq!(profiles[0]["object"], "blended");
        assert_eq!(profiles[0]["name"], "age x gender");
        assert_eq!(
            profiles[0]["targets"][0]["conditions"].as_array().unwrap().len(),
            2
        );
    }

    #[test]
    fn what_profiles_cannot_hold_is_named() {
        let single = quota("men", 10, vec![codes("43", &["1"])]);
        let crossed = quota("young-men", 5, vec![codes("43", &["1"]), years(18, 34)]);
        let elsewhere = quota("old-hispanic", 5, vec![codes("47", &["4"]), years(35, 64)]);
        let both = conflicts(&[], &[single.clone(), crossed.clone()]);
        assert_eq!(both.len(), 1, "{both:?}");
        assert!(
            both[0]
                .message
                .contains("counted by itself in `men` and crossed in `young-men`")
        );
        let two = conflicts(&[], &[crossed, elsewhere]);
        assert!(
            two[0].message.contains("and another one crosses age and gender"),
            "{two:?}"
        );
        let uncovered = conflicts(&[codes("43", &["1", "2"])], &[single]);
        assert!(
            uncovered[0]
                .message
                .contains("do not let in the same respondents")
        );
    }

    #[test]
    fn anything_odd_in_profiles_is_said_with_its_place() {
        let wrong = json!([{"quotas_enabled": true, "targets": [{"conditions": [{"object": "range", "question_id": 42}]}]}]);
        assert_eq!(
            decode(&wrong, "/profiles").unwrap_err().path,
            "/profiles/0/targets/0/conditions/0"
        );
        assert_eq!(decode(&Value::Null, "").unwrap(), Seen::default());
    }
}
