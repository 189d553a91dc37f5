//! Which order pauses have, what stays out of field, and what is left after a call that paused many.

use super::*;

#[test]
fn a_group_stays_out_of_field_with_what_holds_it_unless_that_goes_back_as_well() {
    let (soda, group) = (Address::survey("soda"), Address::group("soda", "main"));
    let why = |vendor, status, back: &[&Address]| {
        let around = LiveSurvey {
            status: Some(status),
            status_text: status.to_string(),
            ..LiveSurvey::default()
        };
        let mut live = Live::default();
        live.surveys.insert(soda.clone(), Reading::Present(around));
        let step = Step::new(&group, vendor, Action::Resume, "", Record::Forgotten);
        stays_out(&step, &back.iter().copied().cloned().collect(), &live)
    };
    let job = crate::marketplace::INNOVATEMR;
    let said = "its job soda is paused by now, and no freeze did that";
    assert_eq!(why(job, Status::Paused, &[&group]).as_deref(), Some(said));
    assert_eq!(why(job, Status::Paused, &[&soda, &group]), None);
    assert_eq!(why(job, Status::Live, &[&group]), None);
    // A project of Cint is never in field by itself.
    assert_eq!(why(crate::marketplace::CINT, Status::Draft, &[&group]), None);
}

#[test]
fn what_may_cost_anything_goes_first_then_the_most_money() {
    let ended = |amount: i64| Some(Money::new(Decimal::new(-amount, 2), iso_currency::Currency::USD));
    let mut all = [ended(100), None, ended(30000), ended(2500)];
    all.sort_by_key(|money| urgency(*money));
    assert_eq!(all, [None, ended(30000), ended(2500), ended(100)]);
}

/// A look at `live` and `paused`, with steps for those that are in field.
fn looked(live: &[&Address], paused: &[&Address], unread: &[&Address]) -> Frozen {
    let step = |address: &&Address| Step {
        calls: vec![Call::new(
            crate::model::Method::Post,
            format!("/{address}/pause"),
            crate::model::CallClass::IdempotentWrite,
            "",
        )],
        ..Step::new(
            address,
            crate::marketplace::CINT,
            Action::Pause,
            "",
            Record::Forgotten,
        )
    };
    Frozen {
        plan: Plan {
            environment: "bench".to_owned(),
            steps: live.iter().map(step).collect(),
            ..Plan::default()
        },
        paused: Vec::new(),
        unread: unread
            .iter()
            .map(|address| ((*address).clone(), "no answer".to_owned()))
            .collect(),
        out: paused.iter().map(|address| (*address).clone()).collect(),
        many: Vec::new(),
    }
}

#[test]
fn after_a_call_for_many_each_is_remembered_paused_or_left_by_what_was_read() {
    let [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(|group| Address::group("x", group));
    let mut before = looked(&[&a, &b, &c, &d, &e], &[], &[]);
    before.many.push(Many {
        vendor: crate::marketplace::CINT,
        call: Call::new(
            crate::model::Method::Post,
            "/batch",
            crate::model::CallClass::KeyedWrite,
            "",
        ),
        addresses: [&a, &b, &c, &d].map(Clone::clone).into(),
    });
    let names =
        |plan: &Plan| -> Vec<String> { plan.steps.iter().map(|step| step.address.to_string()).collect() };
    let (many, rest) = before.parted();
    assert_eq!(names(&many), ["x/a", "x/b", "x/c", "x/d"]);
    assert_eq!(
        (names(&rest), &*rest.environment),
        (vec!["x/e".to_owned()], "bench")
    );
    // One is paused, one is in field still, one cannot be read, and one has ended by itself.
    let mut again = looked(&[&b], &[&a], &[&c]);
    again.plan.steps[0].calls[0].path = "/x/b/pause?version=2".to_owned();
    let left = again.after_many(many);
    assert_eq!(names(&left), ["x/a", "x/b", "x/c"]);
    let paths: Vec<Option<&str>> = left
        .steps
        .iter()
        .map(|step| step.calls.first().map(|call| call.path.as_str()))
        .collect();
    assert_eq!(paths, [None, Some("/x/b/pause?version=2"), Some("/x/c/pause")]);
}
