//! The audit: what it finds in plans that were tampered with, and that it finds nothing else.

use crate::support::*;
use infield::model::{CallClass, Field, Status};
use infield::plan::{Action, Guard, Plan, Rule, audit};
use rust_decimal::Decimal;

fn findings(plan: &Plan) -> String {
    audit::audit(plan).join("\n")
}

/// A plan, bent; what the audit says to it.
fn bent(plan: &Plan, bend: impl FnOnce(&mut Plan)) -> String {
    let mut plan = plan.clone();
    bend(&mut plan);
    findings(&plan)
}

/// A draft that is renamed and launched.
fn renamed_and_launched() -> Plan {
    let mut world = World::new();
    world.fielded("soda", draft());
    let spec = world.spec("soda");
    spec.title = Field::Set("Soda, again".to_owned());
    spec.status = Field::Set(Status::Live);
    world.plan()
}

#[test]
fn two_steps_of_one_name_are_found() {
    let plan = renamed_and_launched();
    let twice = bent(&plan, |plan| plan.steps.push(plan.steps[0].clone()));
    assert_eq!(twice, "two steps are called soda:update");
}

#[test]
fn what_is_created_twice_is_found_under_whatever_name() {
    let mut world = World::new();
    world.want("cola", draft());
    world.want("soda", draft());
    let plan = world.plan();
    let again = |action: Action| {
        bent(&plan, |plan| {
            let mut again = plan.steps[1].clone();
            again.id = "soda:again".to_owned();
            again.action = action;
            again.guards = vec![Guard::Replace];
            plan.steps.push(again);
        })
    };
    assert_eq!(again(Action::Create), "soda is created twice");
    assert_eq!(again(Action::Replace), "soda is created twice");
}

#[test]
fn guards_that_a_step_has_to_carry_are_missed() {
    let mut world = World::new();
    for name in ["closed", "launched", "resumed"] {
        world.fielded(name, draft());
    }
    world.spec("closed").status = Field::Set(Status::Closed);
    world.spec("launched").status = Field::Set(Status::Live);
    world.left_as("resumed", Status::Paused);
    world.spec("resumed").status = Field::Set(Status::Live);
    world.fielded("paused", soda());
    world.spec("paused").status = Field::Set(Status::Paused);
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("template", spec);
    world.templates(&[15, 16]);
    world.spec("template").template = Field::Set(16);
    world.manifest("template").policy.on_template_change = infield::model::desired::OnTemplateChange::Replace;
    world.guard(Guard::Replace, Rule::Ask);
    let plan = world.plan();
    let bare = bent(&plan, |plan| {
        for step in &mut plan.steps {
            step.guards.clear();
        }
    });
    insta::assert_snapshot!(bare, @r"
    closed:close closes without a guard
    launched:launch carries no guard `launch`
    resumed:resume carries no guard `launch`
    template:replace carries no guard `replace`
    template:close-1005 closes without a guard
    template:launch carries no guard `launch`
    ");
    let other = bent(&plan, |plan| {
        for step in &mut plan.steps {
            step.guards = vec![Guard::EditLiveTargeting];
        }
    });
    insta::assert_snapshot!(other, @r"
    launched:launch carries no guard `launch`
    resumed:resume carries no guard `launch`
    template:replace carries no guard `replace`
    template:launch carries no guard `launch`
    ");
}

#[test]
fn money_at_stake_belongs_to_steps_that_put_it_there() {
    let plan = renamed_and_launched();
    let with = |action: Action, cents: i64| {
        bent(&plan, |plan| {
            let mut step = plan.steps.remove(1);
            step.action = action;
            step.depends_on.clear();
            step.guards = vec![Guard::Launch, Guard::Close, Guard::Replace];
            step.adds_exposure.as_mut().unwrap().amount = Decimal::new(cents, 2);
            plan.steps = vec![step];
        })
    };
    for action in [
        Action::Create,
        Action::Replace,
        Action::Pause,
        Action::Close,
        Action::Forget,
    ] {
        assert_eq!(
            with(action, 1),
            "soda:launch adds exposure without going in field",
            "{action}"
        );
        assert_eq!(with(action, 0), "", "{action}");
        assert_eq!(with(action, -1), "", "{action}");
    }
    for action in [Action::Launch, Action::Resume, Action::Update] {
        assert_eq!(with(action, 1), "", "{action}");
    }
}

#[test]
fn calls_have_to_fit_their_step() {
    let mut world = World::new();
    world.want("soda", draft());
    let create = world.plan();
    let update = renamed_and_launched();
    assert_eq!(
        bent(&update, |plan| plan.steps[0].calls.clear()),
        "soda:update makes no call"
    );
    let forgets = |plan: &mut Plan| {
        plan.steps.truncate(1);
        plan.steps[0].action = Action::Forget;
        plan.steps[0].calls.clear();
    };
    assert_eq!(bent(&update, forgets), "");
    let reads = |plan: &mut Plan| plan.steps[0].calls[0].class = CallClass::Read;
    assert_eq!(bent(&update, reads), "soda:update plans a read");
    // A second survey, made on the side.
    let call = create.steps[0].calls[0].clone();
    assert_eq!((call.class, call.returns_id.is_some()), (CallClass::Create, true));
    for class in [CallClass::Create, CallClass::KeyedWrite] {
        let mut call = call.clone();
        call.class = class;
        let side = bent(&update, |plan| plan.steps[0].calls.push(call));
        assert_eq!(
            side, "soda:update creates something outside a create step",
            "{class:?}"
        );
    }
    // A part of a survey has no id of its own in the state.
    let mut quota = call;
    quota.returns_id = None;
    assert_eq!(bent(&update, |plan| plan.steps[0].calls.push(quota)), "");
}

#[test]
fn a_launch_waits_for_what_is_written_before_it_directly_or_through_others() {
    let plan = renamed_and_launched();
    assert_eq!(findings(&plan), "");
    let alone = bent(&plan, |plan| plan.steps[1].depends_on.clear());
    assert_eq!(alone, "soda:launch does not wait for soda:update");
    let resume = bent(&plan, |plan| {
        plan.steps[1].depends_on.clear();
        plan.steps[1].action = Action::Resume;
    });
    assert_eq!(resume, "soda:launch does not wait for soda:update");
    for action in [Action::Create, Action::Replace] {
        let made = bent(&plan, |plan| {
            plan.steps[1].depends_on.clear();
            plan.steps[0].action = action;
            plan.steps[0].guards = vec![Guard::Replace];
        });
        assert_eq!(made, "soda:launch does not wait for soda:update", "{action}");
    }
    let through_another = bent(&plan, |plan| {
        let mut between = plan.steps[0].clone();
        between.id = "tea:update".to_owned();
        between.address = infield::model::Address::survey("tea");
        between.depends_on = vec!["soda:update".to_owned()];
        plan.steps[1].depends_on = vec!["tea:update".to_owned()];
        plan.steps.insert(1, between);
    });
    assert_eq!(through_another, "");
    // What another survey writes is nothing to wait for, and neither is a step that only takes it out of field.
    let others = bent(&plan, |plan| {
        plan.steps[1].depends_on.clear();
        plan.steps[0].address = infield::model::Address::survey("tea");
    });
    assert_eq!(others, "");
    let pause = bent(&plan, |plan| {
        plan.steps[1].depends_on.clear();
        plan.steps[0].action = Action::Pause;
    });
    assert_eq!(pause, "");
}

#[test]
fn what_nobody_approved_does_not_count_as_approved_before() {
    let plan = renamed_and_launched();
    let found = bent(&plan, |plan| plan.steps[0].approved_before = true);
    assert_eq!(found, "soda:update was not approved before");
}
