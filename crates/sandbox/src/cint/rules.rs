//! What may be wrong with profiles, by the vendor's numbers (OpenAPI `InvalidParamData`; the numbers in `name` and
//! `reason` are the same).
//!
//! Rules whose limits are not published are not enforced. Sums are (assumed): quotas of a regular profile make 100 %, or
//! the whole goal; those of a blend at most that.

use super::consistency;
use super::library::{self, Kind};
use super::money::{decimal, whole};
use super::profiling::{Blend, Profile, Profiling, Target};
use crate::{Answer, Failure};
use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// The one profile template of the account, with the id of the published examples.
const TEMPLATE: &str = "e198c976-ce22-436d-acc1-95aa318cc54d";
/// OpenAPI `InterlockProfileConditionsV3`: up to 10000 values.
const MOST_VALUES: usize = 10_000;

/// One thing that is wrong.
#[derive(Debug)]
pub(super) enum Problem {
    /// A rule with a number.
    Rule {
        reason: &'static str,
        questions: Vec<u64>,
    },
    /// A field that is not what it should be.
    Shape { name: String, reason: String },
}

pub(super) fn rule(reason: &'static str, questions: &[u64]) -> Problem {
    Problem::Rule {
        reason,
        questions: questions.to_vec(),
    }
}

pub(super) fn shape(name: impl Into<String>, reason: &str) -> Problem {
    Problem::Shape {
        name: name.into(),
        reason: reason.to_owned(),
    }
}

impl Problem {
    /// The name that goes with a reason: both end in the same number.
    fn name(&self) -> String {
        match self {
            Self::Rule { reason, .. } => {
                let number = reason.rsplit('_').next().unwrap_or_default();
                format!("profile_validation_error_{number}")
            }
            Self::Shape { name, .. } => name.clone(),
        }
    }

    fn shown(&self) -> Value {
        match self {
            Self::Rule { reason, questions } => json!({
                "error_type": "data_validation_error",
                "name": self.name(),
                "reason": reason,
                "detail": words(reason),
                "metadata": {"question_id": questions, "error_level": "error"},
            }),
            Self::Shape { reason, .. } => json!({
                "error_type": "structural_error",
                "name": self.name(),
                "reason": reason,
            }),
        }
    }

    /// Field and reason, for the envelope of drafts.
    pub(super) fn plain(&self) -> (String, String) {
        match self {
            Self::Rule { reason, .. } => (self.name(), (*reason).to_owned()),
            Self::Shape { name, reason } => (name.clone(), reason.clone()),
        }
    }
}

/// A reason as a sentence, without its number.
fn words(reason: &str) -> String {
    let text = reason.rsplit_once('_').map_or(reason, |(text, _)| text);
    format!("Validation error: {}.", text.replace('_', " "))
}

/// The answer to wrong profiles of something launched or validated.
pub(super) fn unprocessable(problems: &[Problem]) -> Failure {
    let params: Vec<Value> = problems.iter().map(Problem::shown).collect();
    let body = json!({
        "object": "unprocessable_entity_error",
        "title": "profile request validation",
        "detail": "Validation error: The provided profile configuration is invalid.",
        "invalid_params": params,
    });
    Answer::json(StatusCode::UNPROCESSABLE_ENTITY, &body).into()
}

/// What profiles are checked against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) locale: &'a str,
    pub(super) goal: u64,
    /// Whether sums are checked.
    pub(super) sums: bool,
}

/// Reads profiles; ids are missing and counts not yet derived from shares.
pub(super) fn read(profiling: &Map<String, Value>, frame: Frame<'_>) -> Result<Profiling, Vec<Problem>> {
    let mut problems = Vec::new();
    if frame.goal < 1 {
        problems.push(rule("total_completes_goal_cannot_be_less_than_one_016", &[]));
    }
    let nominal = match profiling.get("profile_adjustment_type").and_then(Value::as_str) {
        Some("percentage") => false,
        Some("nominal") => true,
        _ => {
            return Err(vec![rule(
                "profiles_and_profile_adjustment_type_must_be_provided_050",
                &[],
            )]);
        }
    };
    let template = match profiling.get("template_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) if id == TEMPLATE => Some(id.clone()),
        Some(_) => {
            problems.push(shape("template_id", "no such profiling template"));
            None
        }
    };
    if template.is_some() && nominal {
        problems.push(rule("template_allows_only_percentage_adjustment_041", &[]));
    }
    let mut profiles = Vec::new();
    match profiling.get("profiles") {
        None | Some(Value::Null) if template.is_some() => {}
        None | Some(Value::Null) => problems.push(rule(
            "profiles_and_profile_adjustment_type_must_be_provided_050",
            &[],
        )),
        Some(Value::Array(list)) if list.is_empty() => {
            problems.push(rule("at_least_one_profile_must_be_in_profiles_object_051", &[]));
        }
        Some(Value::Array(list)) => {
            for (index, raw) in list.iter().enumerate() {
                let mut reader = Reader {
                    at: format!("profiles[{index}]"),
                    nominal,
                    frame,
                    problems: &mut problems,
                };
                profiles.extend(reader.profile(raw));
            }
        }
        Some(_) => problems.push(shape("profiles", "must be a list")),
    }
    if template.is_some() {
        with_template(&mut profiles);
    }
    consistency::among(&profiles, &mut problems);
    if problems.is_empty() {
        Ok(Profiling {
            nominal,
            template,
            profiles,
        })
    } else {
        Err(problems)
    }
}

/// Adds what the template has: gender, half and half. A listed profile about the same question wins.
fn with_template(profiles: &mut Vec<Profile>) {
    if profiles.iter().any(|profile| profile.questions().contains(&43)) {
        return;
    }
    let target = |option: &str| Target {
        conditions: vec![json!({"object": "selection", "question_id": 43, "option": option})],
        share: Decimal::from(50),
        ..Target::default()
    };
    profiles.push(Profile {
        name: Some("GENDER".to_owned()),
        quotas: true,
        targets: vec![target("1"), target("2")],
        ..Profile::default()
    });
}

/// Reads one profile.
pub(super) struct Reader<'a, 'p> {
    pub(super) at: String,
    pub(super) nominal: bool,
    pub(super) frame: Frame<'a>,
    pub(super) problems: &'p mut Vec<Problem>,
}

impl Reader<'_, '_> {
    pub(super) fn wrong(&mut self, reason: &'static str, questions: &[u64]) {
        self.problems.push(rule(reason, questions));
    }

    fn profile(&mut self, raw: &Value) -> Option<Profile> {
        let blend = match (raw["object"].as_str(), raw["blended_type"].as_str()) {
            (Some("regular"), _) => None,
            (Some("blended"), None | Some("interlock")) => Some(Blend::Interlock),
            (Some("blended"), Some("control")) => Some(Blend::Control),
            _ => {
                self.wrong("not_supported_profile_type_013", &[]);
                return None;
            }
        };
        let name = raw["name"].as_str().map(str::to_owned);
        let Some(quotas) = raw["quotas_enabled"].as_bool() else {
            let at = format!("{}.quotas_enabled", self.at);
            self.problems.push(shape(at, "must be true or false"));
            return None;
        };
        let targets = match raw["targets"].as_array() {
            Some(targets) if !targets.is_empty() => targets,
            _ => {
                let at = format!("{}.targets", self.at);
                self.problems.push(shape(at, "must have at least one target"));
                return None;
            }
        };
        let before = self.problems.len();
        let targets: Vec<Target> = targets
            .iter()
            .filter_map(|raw| self.target(raw, blend, quotas))
            .collect();
        let profile = Profile {
            id: String::new(),
            blend,
            name,
            quotas,
            targets,
        };
        // What is wrong with a cell already says enough.
        if self.problems.len() == before {
            self.whole(&profile);
        }
        Some(profile)
    }

    fn target(&mut self, raw: &Value, blend: Option<Blend>, quotas: bool) -> Option<Target> {
        let list = match raw["conditions"].as_array() {
            Some(list) if !list.is_empty() => list,
            _ => {
                let at = format!("{}.targets.conditions", self.at);
                self.problems.push(shape(at, "must have at least one condition"));
                return None;
            }
        };
        let conditions: Vec<Value> = list.iter().filter_map(|raw| self.condition(raw, blend)).collect();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut target = Target {
            name: text(&raw["name"]),
            quota_name: text(&raw["quota"]["name"]),
            conditions,
            ..Target::default()
        };
        let questions = target.questions();
        for (index, condition) in target.conditions.iter().enumerate() {
            if target.conditions[..index].contains(condition) {
                self.wrong("duplicate_condition_039", &questions);
            }
        }
        let named = target.name.is_some() || target.quota_name.is_some();
        if blend.is_none() && target.conditions.len() > 1 && !named {
            self.wrong(
                "target_name_or_quota_name_must_be_provided_for_multiple_conditions_057",
                &questions,
            );
        }
        self.quota(raw.get("quota"), quotas, &mut target);
        Some(target)
    }

    fn quota(&mut self, raw: Option<&Value>, quotas: bool, target: &mut Target) {
        let questions = target.questions();
        let raw = raw.filter(|raw| !raw.is_null());
        if !quotas {
            if raw.is_some() {
                self.wrong("disabled_profile_cannot_have_completes_goal_061", &questions);
            }
            return;
        }
        let all_values = target
            .conditions
            .iter()
            .any(|condition| condition["allow_all_values"] == true);
        let of = |key: &str| raw.and_then(|raw| raw.get(key)).filter(|value| !value.is_null());
        let (share, goal) = (of("completes_goal_percentage"), of("completes_goal"));
        if all_values && raw.is_some() {
            self.wrong("allow_all_values_target_cannot_have_quota_065", &questions);
        }
        // The published example sends a count of 0 beside a percentage: that much is accepted.
        let counted = goal.is_some_and(|goal| whole(goal) != Some(0));
        match (self.nominal, share, goal) {
            (true, Some(_), None) | (false, None, Some(_)) => {
                self.wrong(
                    "profile_adjustment_type_and_quota_fields_do_not_match_059",
                    &questions,
                );
            }
            (true, Some(_), Some(_)) => {
                self.wrong("nominal_adjustment_cannot_have_percentage_042", &questions);
            }
            (false, Some(_), Some(_)) if counted => {
                self.wrong("percentage_adjustment_cannot_have_nominal_043", &questions);
            }
            (true, None, None) => self.wrong(
                "completes_goal_must_be_populated_for_quota_enabled_profile_053",
                &questions,
            ),
            (false, None, None) => self.wrong(
                "completes_goal_percentage_must_be_populated_for_quota_enabled_profile_052",
                &questions,
            ),
            (true, None, Some(goal)) => match whole(goal) {
                Some(goal) if goal <= self.frame.goal => target.goal = goal,
                Some(_) => self.wrong("quota_value_greater_than_completes_goal_047", &questions),
                None => self
                    .problems
                    .push(shape("completes_goal", "must be a whole number, 0 or more")),
            },
            (false, Some(share), _) => match decimal(share).map(|share| share.normalize()) {
                Some(share)
                    if share.scale() <= 2 && (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&share) =>
                {
                    target.share = share;
                }
                _ => self.problems.push(shape(
                    "completes_goal_percentage",
                    "must be from 0 to 100 with at most two decimals",
                )),
            },
        }
    }

    fn condition(&mut self, raw: &Value, blend: Option<Blend>) -> Option<Value> {
        let Some(id) = raw["question_id"].as_u64() else {
            self.problems.push(shape("question_id", "must be a whole number"));
            return None;
        };
        let Some(question) = library::question(id, self.frame.locale) else {
            self.wrong("invalid_question_id_015", &[id]);
            return None;
        };
        match (raw["object"].as_str(), question.kind) {
            (Some("selection"), Kind::Selection) => {
                let Some(option) = raw["option"].as_str() else {
                    self.problems.push(shape("option", "must be a string"));
                    return None;
                };
                if question.choice(option, self.frame.locale).is_none() {
                    self.wrong("not_supported_question_option_020", &[id]);
                    return None;
                }
                Some(json!({"object": "selection", "question_id": id, "option": option}))
            }
            (Some("range"), Kind::Range) => {
                let end = |key: &str| raw[key].as_u64().filter(|end| (1..=99).contains(end));
                let (Some(min), Some(max)) = (end("min"), end("max")) else {
                    self.problems
                        .push(shape("min, max", "must be whole numbers from 1 to 99"));
                    return None;
                };
                if min > max {
                    self.wrong("profile_condition_min_greater_than_max_001", &[id]);
                    return None;
                }
                Some(json!({"object": "range", "question_id": id, "min": min, "max": max}))
            }
            (Some("open_ended"), Kind::OpenEnded(length)) => {
                if blend.is_some() {
                    self.wrong("zip_not_supported_in_blended_021", &[id]);
                    return None;
                }
                self.values(raw, id, length)
            }
            _ => {
                self.wrong("profile_with_invalid_condition_012", &[id]);
                None
            }
        }
    }

    fn values(&mut self, raw: &Value, id: u64, length: Option<usize>) -> Option<Value> {
        let Some(all) = raw["allow_all_values"].as_bool() else {
            self.wrong(
                "allow_all_values_must_be_populated_for_open_ended_condition_054",
                &[id],
            );
            return None;
        };
        let given = raw["open_ended_values"].as_array().map_or(&[][..], Vec::as_slice);
        if all {
            if !given.is_empty() {
                self.wrong("invalid_open_ended_option_032", &[id]);
            }
            return Some(json!({
                "object": "open_ended", "question_id": id, "allow_all_values": true, "open_ended_values": [],
            }));
        }
        // Duplicates are removed without a word.
        let mut values: Vec<&str> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for value in given {
            match value.as_str() {
                Some(text) if !text.is_empty() => {
                    if seen.insert(text) {
                        values.push(text);
                    }
                }
                _ => self.wrong("invalid_open_ended_option_032", &[id]),
            }
        }
        if values.is_empty() {
            self.wrong("invalid_open_ended_option_032", &[id]);
        }
        if values.len() > MOST_VALUES {
            self.wrong("zip_values_cannot_be_greater_than_max_038", &[id]);
        }
        if let Some(length) = length {
            if values.iter().any(|value| value.len() != length) {
                self.wrong(
                    "open_ended_values_must_be_of_same_length_as_option_mask_055",
                    &[id],
                );
            } else if values
                .iter()
                .any(|value| !value.bytes().all(|byte| byte.is_ascii_digit()))
            {
                self.wrong("invalid_zip_code_018", &[id]);
            }
        }
        Some(json!({
            "object": "open_ended", "question_id": id, "allow_all_values": false, "open_ended_values": values,
        }))
    }
}
