//! Profiles, targets and quotas as the vendor keeps them, and their numbers.
//!
//! In percentage mode counts follow from shares: the nearest whole numbers that keep the sum, as in the published example
//! (`ProfilesResponseV3`: 49.21 % of 1000 is 492, 50.79 % is 508). What is wrong with a request is found in `rules`.

use super::library;
use super::prelude::*;
use crate::json::apportion;

/// All profiles of a target group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Profiling {
    pub(super) nominal: bool,
    pub(super) template: Option<String>,
    pub(super) profiles: Vec<Profile>,
}

/// A profile: one question, or a blend of some.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub(super) id: String,
    pub(super) blend: Option<Blend>,
    pub(super) name: Option<String>,
    pub(super) quotas: bool,
    pub(super) targets: Vec<Target>,
}

/// How a profile blends questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Blend {
    Interlock,
    Control,
}

/// A cell of a profile.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) quota_name: Option<String>,
    pub(super) conditions: Vec<Value>,
    pub(super) share: Decimal,
    pub(super) goal: u64,
    pub(super) completes: u64,
    pub(super) prescreens: u64,
}

impl Target {
    pub(super) fn questions(&self) -> Vec<u64> {
        let ids: BTreeSet<u64> = self.conditions.iter().map(question_of).collect();
        ids.into_iter().collect()
    }

    /// Whether it has a name of its own.
    pub(super) fn is_named(&self) -> bool {
        self.name.is_some() || self.quota_name.is_some()
    }

    /// Whether it or its quota has this name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name) || self.quota_name.as_deref() == Some(name)
    }

    /// What it is called in the changelog of a person: its name, or what it says.
    fn text(&self, locale: &str) -> (String, String) {
        let texts = self.conditions.iter();
        match &self.name {
            Some(name) if self.conditions.len() > self.questions().len() => (name.clone(), name.clone()),
            _ => joined(texts.map(|condition| condition_text(condition, locale))),
        }
    }

    fn shown(&self, locale: &str, quotas: bool, named: bool, counted: bool) -> Value {
        let (text, english) = self.text(locale);
        let mut conditions = self.conditions.clone();
        if named {
            for condition in &mut conditions {
                let (text, english) = condition_text(condition, locale);
                condition.put_all(json!({"condition_name": text, "condition_name_translated": english}));
            }
        }
        // A target without a name gets the text of its answer.
        let name = self.name.as_ref().unwrap_or(&text);
        let mut shown = json!({
            "id": self.id, "name": name, "text": text, "text_translated": english, "conditions": conditions,
        });
        if quotas {
            let mut quota = json!({
                "completes_goal_percentage": number(self.share), "quota_nominal": self.goal,
                "completes_goal": self.goal,
            });
            quota.put_some("name", self.quota_name.as_ref());
            if counted {
                quota.put_all(json!({"completes": self.completes, "prescreens": self.prescreens}));
            }
            shown["quota"] = quota;
        }
        shown
    }
}

/// Texts and their English ones, each in one line.
fn joined(texts: impl Iterator<Item = (String, String)>) -> (String, String) {
    let (texts, english): (Vec<String>, Vec<String>) = texts.unzip();
    (texts.join(", "), english.join(", "))
}

/// The question of a condition.
pub(super) fn question_of(condition: &Value) -> u64 {
    condition["question_id"].as_u64().unwrap_or(0)
}

/// The text of a condition in the language of a locale, and in English.
fn condition_text(condition: &Value, locale: &str) -> (String, String) {
    let question = library::question(question_of(condition), locale);
    let range = format!("{} to {}", condition["min"], condition["max"]);
    let (text, english) = match condition.word("object") {
        "range" => (range.as_str(), range.as_str()),
        "selection" => {
            let option = condition.word("option");
            let choice = question.and_then(|question| question.choice(option, locale));
            choice.unwrap_or((option, option))
        }
        _ => {
            let name = question.map_or("VALUES", |question| &question.name);
            (name, name)
        }
    };
    (text.to_owned(), english.to_owned())
}

impl Profile {
    pub(super) fn questions(&self) -> Vec<u64> {
        let ids: BTreeSet<u64> = self.targets.iter().flat_map(Target::questions).collect();
        ids.into_iter().collect()
    }

    /// The response form; `counted` adds what only launched ones have.
    pub(super) fn shown(&self, locale: &str, counted: bool) -> Value {
        let questions = self.questions();
        let questions = questions.iter().filter_map(|id| library::question(*id, locale));
        let owned = |(text, english): (&str, &str)| (text.to_owned(), english.to_owned());
        let (description, english) = joined(questions.map(|question| owned(question.text(locale))));
        let named = self.blend == Some(Blend::Control);
        let targets = self.targets.iter();
        let targets = targets.map(|target| target.shown(locale, self.quotas, named, counted));
        let mut shown = json!({
            "object": self.object(), "id": self.id, "description": description,
            "description_translated": english, "quotas_enabled": self.quotas,
            "targets": targets.collect::<Value>(),
        });
        shown.put_some("blended_type", named.then_some("control"));
        shown.put_some("name", self.name.as_ref());
        shown
    }

    pub(super) fn object(&self) -> &'static str {
        ["regular", "blended"][usize::from(self.blend.is_some())]
    }

    /// The completes that its quotas ask for.
    pub(super) fn wanted(&self) -> u64 {
        self.targets.iter().map(|target| target.goal).sum()
    }

    /// Sets counts from shares.
    pub(super) fn count(&mut self, goal: u64) {
        let shares: Vec<Decimal> = self.targets.iter().map(|target| target.share).collect();
        for (target, count) in self
            .targets
            .iter_mut()
            .zip(apportion(goal, &shares, Decimal::ONE_HUNDRED))
        {
            target.goal = count;
        }
    }

    /// Sets shares from counts.
    pub(super) fn share(&mut self, goal: u64) {
        for target in &mut self.targets {
            target.share = share_of(target.goal, goal);
        }
    }
}

/// `part` of `whole` in percent with two decimals, at most 100.
fn share_of(part: u64, whole: u64) -> Decimal {
    if whole == 0 {
        return Decimal::ZERO;
    }
    let share = Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole);
    share.round_dp(2).min(Decimal::ONE_HUNDRED)
}

impl Profiling {
    /// The word for what its quotas are given in.
    pub(super) fn word(&self) -> &'static str {
        if self.nominal { "nominal" } else { "percentage" }
    }

    /// Fills in what follows from what was given: counts from shares, or shares from counts.
    pub(super) fn complete(&mut self, goal: u64) {
        for profile in self.profiles.iter_mut().filter(|profile| profile.quotas) {
            if self.nominal {
                profile.share(goal);
            } else {
                profile.count(goal);
            }
        }
    }

    /// Takes over what was counted, and ids if they are to be kept, from cells with the same conditions.
    pub(super) fn inherit(&mut self, old: &Self, keep_ids: bool) {
        for profile in &mut self.profiles {
            let questions = profile.questions();
            let is_same =
                |before: &&Profile| before.blend == profile.blend && before.questions() == questions;
            let Some(before) = old.profiles.iter().find(is_same) else {
                continue;
            };
            if keep_ids {
                profile.id.clone_from(&before.id);
            }
            for target in &mut profile.targets {
                let mut twins = before.targets.iter();
                let twin = twins.find(|twin| same(&twin.conditions, &target.conditions));
                if let Some(twin) = twin {
                    target.completes = twin.completes;
                    target.prescreens = twin.prescreens;
                    if keep_ids {
                        target.id.clone_from(&twin.id);
                    }
                }
            }
        }
    }

    /// What a new total does to the quotas when no quota is named: shared out anew.
    ///
    /// The vendor takes its suppliers' distribution (OpenAPI `update_profile_filling_goal`), which nobody outside knows.
    /// Here all cells are alike (assumed), so that whoever counts on old shares is found out.
    pub(super) fn redistribute(&mut self, old_goal: u64, goal: u64, keep_shares: bool) {
        for profile in self.profiles.iter_mut().filter(|profile| profile.quotas) {
            if !keep_shares {
                let cells = Decimal::from(profile.targets.len().max(1));
                let even = share_of(profile.wanted(), old_goal) / cells;
                for target in &mut profile.targets {
                    target.share = even;
                }
            }
            profile.count(goal);
            for target in &mut profile.targets {
                target.goal = target.goal.max(target.completes);
            }
            profile.share(goal);
        }
    }
}

/// Whether two lists of conditions are the same set.
fn same(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().all(|condition| b.contains(condition))
}
