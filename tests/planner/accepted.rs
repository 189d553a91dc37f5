//! Drift that is accepted into the manifest.

use crate::drift::look;
use crate::support::*;
use infield::model::{Field, Status, SurveySpec};
use infield::plan::drift::{Move, taken};

/// What the manifest becomes when all drift is accepted.
fn accepted(world: &mut World) -> SurveySpec {
    let drift = look(world);
    let moves: Vec<&Move> = drift.drifted.iter().flat_map(|drifted| &drifted.moves).collect();
    let wanted = world.spec("soda").clone();
    taken(&wanted, world.seen("soda"), &moves)
}

#[test]
fn what_is_accepted_is_taken_over_and_nothing_else() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").field_days = Field::Set(20);
    assert_eq!(accepted(&mut world), *world.spec("soda"), "nothing moved");
    world.at_vendor("soda", Status::Paused);
    world.seen("soda").spec.title = Field::Set("by hand".to_owned());
    let mut expected = world.spec("soda").clone();
    expected.status = Field::Set(Status::Paused);
    expected.title = Field::Set("by hand".to_owned());
    assert_eq!(accepted(&mut world), expected);
}

#[test]
fn accepted_qualifications_and_quotas_change_in_their_place() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").qualifications = Field::Set(vec![sex("1"), age(18, 64)].into());
    world.remembered("soda").applied.qualifications = Field::Set(vec![sex("1"), age(18, 64)].into());
    world.seen("soda").qualifications = Field::Set(vec![sex("2"), age(18, 64)].into());
    world.seen("soda").quotas[0].completes = 300;
    world.seen("soda").quotas[0].criteria = vec![sex("3")].into();
    let mut expected = world.spec("soda").clone();
    expected.qualifications = Field::Set(vec![sex("2"), age(18, 64)].into());
    quotas(&mut expected)[0] = quota("men", 300, vec![sex("3")]);
    assert_eq!(accepted(&mut world), expected);
    // What is gone goes.
    world.seen("soda").qualifications = Field::Set(vec![age(18, 64)].into());
    world.seen("soda").quotas.remove(0);
    expected.qualifications = Field::Set(vec![age(18, 64)].into());
    quotas(&mut expected).remove(0);
    assert_eq!(accepted(&mut world), expected);
    // Lists that the manifest does not write stay unwritten.
    let drift = look(&world);
    let moves: Vec<&Move> = drift.drifted.iter().flat_map(|drifted| &drifted.moves).collect();
    let nothing = SurveySpec::default();
    assert_eq!(taken(&nothing, world.seen("soda"), &moves), nothing);
}
