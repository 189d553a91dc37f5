//! What may be wrong with profiles, by the vendor's numbers (OpenAPI `InvalidParamData`; the numbers in `name` and
//! `reason` are the same).
//!
//! Rules whose limits are not published are not enforced. Sums are (assumed): quotas of a regular profile make 100 %, or
//! the whole goal; those of a blend at most that.

use super::library::Kind;
use super::prelude::*;
use super::{consistency, library};

/// The one profile template of the account, with the id of the published examples.
const TEMPLATE: &str = "e198c976-ce22-436d-acc1-95aa318cc54d";
/// OpenAPI `InterlockProfileConditionsV3`: up to 10000 values.
const MOST_VALUES: usize = 10_000;

/// One thing that is wrong.
#[derive(Debug)]
pub(super) enum Problem {
    /// A rule with a number.
    Rule(&'static str, Vec<u64>),
    /// A field that is not what it should be.
    Shape(String, &'static str),
}

pub(super) fn rule(reason: &'static str, questions: &[u64]) -> Problem {
    Problem::Rule(reason, questions.to_vec())
}

pub(super) fn shape(name: impl Into<String>, reason: &'static str) -> Problem {
    Problem::Shape(name.into(), reason)
}

impl Problem {
    /// Field and reason; both end in the same number where there is one.
    pub(super) fn plain(&self) -> (String, &'static str) {
        match self {
            Self::Rule(reason, _) => {
                let number = reason.rsplit('_').next().unwrap_or_default();
                (format!("profile_validation_error_{number}"), reason)
            }
            Self::Shape(name, reason) => (name.clone(), reason),
        }
    }

    fn shown(&self) -> Value {
        let (name, reason) = self.plain();
        match self {
            Self::Rule(_, questions) => json!({
                "error_type": "data_validation_error", "name": name, "reason": reason, "detail": words(reason),
                "metadata": {"question_id": questions, "error_level": "error"},
            }),
            Self::Shape(..) => json!({"error_type": "structural_error", "name": name, "reason": reason}),
        }
    }
}

/// Says what is wrong in the envelope of drafts.
pub(super) fn tell(found: &[Problem], problems: &mut Problems) {
    for (name, reason) in found.iter().map(Problem::plain) {
        problems.add(name, reason);
    }
}

/// A reason as a sentence, without its number.
fn words(reason: &str) -> String {
    let text = reason.rsplit_once('_').map_or(reason, |(text, _)| text);
    format!("Validation error: {}.", text.replace('_', " "))
}

/// The answer to wrong profiles of something launched or validated.
pub(super) fn unprocessable(problems: &[Problem]) -> Failure {
    let params: Value = problems.iter().map(Problem::shown).collect();
    let body = json!({
        "object": "unprocessable_entity_error",
        "title": "profile request validation",
        "detail": "Validation error: The provided profile configuration is invalid.",
        "invalid_params": params,
    });
    Answer::json(StatusCode::UNPROCESSABLE_ENTITY, &body).into()
}

/// The answer to one broken rule.
pub(super) fn refused(reason: &'static str) -> Failure {
    unprocessable(&[rule(reason, &[])])
}

/// Refuses, if anything is wrong.
pub(super) fn check(problems: &[Problem]) -> Result<(), Failure> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(unprocessable(problems))
    }
}

/// What profiles are checked against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) locale: &'a str,
    pub(super) goal: u64,
    /// Whether sums are checked.
    pub(super) sums: bool,
}

impl<'a> Frame<'a> {
    pub(super) fn new(locale: &'a str, goal: u64, sums: bool) -> Self {
        Self { locale, goal, sums }
    }
}

/// Reads profiles; ids are missing and counts not yet derived from shares.
pub(super) fn read(profiling: &Map<String, Value>, frame: Frame<'_>) -> Result<Profiling, Vec<Problem>> {
    let mut problems = Vec::new();
    if frame.goal < 1 {
        problems.push(rule("total_completes_goal_cannot_be_less_than_one_016", &[]));
    }
    let incomplete = || rule("profiles_and_profile_adjustment_type_must_be_provided_050", &[]);
    let nominal = match profiling.text("profile_adjustment_type") {
        Some("percentage") => false,
        Some("nominal") => true,
        _ => return Err(vec![incomplete()]),
    };
    let template = profiling.field("template_id");
    if template.is_some_and(|id| id != TEMPLATE) {
        problems.push(shape("template_id", "no such profiling template"));
    }
    let template = profiling.text("template_id").filter(|id| *id == TEMPLATE);
    if template.is_some() && nominal {
        problems.push(rule("template_allows_only_percentage_adjustment_041", &[]));
    }
    let mut profiles = Vec::new();
    match profiling.field("profiles") {
        None if template.is_some() => {}
        None => problems.push(incomplete()),
        Some(Value::Array(list)) if list.is_empty() => {
            problems.push(rule("at_least_one_profile_must_be_in_profiles_object_051", &[]));
        }
        Some(Value::Array(list)) => {
            for (index, raw) in list.iter().enumerate() {
                let at = format!("profiles[{index}]");
                let problems = &mut problems;
                profiles.extend(
                    Reader {
                        at,
                        nominal,
                        frame,
                        problems,
                    }
                    .profile(raw),
                );
            }
        }
        Some(_) => problems.push(shape("profiles", "must be a list")),
    }
    if template.is_some() {
        with_template(&mut profiles);
    }
    consistency::among(&profiles, &mut problems);
    let template = template.map(str::to_owned);
    let found = Profiling {
        nominal,
        template,
        profiles,
    };
    if problems.is_empty() {
        Ok(found)
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

    /// What is wrong with a field of the profile.
    pub(super) fn misshapen(&mut self, field: &str, reason: &'static str) {
        self.problems.push(shape(format!("{}.{field}", self.at), reason));
    }

    fn profile(&mut self, raw: &Value) -> Option<Profile> {
        let blend = match (raw.text("object"), raw["blended_type"].as_str()) {
            (Some("regular"), _) => None,
            (Some("blended"), None | Some("interlock")) => Some(Blend::Interlock),
            (Some("blended"), Some("control")) => Some(Blend::Control),
            _ => {
                self.wrong("not_supported_profile_type_013", &[]);
                return None;
            }
        };
        let Some(quotas) = raw.flag("quotas_enabled") else {
            self.misshapen("quotas_enabled", "must be true or false");
            return None;
        };
        let Some(targets) = raw.list("targets").filter(|targets| !targets.is_empty()) else {
            self.misshapen("targets", "must have at least one target");
            return None;
        };
        let before = self.problems.len();
        let targets = targets.iter().filter_map(|raw| self.target(raw, blend, quotas));
        let profile = Profile {
            id: String::new(),
            blend,
            quotas,
            targets: targets.collect(),
            name: raw.text("name").map(str::to_owned),
        };
        // What is wrong with a cell already says enough.
        if self.problems.len() == before {
            self.whole(&profile);
        }
        Some(profile)
    }

    fn target(&mut self, raw: &Value, blend: Option<Blend>, quotas: bool) -> Option<Target> {
        let Some(list) = raw.list("conditions").filter(|list| !list.is_empty()) else {
            self.misshapen("targets.conditions", "must have at least one condition");
            return None;
        };
        let conditions = list.iter().filter_map(|raw| self.condition(raw, blend)).collect();
        let mut target = Target {
            name: raw.text("name").map(str::to_owned),
            quota_name: raw["quota"].text("name").map(str::to_owned),
            conditions,
            ..Target::default()
        };
        let questions = target.questions();
        for (index, condition) in target.conditions.iter().enumerate() {
            if target.conditions[..index].contains(condition) {
                self.wrong("duplicate_condition_039", &questions);
            }
        }
        if blend.is_none() && target.conditions.len() > 1 && !target.is_named() {
            let reason = "target_name_or_quota_name_must_be_provided_for_multiple_conditions_057";
            self.wrong(reason, &questions);
        }
        self.quota(raw.field("quota"), quotas, &mut target);
        Some(target)
    }

    fn quota(&mut self, raw: Option<&Value>, quotas: bool, target: &mut Target) {
        let questions = target.questions();
        if !quotas {
            if raw.is_some() {
                self.wrong("disabled_profile_cannot_have_completes_goal_061", &questions);
            }
            return;
        }
        let mut conditions = target.conditions.iter();
        if raw.is_some() && conditions.any(|condition| condition["allow_all_values"] == true) {
            self.wrong("allow_all_values_target_cannot_have_quota_065", &questions);
        }
        let of = |key: &str| raw.and_then(|raw| raw.field(key));
        let (share, goal) = (of("completes_goal_percentage"), of("completes_goal"));
        // The published example sends a count of 0 beside a percentage: that much is accepted.
        let counted = goal.is_some_and(|goal| whole(goal) != Some(0));
        let reason = match (self.nominal, share, goal) {
            (true, Some(_), None) | (false, None, Some(_)) => {
                "profile_adjustment_type_and_quota_fields_do_not_match_059"
            }
            (true, Some(_), Some(_)) => "nominal_adjustment_cannot_have_percentage_042",
            (false, Some(_), Some(_)) if counted => "percentage_adjustment_cannot_have_nominal_043",
            (true, None, None) => "completes_goal_must_be_populated_for_quota_enabled_profile_053",
            (false, None, None) => {
                "completes_goal_percentage_must_be_populated_for_quota_enabled_profile_052"
            }
            (true, None, Some(goal)) => match whole(goal) {
                Some(goal) if goal <= self.frame.goal => return target.goal = goal,
                Some(_) => "quota_value_greater_than_completes_goal_047",
                None => {
                    let reason = "must be a whole number, 0 or more";
                    return self.problems.push(shape("completes_goal", reason));
                }
            },
            (false, Some(share), _) => {
                let share = decimal(share).map(|share| share.normalize());
                let in_range = |share: &Decimal| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(share);
                if let Some(share) = share.filter(|share| share.scale() <= 2 && in_range(share)) {
                    return target.share = share;
                }
                let reason = "must be from 0 to 100 with at most two decimals";
                return self.problems.push(shape("completes_goal_percentage", reason));
            }
        };
        self.wrong(reason, &questions);
    }

    /// A condition as it is kept; what is wrong with it is noted.
    fn condition(&mut self, raw: &Value, blend: Option<Blend>) -> Option<Value> {
        let Some(id) = raw.count("question_id") else {
            self.problems.push(shape("question_id", "must be a whole number"));
            return None;
        };
        let found = library::question(id, self.frame.locale);
        let found = found.ok_or_else(|| rule("invalid_question_id_015", &[id]));
        let kept = found.and_then(|question| match (raw.text("object"), question.kind) {
            (Some("selection"), Kind::Selection) => {
                let option = raw
                    .text("option")
                    .ok_or_else(|| shape("option", "must be a string"))?;
                let known = question.choice(option, self.frame.locale);
                known.ok_or_else(|| rule("not_supported_question_option_020", &[id]))?;
                Ok(json!({"object": "selection", "question_id": id, "option": option}))
            }
            (Some("range"), Kind::Range) => {
                let end = |key: &str| raw.count(key).filter(|end| (1..=99).contains(end));
                let ends = end("min").zip(end("max"));
                let (min, max) =
                    ends.ok_or_else(|| shape("min, max", "must be whole numbers from 1 to 99"))?;
                if min > max {
                    return Err(rule("profile_condition_min_greater_than_max_001", &[id]));
                }
                Ok(json!({"object": "range", "question_id": id, "min": min, "max": max}))
            }
            (Some("open_ended"), Kind::OpenEnded(_)) if blend.is_some() => {
                Err(rule("zip_not_supported_in_blended_021", &[id]))
            }
            (Some("open_ended"), Kind::OpenEnded(length)) => self.values(raw, id, length),
            _ => Err(rule("profile_with_invalid_condition_012", &[id])),
        });
        kept.map_err(|problem| self.problems.push(problem)).ok()
    }

    fn values(&mut self, raw: &Value, id: u64, length: Option<usize>) -> Result<Value, Problem> {
        let all = raw.flag("allow_all_values");
        let missing = "allow_all_values_must_be_populated_for_open_ended_condition_054";
        let all = all.ok_or_else(|| rule(missing, &[id]))?;
        let given = raw.list("open_ended_values").unwrap_or_default();
        let invalid = "invalid_open_ended_option_032";
        let mut values: Vec<&str> = Vec::new();
        if all {
            if !given.is_empty() {
                self.wrong(invalid, &[id]);
            }
        } else {
            // Duplicates are removed without a word.
            let mut seen = BTreeSet::new();
            for value in given {
                match value.as_str().filter(|text| !text.is_empty()) {
                    Some(text) if seen.insert(text) => values.push(text),
                    Some(_) => {}
                    None => self.wrong(invalid, &[id]),
                }
            }
            if values.is_empty() {
                self.wrong(invalid, &[id]);
            }
            if values.len() > MOST_VALUES {
                self.wrong("zip_values_cannot_be_greater_than_max_038", &[id]);
            }
            let is_digits = |value: &&str| value.bytes().all(|byte| byte.is_ascii_digit());
            if length.is_some_and(|length| values.iter().any(|value| value.len() != length)) {
                let reason = "open_ended_values_must_be_of_same_length_as_option_mask_055";
                self.wrong(reason, &[id]);
            } else if length.is_some() && !values.iter().all(is_digits) {
                self.wrong("invalid_zip_code_018", &[id]);
            }
        }
        Ok(json!({
            "object": "open_ended", "question_id": id, "allow_all_values": all, "open_ended_values": values,
        }))
    }
}
