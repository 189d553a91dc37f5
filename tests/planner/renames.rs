//! Other names for what exists: nothing is made, nothing is taken out of field, and no money moves.

use crate::study_world::part;
use crate::support::PS;
use crate::vendors_world::*;
use infield::model::{
    Address, Field, Known, Move, MovedFrom, Quota, Resource, ResourceKind, Status, VendorId,
};
use infield::plan::moves::moves;
use infield::plan::{Action, NoteKind, Plan};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;

const VENDORS: [VendorId; 3] = [PS, IMR, CINT];

/// What is fielded by itself: the survey, or its only group.
fn fielded(vendor: VendorId, name: &str) -> Address {
    match vendor.has_groups() {
        true => Address::group(name, "main"),
        false => Address::survey(name),
    }
}

impl VendorsWorld {
    /// A survey in field, with a title that its name has no part in.
    fn titled(&mut self, vendor: VendorId, name: &str, title: &str) {
        self.wanting(vendor, name, title);
        self.field_all();
    }

    fn wanting(&mut self, vendor: VendorId, name: &str, title: &str) {
        let address = Address::survey(name);
        if vendor.has_groups() {
            self.want(vendor, &address, container(vendor));
            self.wanted(&address).spec.title = Field::Set(title.to_owned());
        }
        let own = fielded(vendor, name);
        self.want(vendor, &own, fieldable(vendor, 100));
        self.wanted(&own).spec.title = Field::Set(title.to_owned());
    }

    /// Gives a manifest another name.
    fn renames(&mut self, old: &str, new: &str) {
        let entries = std::mem::take(&mut self.desired.surveys);
        let renamed = |address: Address| match address.manifest() == old {
            true => match address.vendor() {
                Some(vendor) => address.within(Address::at(new, vendor).as_str()),
                None => address.within(new),
            },
            false => address,
        };
        self.desired.surveys = entries
            .into_iter()
            .map(|(address, survey)| (renamed(address), survey))
            .collect();
        if let Some(study) = self.desired.studies.remove(&Address::survey(old)) {
            self.desired.studies.insert(Address::survey(new), study);
        }
    }

    /// Lets a manifest, or a group of it, say what it was.
    fn says(&mut self, name: &str, old: &str) {
        let from = match old {
            MovedFrom::NONE => MovedFrom::Nothing,
            old => MovedFrom::Name(Address::survey(old)),
        };
        self.desired.renames.written.insert(Address::survey(name), from);
    }

    fn moves(&self) -> Vec<Move> {
        moves(&self.desired, &self.known, self.choices.whole_project)
    }

    /// The same after an apply of the moves.
    fn moved(&self) -> Self {
        let mut world = self.clone();
        let moves = self.moves();
        world.known.rename(&moves);
        let taken: Vec<_> = moves
            .iter()
            .map(|(from, to)| (to, world.live.surveys.remove(from)))
            .collect();
        for (to, reading) in taken {
            world
                .live
                .surveys
                .extend(reading.map(|reading| (to.clone(), reading)));
        }
        world
    }
}

/// Holds a plan against this: it does nothing and changes no money.
fn does_nothing(plan: &Plan) {
    assert_eq!(ids(plan), [""; 0], "{:#?}", plan.notes);
    assert!(
        plan.exposure
            .iter()
            .all(|exposure| exposure.before == exposure.after)
    );
}

fn ids_by_name(known: &Known) -> BTreeMap<String, String> {
    let ids = known.resources.iter();
    ids.map(|(address, resource)| (address.to_string(), resource.id.clone()))
        .collect()
}

#[test]
fn a_survey_under_another_name_is_the_same_survey_at_every_vendor() {
    for vendor in VENDORS {
        let mut world = VendorsWorld::new();
        world.titled(vendor, "soda", "Soda");
        let before = world.known.clone();
        world.renames("soda", "cola");
        world.says("cola", "soda");
        does_nothing(&world.plan());
        let after = world.moved();
        let ids = |known: &Known| -> Vec<String> { ids_by_name(known).into_values().collect() };
        assert_eq!(ids(&after.known), ids(&before), "{vendor}");
        assert!(after.known.resources.contains_key(&fielded(vendor, "cola")));
        assert_eq!(
            after.moves(),
            [],
            "what the manifest goes on saying moves nothing"
        );
        does_nothing(&after.plan());
    }
}

#[test]
fn a_new_name_without_a_word_about_the_old_one_touches_neither() {
    for vendor in VENDORS {
        let mut world = VendorsWorld::new();
        world.titled(vendor, "soda", "Soda");
        world.renames("soda", "cola");
        let plan = world.plan();
        does_nothing(&plan);
        let note = plan
            .notes
            .iter()
            .find(|note| note.address == Address::survey("cola"))
            .unwrap_or_else(|| panic!("{vendor}: {:#?}", plan.notes));
        assert_eq!(note.kind, NoteKind::Blocked);
        let help = note.help.as_deref().unwrap();
        for line in ["`moved_from: soda`", "`moved_from: none`"] {
            assert!(help.contains(line), "{help}");
        }
        assert!(said(&plan, &Address::survey("soda"))[0].contains("`cola`"));
        // A title that is new as well is no reason to make it again.
        let own = fielded(vendor, "cola");
        let mut retitled = world.clone();
        if vendor.has_groups() {
            retitled.wanted(&Address::survey("cola")).spec.title = Field::Set("Soda".to_owned());
        }
        retitled.wanted(&own).spec.title = Field::Set("soda ".to_owned());
        does_nothing(&retitled.plan());
        // Said to be new, it is.
        world.says("cola", MovedFrom::NONE);
        let plan = world.plan();
        assert!(
            plan.steps.iter().any(|step| step.action == Action::Create),
            "{vendor}"
        );
        assert!(
            plan.steps.iter().any(|step| step.action == Action::Pause),
            "{vendor}"
        );
    }
}

#[test]
fn whatever_something_new_may_have_been_stays_in_field_until_that_is_said() {
    for vendor in VENDORS {
        let mut world = VendorsWorld::new();
        world.titled(vendor, "one", "Soda");
        world.titled(vendor, "another", "Soda");
        world.renames("one", "onex");
        world
            .desired
            .surveys
            .retain(|address, _| address.manifest() != "another");
        let plan = world.plan();
        does_nothing(&plan);
        let blocked: Vec<&str> = plan
            .notes
            .iter()
            .filter(|note| note.message.contains("means the same"))
            .map(|note| note.address.manifest())
            .collect();
        for name in ["onex", "one", "another"] {
            assert!(blocked.contains(&name), "{vendor}: {name} among {blocked:?}");
        }
    }
}

#[test]
fn a_manifest_that_leaves_its_template_out_may_only_have_another_name() {
    let mut world = VendorsWorld::new();
    world.titled(PS, "soda", "Soda");
    let (soda, cola) = (fielded(PS, "soda"), fielded(PS, "cola"));
    world.remembered(&soda).applied.template = Field::Set(15);
    world.renames("soda", "cola");
    does_nothing(&world.plan());
    let held = |world: &VendorsWorld| {
        let notes = said(&world.plan(), &cola);
        notes.iter().any(|note| note.contains("means the same"))
    };
    assert!(held(&world));
    world.wanted(&cola).spec.template = Field::Set(16);
    assert!(!held(&world), "it is to be made from another one");
}

#[test]
fn what_has_ended_is_nothing_that_a_new_one_could_be() {
    for vendor in VENDORS {
        let mut world = VendorsWorld::new();
        world.titled(vendor, "soda", "Soda");
        let own = fielded(vendor, "soda");
        world.renames("soda", "cola");
        let mut full = world.clone();
        full.collected(&own, 100, &[]);
        world.left_as(&own, Status::Closed);
        for world in [world, full] {
            let plan = world.plan();
            assert!(
                plan.steps.iter().any(|step| step.action == Action::Create),
                "{vendor}: {:#?}",
                plan.notes
            );
        }
    }
}

#[test]
fn names_change_places_and_follow_each_other_at_once_and_once_only() {
    for vendor in VENDORS {
        let mut world = VendorsWorld::new();
        for (name, title) in [("tea", "Tea"), ("soda", "Soda")] {
            world.titled(vendor, name, title);
        }
        let id = |world: &VendorsWorld, name: &str| world.known.resources[&fielded(vendor, name)].id.clone();
        let (tea, soda) = (id(&world, "tea"), id(&world, "soda"));
        let mut swapped = world.clone();
        swapped.renames("tea", "between");
        swapped.renames("soda", "tea");
        swapped.renames("between", "soda");
        swapped.says("tea", "soda");
        swapped.says("soda", "tea");
        does_nothing(&swapped.plan());
        let after = swapped.moved();
        assert_eq!(
            (id(&after, "tea"), id(&after, "soda")),
            (soda.clone(), tea.clone())
        );
        assert_eq!(after.moves(), [], "{vendor}: they do not change back");
        does_nothing(&after.plan());

        let mut chain = world.clone();
        chain.renames("soda", "cola");
        chain.renames("tea", "soda");
        chain.says("cola", "soda");
        chain.says("soda", "tea");
        does_nothing(&chain.plan());
        let after = chain.moved();
        assert_eq!((id(&after, "cola"), id(&after, "soda")), (soda, tea));
        assert_eq!(after.moves(), []);
        // What is forgotten at the end of the chain takes nothing along.
        let mut forgotten = after;
        forgotten
            .known
            .resources
            .retain(|address, _| address.manifest() != "cola");
        assert_eq!(forgotten.moves(), [], "{vendor}");
    }
}

#[test]
fn a_name_that_something_new_takes_over_is_free_for_it() {
    let mut world = VendorsWorld::new();
    world.titled(PS, "soda", "Soda");
    world.renames("soda", "cola");
    world.wanting(PS, "soda", "Another");
    world.says("cola", "soda");
    world.says("soda", MovedFrom::NONE);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create", "soda:launch"]);
    assert!(
        world
            .moved()
            .known
            .resources
            .contains_key(&Address::survey("cola"))
    );
}

#[test]
fn a_group_under_another_name_stays_where_it_is() {
    for vendor in [IMR, CINT] {
        let mut world = VendorsWorld::new();
        world.with_groups(vendor, "soda", &["us", "uk"]);
        let (us, usa) = (Address::group("soda", "us"), Address::group("soda", "usa"));
        let survey = world.desired.surveys.remove(&us).unwrap();
        world.desired.surveys.insert(usa.clone(), survey);
        let plan = world.plan();
        does_nothing(&plan);
        let note = plan.notes.iter().find(|note| note.address == usa).unwrap();
        assert!(
            note.help.as_deref().unwrap().contains("`moved_from: us`"),
            "{note:?}"
        );
        world.says("soda/usa", "soda/us");
        assert_eq!(world.moves(), [(us.clone(), usa.clone())]);
        does_nothing(&world.plan());
        let after = world.moved();
        assert_eq!(after.moves(), []);
        does_nothing(&after.plan());
        // The survey and the group at once.
        world.renames("soda", "cola");
        world.desired.renames = infield::model::Renames::default();
        world.says("cola", "soda");
        world.says("cola/usa", "cola/us");
        assert!(world.moves().contains(&(us, Address::group("cola", "usa"))));
        does_nothing(&world.plan());
    }
}

#[test]
fn groups_change_names_with_each_other_once() {
    for vendor in [IMR, CINT] {
        let mut world = VendorsWorld::new();
        world.with_groups(vendor, "soda", &["us", "uk"]);
        let [us, uk] = ["us", "uk"].map(|group| Address::group("soda", group));
        world.says("soda/us", "soda/uk");
        world.says("soda/uk", "soda/us");
        let mut moves = world.moves();
        moves.sort();
        assert_eq!(moves, [(uk.clone(), us.clone()), (us, uk)]);
        assert_eq!(world.moved().moves(), [], "{vendor}");
    }
}

#[test]
fn a_study_is_renamed_with_all_of_its_parts() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    let renamed = |address: Address| {
        let vendor = address.vendor().unwrap();
        address.within(Address::at("cola", vendor).as_str())
    };
    world.renames("soda", "cola");
    let silent = world.plan();
    does_nothing(&silent);
    world.says("cola", "soda");
    let mut moves = world.moves();
    moves.sort();
    let expected = [Address::at("soda", CINT), part(CINT), part(PS)];
    assert_eq!(moves, expected.map(|from| (from.clone(), renamed(from))));
    does_nothing(&world.plan());
    does_nothing(&world.moved().plan());
    // Fielded at one of them only, under the new name: it has the address of one.
    let mut world = VendorsWorld::shared(400, &[(PS, 100)]);
    world.share(400, &[(PS, 50), (CINT, 50)]);
    world.renames("soda", "cola");
    world.says("cola", "soda");
    assert_eq!(
        world.moves(),
        [(Address::survey("soda"), Address::at("cola", PS))]
    );
}

#[test]
fn an_old_name_that_cannot_be_meant_makes_nothing() {
    let mut world = VendorsWorld::new();
    world.titled(PS, "soda-tracker", "Soda");
    world.renames("soda-tracker", "cola");
    let cola = Address::survey("cola");
    // A slip of the pen.
    world.wanted(&cola).spec.title = Field::Set("Something else".to_owned());
    world.wanted(&cola).spec.completes = Field::Set(50);
    world.says("cola", "soda-trakcer");
    let plan = world.plan();
    assert!(!plan.steps.iter().any(|step| step.action == Action::Create));
    let note = plan.notes.iter().find(|note| note.address == cola).unwrap();
    assert!(
        note.help
            .as_deref()
            .unwrap()
            .contains("did you mean `soda-tracker`?")
    );
    // In an environment that never had it, it is new.
    let mut elsewhere = world.clone();
    elsewhere.known = Known::default();
    elsewhere.live.surveys.clear();
    assert_eq!(ids(&elsewhere.plan()), ["cola:create", "cola:launch"]);
    // With paths nobody sees whether the old name is free.
    world.says("cola", "soda-tracker");
    world.choices.whole_project = false;
    assert_eq!(world.moves(), []);
    let plan = world.plan();
    does_nothing(&plan);
    assert!(said(&plan, &cola)[0].contains("the whole project"));
}

#[test]
fn an_open_create_goes_along() {
    let mut world = VendorsWorld::new();
    world.wanting(PS, "cola", "Soda");
    world.open_intent(PS, &Address::survey("soda"));
    world.says("cola", "soda");
    assert_eq!(
        world.moves(),
        [(Address::survey("soda"), Address::survey("cola"))]
    );
    assert_eq!(ids(&world.plan()), [""; 0]);
}

#[test]
fn other_orders_of_the_keys_of_a_matrix_are_recognised() {
    let mut world = VendorsWorld::new();
    world.titled(PS, "soda-us-1", "Soda");
    world.renames("soda-us-1", "soda-1-us");
    let (old, new) = (Address::survey("soda-us-1"), Address::survey("soda-1-us"));
    world
        .desired
        .renames
        .orders
        .insert(new.clone(), vec![old.clone()]);
    assert_eq!(world.moves(), [(old.clone(), new.clone())]);
    does_nothing(&world.plan());
    assert_eq!(world.moved().moves(), []);
    // Another survey of the matrix has that name.
    world.wanting(PS, "soda-us-1", "Soda");
    assert_eq!(world.moves(), []);
}

#[test]
fn an_exclusion_group_keeps_its_reference_and_names_its_members_anew() {
    let mut world = crate::support::World::new();
    let soda = world.fielded("soda", crate::support::soda());
    let group = world.grouped("drinks", &[infield::model::GroupMember::Survey(soda)]);
    let moves = [
        (Address::survey("soda"), Address::survey("cola")),
        (group.clone(), Address::survey("waves")),
    ];
    world.known.rename(&moves);
    let kind = &world.known.resources[&Address::survey("waves")].kind;
    let ResourceKind::Group(known) = kind else {
        panic!("{kind:?}")
    };
    let cola = infield::model::GroupMember::Survey(Address::survey("cola"));
    assert_eq!(known.members, std::slice::from_ref(&cola));
    // Its manifest names no reference, so that of its new name is none of its own.
    let mut world = crate::support::World::new();
    world.fielded("cola", crate::support::soda());
    world.grouped("waves", &[cola]);
    let waves = Address::survey("waves");
    "acme-drinks".clone_into(&mut world.desired.groups.get_mut(&waves).unwrap().reference);
    assert!(
        world.plan().notes[0]
            .message
            .contains("the reference cannot change")
    );
    world.desired.renames.derived.insert(waves);
    let plan = world.plan();
    assert_eq!((ids(&plan), plan.notes.len()), (Vec::new(), 0));
}

/// A quota of men under one name, in field with completes, and wanted under another.
fn quota_world(vendor: VendorId) -> (VendorsWorld, Address) {
    let mut world = VendorsWorld::new();
    world.wanting(vendor, "soda", "Soda");
    let own = fielded(vendor, "soda");
    world.wanted(&own).spec.quotas =
        Field::Set(vec![gender_quota(vendor, "men", 50), gender_quota(vendor, "women", 50)].into());
    world.field_all();
    (world, own)
}

fn quota<'w>(world: &'w mut VendorsWorld, own: &Address, name: &str) -> &'w mut Quota {
    match &mut world.wanted(own).spec.quotas {
        Field::Set(quotas) => quotas.iter_mut().find(|quota| quota.name == name).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_quota_under_another_name_is_the_same_quota() {
    for vendor in VENDORS {
        let (mut world, own) = quota_world(vendor);
        "males".clone_into(&mut quota(&mut world, &own, "men").name);
        let plan = world.plan();
        let changes: Vec<_> = plan
            .steps
            .iter()
            .flat_map(|step| &step.changes)
            .map(|change| (change.path.as_str(), change.before.clone(), change.after.clone()))
            .collect();
        // Cint keeps no names of quotas.
        let name = ("/quotas/males/name", "men".into(), "males".into());
        assert_eq!(changes, [name][usize::from(vendor == CINT)..], "{vendor}");
        // Its name and its goal at once are one change.
        quota(&mut world, &own, "males").completes = 60;
        let plan = world.plan();
        let paths: Vec<_> = plan
            .steps
            .iter()
            .flat_map(|step| &step.changes)
            .map(|change| change.path.as_str())
            .collect();
        let both = ["/quotas/males/name", "/quotas/males/completes"];
        assert_eq!(paths, both[usize::from(vendor == CINT)..], "{vendor}");
    }
}

#[test]
fn a_quota_that_asks_for_others_as_well_needs_a_word_about_its_old_name() {
    let (mut world, own) = quota_world(PS);
    let after = gender_quota(PS, "women", 50).criteria;
    // Both change names with each other: said, it is two renames and nothing else.
    let swapped = |world: &mut VendorsWorld| {
        let men = quota(world, &own, "men").criteria.clone();
        quota(world, &own, "women").criteria = men;
        quota(world, &own, "men").criteria = after.clone();
    };
    swapped(&mut world);
    let moved = [("men", "women"), ("women", "men")];
    let moved = moved.map(|(new, old)| (new.to_owned(), Some(old.to_owned())));
    world.wanted(&own).moved_quotas = moved.into();
    let plan = world.plan();
    let calls: Vec<_> = plan.steps.iter().flat_map(|step| &step.calls).collect();
    let names: Vec<_> = calls
        .iter()
        .map(|call| {
            call.body.as_ref().unwrap().value()["buyer_quota_id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(names.len(), 3, "one is put aside: {names:?}");
    assert!(calls.iter().all(|call| call.path.contains("/quotas/")));
    // Carried out, it is not done again although the manifest says so.
    for name in ["men", "women"] {
        let wanted = quota(&mut world, &own, name).clone();
        let seen = world.seen(&own).quotas.iter_mut();
        let seen = seen.filter(|seen| seen.criteria == wanted.criteria);
        seen.for_each(|seen| seen.name = Some(name.to_owned()));
    }
    let spec = world.wanted(&own).spec.clone();
    world.remembered(&own).applied.quotas = spec.quotas;
    does_nothing(&world.plan());
}

#[test]
fn whatever_names_are_given_to_what_exists_nothing_is_made() {
    let config = Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
    let orders = Just(NAMES.to_vec()).prop_shuffle();
    let cases = (orders, 1..=5_usize, proptest::sample::select(VENDORS.to_vec()));
    TestRunner::new_with_rng(config, rng)
        .run(&cases, |(names, count, vendor)| {
            let mut world = VendorsWorld::new();
            for name in &NAMES[..count] {
                world.titled(vendor, name, &format!("Survey {name}"));
            }
            let wanted = std::mem::take(&mut world.desired.surveys);
            let pairs: Vec<(&str, &str)> = NAMES[..count].iter().copied().zip(names).collect();
            for (old, new) in &pairs {
                for (address, survey) in wanted.iter().filter(|(address, _)| address.manifest() == *old) {
                    world.desired.surveys.insert(address.within(new), survey.clone());
                }
                if old != new {
                    world.says(new, old);
                }
            }
            let before = world.known.clone();
            does_nothing(&world.plan());
            let after = world.moved();
            for (old, new) in pairs {
                let id = |known: &Known, name: &str| {
                    let resource: &Resource = &known.resources[&fielded(vendor, name)];
                    resource.id.clone()
                };
                prop_assert_eq!(id(&before, old), id(&after.known, new));
            }
            prop_assert_eq!(after.moves(), []);
            does_nothing(&after.plan());
            Ok(())
        })
        .unwrap();
}

/// The one that was there got what the other manifest says, and was closed.
#[test]
fn a_swap_with_what_was_never_made_moves_what_is_there_and_takes_nothing_out_of_field() {
    for vendor in VENDORS {
        let mut world = VendorsWorld::new();
        world.titled(vendor, "soda", "Soda");
        let id = world.known.resources[&fielded(vendor, "soda")].id.clone();
        world.renames("soda", "tea");
        world.wanting(vendor, "soda", "Tea");
        world.wanted(&fielded(vendor, "soda")).spec.status = Field::Set(Status::Closed);
        world.says("tea", "soda");
        world.says("soda", "tea");
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0], "{vendor}: {:#?}", plan.notes);
        let after = world.moved();
        assert_eq!(after.known.resources[&fielded(vendor, "tea")].id, id, "{vendor}");
        assert_eq!(
            after.known.resources.get(&fielded(vendor, "soda")),
            None,
            "{vendor}"
        );
    }
}
