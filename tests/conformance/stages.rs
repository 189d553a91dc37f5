//! Staged fieldwork at every marketplace: the goal and quotas of a stage are written, read back and raised in field, and what is
//! there in the end is what a survey without stages has.

use crate::subject::SUBJECTS;
use crate::world::{World, desired, on_every_core};
use infield::model::{Address, Field, Ladder};
use infield::plan::{Choices, Guard};
use serde_json::Value;

#[test]
fn every_stage_is_told_and_read_back_and_the_last_one_is_the_whole_survey() {
    on_every_core(SUBJECTS, async |subject| {
        let vendor = subject.vendor();
        let world = World::open(subject, &Value::Null).await;
        let stages = "stages: [{name: soft, completes: 50%, then: hold}, {name: full}]\nstatus: live";
        let staged = subject.manifest().replacen("status: live", stages, 1);
        let wanted = desired(&staged);
        let ladders: Vec<(Address, Ladder)> = wanted
            .surveys
            .iter()
            .filter_map(|(address, survey)| Some((address.clone(), survey.ladder.clone()?)))
            .collect();
        assert!(!ladders.is_empty(), "{vendor}");
        let stands = async |at: usize| {
            let known = world.keeper.known().await;
            for (address, ladder) in &ladders {
                let survey = known.survey(address).unwrap();
                let (rung, told) = (&ladder.rungs[at], &survey.applied);
                assert_eq!(told.completes, Field::Set(rung.completes), "{address}");
                assert_eq!(survey.climb.as_ref().unwrap().rung, rung.name, "{address}");
                for quota in told.quotas.value().into_iter().flatten() {
                    assert_eq!(quota.completes, rung.quotas[&quota.name], "{address}");
                }
            }
        };
        world.converge(&staged).await;
        stands(0).await;
        let full = |(address, _): &(Address, Ladder)| (address.clone(), "full".to_owned());
        let asked = Choices {
            advance: ladders.iter().map(full).collect(),
            ..Choices::default()
        };
        let plan = world.plan_with(&wanted, &asked).await;
        assert!(!plan.is_empty(), "{vendor}");
        for step in &plan.steps {
            assert!(!step.guards.contains(&Guard::Launch), "{vendor}: {step:#?}");
        }
        assert_eq!(
            world.apply(&plan).await.failed,
            0,
            "{vendor}: {:?}",
            world.problems()
        );
        for choices in [&asked, &Choices::default()] {
            let again = world.plan_with(&wanted, choices).await;
            assert!(again.is_empty(), "{vendor}: {again:#?}");
        }
        stands(1).await;
        let plain = World::open(subject, &Value::Null).await;
        plain.converge(subject.manifest()).await;
        let (one, other) = (subject.picture(&world).await, subject.picture(&plain).await);
        assert_eq!(one, other, "{vendor}");
    });
}
