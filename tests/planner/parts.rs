//! What a plan consists of: its words, its numbers, its name, and how money survives a file.

use crate::support::*;
use infield::model::Address;
use infield::model::{Field, Money, Status};
use infield::plan::Summary;
use infield::plan::{Action, Guard, Note, NoteKind, Rule, Step, hash};

#[test]
fn actions_and_notes_are_called_as_in_files() {
    let actions = [
        Action::Create,
        Action::Update,
        Action::Replace,
        Action::Launch,
        Action::Resume,
        Action::Pause,
        Action::Close,
        Action::Forget,
    ];
    let kinds = [
        NoteKind::Refused,
        NoteKind::Blocked,
        NoteKind::Drift,
        NoteKind::Unsupported,
        NoteKind::Unmanaged,
        NoteKind::Moved,
        NoteKind::Advice,
    ];
    let shown: Vec<String> = actions
        .iter()
        .map(ToString::to_string)
        .chain(kinds.iter().map(ToString::to_string))
        .collect();
    let written: Vec<String> = actions
        .iter()
        .map(|action| serde_json::to_value(action).unwrap())
        .chain(kinds.iter().map(|kind| serde_json::to_value(kind).unwrap()))
        .map(|value| value.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(shown, written);
    insta::assert_snapshot!(shown.join(" "), @"create update replace launch resume pause close forget refused blocked drift unsupported unmanaged moved advice");
}

#[test]
fn a_note_says_what_to_do_and_where() {
    let note = Note::new(&Address::survey("soda"), NoteKind::Advice, "look");
    assert_eq!(
        (note.message.as_str(), &note.help, &note.path),
        ("look", &None, &None)
    );
    let note = note.help("do it").at("/title");
    assert_eq!(note.help.as_deref(), Some("do it"));
    assert_eq!(note.path.as_deref(), Some("/title"));
}

/// Everything that can be done to surveys, one of each.
fn everything() -> World {
    let mut world = World::new();
    world.want("created", soda());
    world.is_new("created");
    world.fielded("launched", draft());
    world.spec("launched").status = Field::Set(Status::Live);
    world.fielded("resumed", soda());
    world.left_as("resumed", Status::Paused);
    world.fielded("paused", soda());
    world.spec("paused").status = Field::Set(Status::Paused);
    world.fielded("closed", soda());
    world.spec("closed").status = Field::Set(Status::Closed);
    world.fielded("same", soda());
    // Two steps, one survey.
    world.fielded("updated", soda());
    world.spec("updated").title = Field::Set("Soda, again".to_owned());
    world.spec("updated").qualifications = Field::Set(vec![age(18, 74)].into());
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("replaced", spec);
    world.templates(&[15, 16]);
    world.spec("replaced").template = Field::Set(16);
    world.manifest("replaced").policy.on_template_change = infield::model::desired::OnTemplateChange::Replace;
    world.guard(Guard::Replace, Rule::Ask);
    // Replaced by an earlier plan; only the close is left.
    world.fielded("former", soda());
    world.remembered("former").former = vec!["900".to_owned()];
    let old = twin("900", &soda());
    world
        .live
        .former
        .insert("900".to_owned(), infield::model::Reading::Present(old));
    world.fielded("forgotten", soda());
    world.remembered("forgotten").policy.on_remove = infield::model::desired::OnRemove::Forget;
    world.remove_manifest("forgotten");
    world
}

#[test]
fn a_plan_is_counted_by_survey_and_by_call() {
    let plan = everything().plan();
    let calls: usize = plan.steps.iter().map(|step| step.calls.len()).sum();
    assert_eq!(
        plan.summary(),
        Summary {
            remember: 0,
            create: 1,
            update: 1,
            replace: 1,
            // The created, the launched, the resumed and the replaced one.
            launch: 4,
            pause: 1,
            // The close that belongs to the replacement of this plan is not told again.
            close: 2,
            forget: 1,
            rename: 0,
            unchanged: 1,
            calls,
        }
    );
    assert!(!plan.is_empty());
    assert!(World::new().plan().is_empty());
}

#[test]
fn calls_that_put_a_survey_back_in_field_are_counted() {
    use crate::vendors::*;
    let mut world = World::with_libraries();
    world.held_at(IMR, "soda");
    world.fielded_at(IMR, "soda/us", part(IMR));
    world.spec("soda/us").title = Field::Set("Soda, again".to_owned());
    let plan = world.plan();
    let [step] = plan.steps.as_slice() else {
        panic!("{:#?}", plan.steps);
    };
    assert_eq!((step.calls.len(), step.resumes.len()), (2, 1));
    assert_eq!(plan.summary().calls, 3);
}

#[test]
fn money_below_nothing_survives_a_file() {
    let plan = everything().plan();
    for step in plan.steps {
        for amount in ["-0.01", "0.01", "-1500", "0"] {
            let mut step = step.clone();
            let usd: Money = "0 USD".parse().unwrap();
            step.adds_exposure = Some(Money::new(amount.parse().unwrap(), usd.currency));
            let text = serde_json::to_string(&step).unwrap();
            assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), step);
        }
        let mut none = step;
        none.adds_exposure = None;
        let text = serde_json::to_string(&none).unwrap();
        assert!(!text.contains("adds_exposure"));
        assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), none);
    }
}

#[test]
fn money_that_is_none_is_refused_in_a_file() {
    let plan = everything().plan();
    let step = plan
        .steps
        .iter()
        .find(|step| step.adds_exposure.is_some())
        .unwrap();
    let mut value = serde_json::to_value(step).unwrap();
    for wrong in ["1500.00", "--1 USD", "+1 USD", "-1", "much"] {
        value["adds_exposure"] = serde_json::Value::from(wrong);
        assert!(serde_json::from_value::<Step>(value.clone()).is_err(), "{wrong}");
    }
    value["adds_exposure"] = serde_json::Value::Null;
    assert_eq!(serde_json::from_value::<Step>(value).unwrap().adds_exposure, None);
}

#[test]
fn a_name_is_seven_times_four_letters_that_are_not_misread_and_begins_with_its_short_form() {
    assert_eq!(hash::spoken(&[0, 1, 2, 3, 4, 5, 6, 7]), "2345-6789");
    assert_eq!(
        hash::spoken(&[8, 15, 16, 17, 18, 31, 32, 255, 9, 9]),
        "ahij-kz2z-bb"
    );
    assert_eq!(hash::spoken(&[]), "");
    assert_eq!(hash::spoken(&[31; 4]), "zzzz");
    assert_eq!(hash::spoken(&[31; 5]), "zzzz-z");
    let whole = hash::spoken(&[31; 32]);
    assert_eq!(
        whole, "zzzz-zzzz-zzzz-zzzz-zzzz-zzzz-zzzz",
        "28 letters of five bits"
    );
    assert_eq!(hash::short(&whole), "zzzz-zzzz");
    assert!(hash::is_whole(&whole) && !hash::is_short(&whole));
    assert!(hash::is_short("k7m2-9qfd") && !hash::is_whole("k7m2-9qfd"));
    for wrong in [
        "",
        "k7m2",
        "k7m2-9qf",
        "k7m29-qfd",
        "K7M2-9QFD",
        "k7m2-9qf0",
        "k7m2-9qfd-",
    ] {
        assert!(!hash::is_short(wrong) && !hash::is_whole(wrong), "{wrong}");
    }
}

#[test]
fn plans_that_differ_only_behind_the_short_form_have_other_names() {
    let mut digest = [7; 32];
    let one = hash::spoken(&digest);
    digest[27] += 1;
    let other = hash::spoken(&digest);
    assert_eq!(hash::short(&one), hash::short(&other));
    assert_ne!(one, other);
}

#[test]
fn a_plan_is_named_by_what_it_does_and_not_by_what_it_says() {
    let plan = everything().plan();
    let name = hash::hash(&plan);
    let mut other = plan.clone();
    other.environment = "production".to_owned();
    assert_ne!(hash::hash(&other), name);
    let mut other = plan.clone();
    other.steps[0].calls[0].path.push('x');
    assert_ne!(hash::hash(&other), name);
    let mut other = plan.clone();
    let most = other.ceilings.values_mut().flatten().next().unwrap();
    most.amount += "0.01".parse::<rust_decimal::Decimal>().unwrap();
    assert_ne!(hash::hash(&other), name);
    let mut other = plan.clone();
    other.exposure.clear();
    other.notes.clear();
    other.unchanged.clear();
    other.bookkeeping.clear();
    assert_eq!(hash::hash(&other), name);
}
