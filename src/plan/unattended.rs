//! Plans that nobody looks at before they are carried out: nothing but what was approved with the launch of a survey.
//!
//! Promises: pure. A step counts as approved before where it brings a survey to a stage of the ladder that was approved, from
//! the counts of an earlier stage to those of this one, at prices with a bound, and does nothing else. Whatever another step
//! needs that is held back waits with it.

use super::change::Change;
use super::diff;
use super::drop::drop_steps;
use super::note::Note;
use super::step::{Action, Plan, Step};
use crate::model::guard::Guard;
use crate::model::ladder::{Ladder, Rung, Terms};

/// What helps where something waits for somebody.
const HELP: &str = "`infield apply` shows it, and asks";

impl Ladder {
    /// Whether a step only brings its survey from the counts of an earlier stage to those of the one it stands on, or back in
    /// field with them where it `goes_on`.
    pub(super) fn is_only_climbed(&self, step: &Step, goes_on: bool, terms: &[Terms]) -> bool {
        let moves = matches!(step.action, Action::Update) || goes_on;
        let climbs = |change: &Change| self.is_climb(change) || goes_on && change.path == "/status";
        moves
            && !step.guards.contains(&Guard::Launch)
            && terms.iter().all(|terms| terms.most.is_some())
            && step.changes.iter().all(climbs)
    }

    /// Whether a change is from the count that an earlier stage has there to the count of this one.
    fn is_climb(&self, change: &Change) -> bool {
        let count = |rung: &Rung| match change.path.as_str() {
            "/completes" => Some(rung.completes),
            path => {
                let is_here = |name: &str| path == format!("{}/completes", diff::quota_path(name));
                let mut quotas = rung.quotas.iter();
                quotas.find(|(name, _)| is_here(name)).map(|(_, count)| *count)
            }
        };
        let from = change.before.as_u64();
        // A new day leads to no more than its stage does.
        if self.pace.is_some() && !change.drift && from.is_some() {
            let to = self.rung().and_then(count);
            return change.after.as_u64() > from && change.after.as_u64() <= to;
        }
        let earlier = self.rungs.get(..self.at).unwrap_or_default();
        let to = self.rung().and_then(count);
        to.is_some() && change.after.as_u64() == to && earlier.iter().any(|rung| count(rung) == from)
    }
}

/// Holds back whatever was not approved before, with a note on each.
pub(super) fn hold_the_rest(plan: &mut Plan) {
    drop_steps(plan, |step| {
        let message = format!(
            "{} waits for somebody: it was not approved with a ladder",
            step.action
        );
        (!step.approved_before).then(|| Note::blocked(&step.address, message).help(HELP))
    });
}

/// Remembers nothing that manifests decide otherwise than before, such as that something is not protected any more.
pub(super) fn decide_nothing(plan: &mut Plan) {
    let waits = "what its manifest decides waits for somebody";
    let decided = std::mem::take(&mut plan.decided);
    plan.bookkeeping.retain(|(address, _)| !decided.contains(address));
    let notes = decided
        .iter()
        .map(|address| Note::blocked(address, waits).help(HELP));
    plan.notes.extend(notes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ladder::Then;
    use crate::model::pace::Pace;
    use crate::model::{Address, Field, Money, Quota, SurveySpec};
    use crate::plan::Record;
    use serde_json::{Value, json};

    /// Ten, fifty and a hundred, half of them men; on the second.
    fn ladder() -> Ladder {
        let men = Quota {
            name: "men".to_owned(),
            completes: 50,
            criteria: Vec::new().into(),
        };
        let mut spec = SurveySpec {
            completes: Field::Set(100),
            quotas: Field::Set(vec![men].into()),
            ..SurveySpec::default()
        };
        let stages = [("soft", 10), ("ramp", 50), ("full", 100)];
        let stages = stages.map(|(name, count)| (name.to_owned(), count, Then::Continue));
        let mut ladder = Ladder::over(&spec, stages);
        ladder.stand(1, &mut spec);
        ladder
    }

    fn terms(most: Option<&str>) -> Vec<Terms> {
        let rung = |rung: &Rung| Terms {
            rung: rung.name.clone(),
            completes: rung.completes,
            then: rung.then,
            minutes: rung.minutes,
            when: Vec::new(),
            most: most.map(|most| most.parse::<Money>().unwrap()),
        };
        ladder().rungs.iter().map(rung).collect()
    }

    fn step(action: Action, changes: &[(&str, Value, Value)]) -> Step {
        let address = Address::survey("soda");
        let vendor = crate::marketplace::PURESPECTRUM;
        let mut step = Step::new(&address, vendor, action, "", Record::Forgotten);
        let changes = changes.iter().cloned();
        step.changes = changes
            .map(|(path, before, after)| Change::new(path, before, after))
            .collect();
        step
    }

    #[test]
    fn a_new_day_climbs_no_further_than_its_stage_does() {
        let paced = Ladder {
            pace: Some(Pace {
                completes_per_day: 20,
                timezone: "UTC".to_owned(),
            }),
            ..ladder()
        };
        let climbs = |change: (&str, Value, Value)| {
            paced.is_only_climbed(&step(Action::Update, &[change]), false, &terms(Some("30 USD")))
        };
        for good in [(11, 31), (31, 50)] {
            assert!(climbs(("/completes", json!(good.0), json!(good.1))), "{good:?}");
        }
        for other in [(31, 51), (31, 31), (31, 11)] {
            assert!(
                !climbs(("/completes", json!(other.0), json!(other.1))),
                "{other:?}"
            );
        }
        assert!(!climbs(("/completes", Value::Null, json!(31))));
        assert!(!climbs(("/title", json!("One"), json!("Another"))));
        let mut drifted = step(Action::Update, &[("/completes", json!(11), json!(31))]);
        drifted.changes[0].drift = true;
        assert!(!paced.is_only_climbed(&drifted, false, &terms(Some("30 USD"))));
    }

    #[test]
    fn only_counts_of_an_earlier_stage_become_those_of_this_one() {
        let is_climbed = |action, changes: &[(&str, Value, Value)], goes_on| {
            ladder().is_only_climbed(&step(action, changes), goes_on, &terms(Some("30 USD")))
        };
        let goal = ("/completes", json!(10), json!(50));
        let men = ("/quotas/men/completes", json!(5), json!(25));
        assert!(is_climbed(Action::Update, &[goal.clone(), men.clone()], false));
        assert!(is_climbed(Action::Update, &[goal.clone(), men.clone()], true));
        for other in [
            ("/completes", json!(10), json!(51)),
            ("/completes", json!(11), json!(50)),
            ("/completes", json!(50), json!(50)),
            ("/completes", json!(100), json!(50)),
            ("/completes", Value::Null, json!(50)),
            ("/quotas/men/completes", json!(5), json!(26)),
            ("/quotas/women/completes", Value::Null, Value::Null),
            ("/title", json!("One"), json!("Another")),
            ("/status", json!("paused"), json!("live")),
        ] {
            assert!(
                !is_climbed(Action::Update, &[goal.clone(), other.clone()], false),
                "{other:?}"
            );
        }
        let back = ("/status", json!("paused"), json!("live"));
        assert!(is_climbed(Action::Resume, std::slice::from_ref(&back), true));
        assert!(!is_climbed(Action::Resume, std::slice::from_ref(&back), false));
        assert!(!is_climbed(Action::Launch, std::slice::from_ref(&back), false));
        // Without a bound, or with a guard of its own, somebody has to look.
        let up = step(Action::Update, &[goal]);
        assert!(!ladder().is_only_climbed(&up, true, &terms(None)));
        let guarded = Step {
            guards: vec![Guard::Launch],
            ..up
        };
        assert!(!ladder().is_only_climbed(&guarded, true, &terms(Some("30 USD"))));
    }

    #[test]
    fn what_was_not_approved_before_is_held_back_with_what_waits_for_it() {
        let mut approved = step(Action::Update, &[]);
        approved.approved_before = true;
        let create = step(Action::Create, &[]);
        let mut follows = step(Action::Resume, &[]);
        (follows.depends_on, follows.approved_before) = (vec![create.id.clone()], true);
        let mut plan = Plan {
            steps: vec![approved.clone(), create.clone(), follows.clone()],
            ..Plan::default()
        };
        hold_the_rest(&mut plan);
        assert_eq!(plan.steps, [approved]);
        assert_eq!(plan.held_back, [create, follows]);
        let said: Vec<&str> = plan.notes.iter().map(|note| note.message.as_str()).collect();
        assert_eq!(
            said,
            [
                "create waits for somebody: it was not approved with a ladder",
                "resume has to wait for soda:create, which is refused",
            ]
        );
    }

    #[test]
    fn what_manifests_decide_is_not_remembered_and_the_rest_is() {
        let [soda, cola] = ["soda", "cola"].map(Address::survey);
        let record = || Record::Forgotten;
        let mut plan = Plan {
            bookkeeping: vec![(soda.clone(), record()), (cola.clone(), record())],
            decided: vec![soda.clone()],
            ..Plan::default()
        };
        decide_nothing(&mut plan);
        assert_eq!(plan.bookkeeping, [(cola, record())]);
        assert!(plan.decided.is_empty());
        let note = &plan.notes[0];
        assert_eq!((&note.address, note.holds(), plan.notes.len()), (&soda, true, 1));
    }
}
