//! Qualifications and quotas as the vendor's profiles, in both directions (dossier of the contract: `ProfilingRequest`).
//!
//! A profile is about one question (regular), or crosses two or three (blended); a question stands in one profile only.
//! So the quotas of one question are the targets of its regular profile and let in whom they count; quotas over several
//! questions are the targets of the one blended profile; a question without quotas is a profile that counts nothing.
//!
//! Promises: what is encoded and read back is equal; profiles that nobody here manages are passed on as they are.

use super::fit::{OPEN, by_question, conflicts, name, names};
use super::wire::{self, Condition, Profile, Profiles, Target, items, word};
use crate::marketplace::http::json::{Decoded, mismatch};
use crate::marketplace::http::wire::{Code, Count, Object, Whole};
use crate::model::targeting::canonical;
use crate::model::{Answers, Criteria, Criterion, Field, LiveQuota, Quota, Range};
use crate::plan::Refusal;
use crate::plan::diff::quota_path;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What stands for every answer of an open question.
pub(super) const ANY: &str = "*";

/// The profiles that hold a targeting.
///
/// # Errors
/// When they cannot.
pub(super) fn encode(qualifications: &[Criterion], quotas: &[Quota]) -> Result<Profiles, Refusal> {
    if let Some(conflict) = conflicts(qualifications, quotas).into_iter().next() {
        let path = match conflict.quota {
            Some(index) => format!("{}/where", quota_path(&quotas[index].name)),
            None => format!("/qualifications/{}", name(&conflict.question)),
        };
        return Err(Refusal::new(format!("{}: {}", conflict.message, conflict.rule))
            .help(conflict.help)
            .at(path));
    }
    let text = |text: &str| Field::Set(text.to_owned());
    // Questions, whether they are counted, and their targets.
    type Group<'a> = (Vec<&'a str>, bool, Vec<Object<Target>>);
    let mut all: Vec<Group<'_>> = Vec::new();
    for quota in quotas {
        let questions: Vec<&str> = quota.criteria.iter().map(|c| c.question.as_str()).collect();
        let conditions = quota.criteria.iter().map(conditions);
        let conditions: Vec<Vec<_>> = conditions.collect::<Result<_, _>>()?;
        let target = Object(Target {
            name: text(&quota.name),
            conditions: Field::Set(conditions.concat()),
            quota: Field::Set(Object(counting(quota.completes))),
            ..Target::default()
        });
        match all.iter_mut().find(|(others, ..)| *others == questions) {
            Some((.., targets)) => targets.push(target),
            None => all.push((questions, true, vec![target])),
        }
    }
    let counted: BTreeSet<&str> = all.iter().flat_map(|(questions, ..)| questions.clone()).collect();
    for criterion in qualifications {
        let question = criterion.question.as_str();
        if !counted.contains(question) {
            // Several conditions of one target need a name (error 057).
            let target = Object(Target {
                name: text(name(question)),
                conditions: Field::Set(conditions(criterion)?),
                ..Target::default()
            });
            all.push((vec![question], false, vec![target]));
        }
    }
    let profile = |(questions, counts, targets): (Vec<&str>, bool, _)| {
        let blended = questions.len() != 1;
        Object(Profile {
            object: text(if blended { "blended" } else { "regular" }),
            blended_type: Field::mentioned(blended.then(|| "interlock".to_owned())),
            name: Field::Set(names(&questions, " x ")),
            quotas_enabled: Field::Set(counts),
            targets: Field::Set(targets),
            ..Profile::default()
        })
    };
    Ok(all.into_iter().map(profile).collect())
}

fn counting(completes: u64) -> wire::Quota {
    wire::Quota {
        completes_goal: Field::Set(Count(completes)),
        ..wire::Quota::default()
    }
}

/// The conditions of a criterion: alternatives of each other.
fn conditions(criterion: &Criterion) -> Result<Vec<Object<Condition>>, Refusal> {
    let question: u64 = criterion.question.parse().map_err(|_| {
        Refusal::new(format!(
            "`{}` is no number of a question of Cint's library",
            criterion.question
        ))
    })?;
    let of = |object: &str| Condition {
        object: Field::Set(object.to_owned()),
        question_id: Field::Set(Count(question)),
        ..Condition::default()
    };
    let all: Vec<Condition> = match &criterion.answers {
        Answers::Ranges(ranges) => ranges
            .iter()
            .map(|range| Condition {
                min: Field::Set(Whole(range.from)),
                max: Field::Set(Whole(range.to)),
                ..of("range")
            })
            .collect(),
        Answers::Codes(codes) if criterion.unit.as_deref() == Some(OPEN) => {
            let all = codes.contains(ANY);
            let values = codes.iter().filter(|code| *code != ANY).cloned().map(Code);
            vec![Condition {
                allow_all_values: Field::Set(all),
                open_ended_values: Field::shown((!all).then(|| values.collect())),
                ..of("open_ended")
            }]
        }
        Answers::Codes(codes) => codes
            .iter()
            .map(|option| Condition {
                option: Field::Set(Code(option.clone())),
                ..of("selection")
            })
            .collect(),
    };
    Ok(all.into_iter().map(Object).collect())
}

/// What profiles say in our words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) qualifications: Criteria,
    pub(super) quotas: Vec<LiveQuota>,
}

/// What profiles as the vendor shows them say, of a draft or in field.
pub(super) fn decode(profiles: &[Object<Profile>], path: &str) -> Decoded<Seen> {
    let (mut qualifications, mut quotas) = (Vec::new(), Vec::new());
    for (index, profile) in profiles.iter().enumerate() {
        let path = format!("{path}/{index}");
        // A control blend repeats questions of other profiles (error 067) and lets in nobody by itself.
        if word(&profile.blended_type) == "control" {
            continue;
        }
        let Some(targets) = profile.targets.value() else {
            return mismatch(&format!("{path}/targets"), "a list", &Value::Null);
        };
        let counts = profile.quotas_enabled.value().copied().unwrap_or(false);
        let mut asked = Vec::new();
        for (at, target) in targets.iter().enumerate() {
            let place = format!("{path}/targets/{at}");
            let Some(conditions) = target.conditions.value() else {
                return mismatch(&format!("{place}/conditions"), "a list", &Value::Null);
            };
            let criteria = criteria(conditions, &place)?;
            asked.extend(criteria.iter().cloned());
            let Some(quota) = target.quota.value().filter(|_| counts) else {
                continue;
            };
            let Some(completes) = goal(quota) else {
                let path = format!("{place}/quota/completes_goal");
                return mismatch(&path, "a number of completes", &Value::Null);
            };
            quotas.push(LiveQuota {
                name: target.name.value().or(quota.name.value()).cloned(),
                id: format!("{}/{}", word(&profile.id), word(&target.id)),
                completes,
                fielded: quota.completes.value().map(|count| count.0),
                criteria,
                nameless: true,
                hidden: false,
            });
        }
        qualifications.extend(by_question(&asked).into_values());
    }
    Ok(Seen {
        qualifications: canonical(qualifications),
        quotas,
    })
}

fn goal(quota: &wire::Quota) -> Option<u64> {
    let goal = quota.completes_goal.clone().or(quota.quota_nominal.clone());
    goal.value().map(|goal| goal.0)
}

/// Conditions of one target: those of one question are alternatives, those of different ones must all hold.
fn criteria(conditions: &[Object<Condition>], path: &str) -> Decoded<Criteria> {
    let mut all = Vec::new();
    for (index, condition) in conditions.iter().enumerate() {
        let place = format!("{path}/conditions/{index}");
        let Some(Count(question)) = condition.question_id.value() else {
            return mismatch(&format!("{place}/question_id"), "a number", &Value::Null);
        };
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
        all.push(Criterion {
            question: question.to_string(),
            unit,
            answers,
        });
    }
    Ok(canonical(by_question(&all).into_values().collect()))
}

/// A condition without what makes it one.
fn lacks<T>(path: &str, expected: &str) -> Decoded<T> {
    mismatch(path, expected, &Value::Object(Map::new()))
}

/// Profiles as the vendor shows them, as it wants them written: with counts, and without what it adds. None of those that
/// ask one of these questions.
pub(super) fn verbatim(profiles: &[Object<Profile>], but: &BTreeSet<&str>) -> Profiles {
    let named = |name: Option<&String>| Field::mentioned(name.cloned());
    let target = |shown: &Object<Target>| {
        let quota = shown.quota.value();
        Object(Target {
            name: named(shown.name.value().or(quota.and_then(|quota| quota.name.value()))),
            conditions: Field::Set(shown.conditions.value().cloned().unwrap_or_default()),
            quota: Field::mentioned(
                quota
                    .and_then(|quota| goal(quota))
                    .map(|goal| Object(counting(goal))),
            ),
            ..Target::default()
        })
    };
    let asks = |condition: &Object<Condition>| {
        let question = condition.question_id.value().map(|number| number.0.to_string());
        question.is_some_and(|question| but.contains(question.as_str()))
    };
    let mut written = Vec::new();
    for profile in profiles {
        let targets = items(&profile.targets).iter();
        let mut conditions = targets.clone().flat_map(|target| items(&target.conditions));
        if !conditions.any(asks) {
            written.push(Object(Profile {
                id: Field::Absent,
                object: named(profile.object.value()),
                blended_type: named(profile.blended_type.value()),
                name: named(profile.name.value()),
                quotas_enabled: Field::mentioned(profile.quotas_enabled.value().copied()),
                targets: Field::Set(targets.map(target).collect()),
            }));
        }
    }
    written
}

/// The profiles of a draft, as they are written: all of them.
pub(super) fn body(profiles: &Profiles) -> Value {
    json!({"profile_adjustment_type": "nominal", "profiles": profiles})
}

#[cfg(test)]
mod tests {
    use super::super::fit::completed;
    use super::*;
    use crate::marketplace::http::wire::read;
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
            qualifications: Field::Set(
                vec![
                    Criterion {
                        unit: Some(OPEN.to_owned()),
                        ..codes("45", &["98001", "01234"])
                    },
                    years(18, 64),
                ]
                .into(),
            ),
            quotas: Field::Set(
                vec![
                    quota("men", 60, vec![codes("43", &["1"])]),
                    quota("women", 40, vec![codes("43", &["2"])]),
                    quota("young", 30, vec![years(18, 34)]),
                    quota("old", 70, vec![years(35, 64)]),
                ]
                .into(),
            ),
            ..SurveySpec::default()
        });
        let (Field::Set(qualifications), Field::Set(quotas)) = (&spec.qualifications, &spec.quotas) else {
            panic!("no targeting");
        };
        assert_eq!(qualifications.len(), 3, "gender is asked because it is counted");
        let profiles = encode(qualifications, quotas).unwrap();
        let seen = decode(&profiles, "").unwrap();
        assert_eq!(&seen.qualifications, qualifications);
        let read: Vec<Quota> = seen
            .quotas
            .iter()
            .map(|q| quota(q.name.as_deref().unwrap(), q.completes, q.criteria.to_vec()))
            .collect();
        assert_eq!(*quotas, read);
        assert_eq!(verbatim(&profiles, &BTreeSet::new()), profiles);
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
        let profiles = json!(profiles);
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
        let wrong: Profiles = read(&wrong, "/profiles").unwrap();
        assert_eq!(
            decode(&wrong, "/profiles").unwrap_err().path,
            "/profiles/0/targets/0/conditions/0"
        );
        assert_eq!(decode(&[], "").unwrap(), Seen::default());
    }
}
