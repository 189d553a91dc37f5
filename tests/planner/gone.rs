//! Gone is proven, and what leaves the field because it is gone has a guard of its own.

use crate::support::*;
use crate::vendors_world::{CINT, IMR, VendorsWorld, container, fieldable, ids, said, step};
use infield::model::desired::OnRemove;
use infield::model::{Address, Status, VendorId};
use infield::plan::{Guard, Plan, Rule};

const POLICIES: [OnRemove; 3] = [OnRemove::Forget, OnRemove::Pause, OnRemove::Close];

/// A survey in field at each vendor, or its group where the vendor has groups; and that in field.
fn fielded(vendor: VendorId) -> (VendorsWorld, Address) {
    let mut world = VendorsWorld::new();
    if vendor == PS {
        let it = Address::survey("soda");
        world.fielded(vendor, &it, soda());
        return (world, it);
    }
    world.with_groups(vendor, "soda", &["us", "ca"]);
    (world, Address::group("soda", "us"))
}

/// The guards of what is done to an address.
fn guards(plan: &Plan, address: &Address) -> Vec<Guard> {
    let of = plan.steps.iter().filter(|step| step.address == *address);
    of.flat_map(|step| step.guards.clone()).collect()
}

#[test]
fn nothing_in_field_stops_or_is_forgotten_unasked_because_it_was_removed() {
    for vendor in [PS, IMR, CINT] {
        for on_remove in POLICIES {
            // The whole survey, and one of its groups.
            for whole in [true, false] {
                let (mut world, it) = fielded(vendor);
                world.remembered(&it).policy.on_remove = on_remove;
                if whole {
                    world.remove_manifest("soda");
                } else {
                    world.desired.surveys.remove(&it);
                }
                let what = format!("{vendor} {on_remove} {whole}");
                let asked = guards(&world.plan(), &it);
                assert!(asked.contains(&Guard::Remove), "{what}: {asked:?}");
                assert_eq!(
                    asked.contains(&Guard::Close),
                    on_remove == OnRemove::Close,
                    "{what}"
                );
                world.guards.set(Guard::Remove, Rule::Deny);
                let plan = world.plan();
                assert_eq!(guards(&plan, &it), [], "{what}");
                let denied = said(&plan, &it).join("\n");
                assert!(
                    denied.contains("is denied by the guard `remove`"),
                    "{what}: {denied}"
                );
            }
        }
    }
}

#[test]
fn what_may_be_on_its_way_into_the_field_is_not_forgotten_unasked() {
    let (mut world, it) = fielded(PS);
    world.remembered(&it).policy.on_remove = OnRemove::Forget;
    world.remove_manifest("soda");
    for status in [Status::Draft, Status::Paused, Status::Closed] {
        world.left_as(&it, status);
        assert_eq!(guards(&world.plan(), &it), [], "{status}");
    }
    world.seen(&it).pending = Some("it is being launched".to_owned());
    assert_eq!(guards(&world.plan(), &it), [Guard::Remove]);
    world.seen(&it).pending = None;
    world.seen(&it).status = None;
    assert_eq!(guards(&world.plan(), &it), [Guard::Remove]);
}

#[test]
fn a_marketplace_taken_out_of_a_survey_leaves_the_field_behind_the_same_guard() {
    let mut world = VendorsWorld::new();
    let (here, there) = (Address::at("soda", PS), Address::at("soda", IMR));
    let group = Address::group(there.as_str(), "main");
    world.fielded(PS, &here, soda());
    world.fielded(IMR, &there, container(IMR));
    world.fielded(IMR, &group, fieldable(IMR, 100));
    world.desired.surveys.remove(&there);
    world.desired.surveys.remove(&group);
    let plan = world.plan();
    assert_eq!(guards(&plan, &group), [Guard::Remove]);
    assert_eq!(guards(&plan, &there), [Guard::Remove]);
    assert_eq!(guards(&plan, &here), []);
}

#[test]
fn a_quota_removed_in_field_has_the_guard_and_one_of_a_paused_survey_has_not() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 100, &[("men", 50), ("women-18-34", 50)]);
    quotas(world.spec("soda")).retain(|quota| quota.name == "men");
    let asked = |world: &World| world.plan().steps[0].guards.clone();
    assert_eq!(asked(&world), [Guard::EditLiveTargeting, Guard::Remove]);
    world.left_as("soda", Status::Paused);
    world.spec("soda").status = infield::model::Field::Set(Status::Paused);
    assert_eq!(asked(&world), [Guard::EditLiveTargeting]);
}

#[test]
fn a_manifest_that_may_be_in_a_file_that_was_not_read_is_not_gone() {
    let why = "`.old/soda.yaml` may hold it and is not read: it is hidden";
    let note = format!("blocked: its manifest was not read, and does not count as removed: {why}");
    for vendor in [PS, IMR, CINT] {
        for on_remove in POLICIES {
            for status in [Status::Live, Status::Draft] {
                let (mut world, it) = fielded(vendor);
                world.left_as(&it, status);
                for address in world.known.resources.keys().cloned().collect::<Vec<_>>() {
                    world.remembered(&address).policy.on_remove = on_remove;
                }
                world.remove_manifest("soda");
                let tea = Address::survey("tea");
                world.fielded(PS, &tea, soda());
                world.remove_manifest("tea");
                let gone = world.plan();
                world.choices.unseen.insert("soda".to_owned(), why.to_owned());
                let plan = world.plan();
                let what = format!("{vendor} {on_remove} {status}");
                assert_eq!(ids(&plan), ["tea:pause"], "{what}: what else is gone is gone");
                assert_eq!(plan.bookkeeping, [], "{what}");
                let acted = gone.steps.iter().any(|step| step.address == it);
                let said = said(&plan, &it);
                assert!(said.contains(&note) || !acted, "{what}: {said:?}");
            }
        }
    }
}

#[test]
fn what_would_be_left_as_it_is_anyway_is_not_held_back() {
    let (mut world, it) = fielded(PS);
    world.left_as(&it, Status::Paused);
    world.remove_manifest("soda");
    world
        .choices
        .unseen
        .insert("soda".to_owned(), "`x` may hold it".to_owned());
    let left =
        "unmanaged: its manifest was not read (`x` may hold it); survey 1001 is paused and left as it is";
    assert_eq!(said(&world.plan(), &it), [left]);
    assert_eq!(world.plan().bookkeeping, [], "nobody knows that it is gone");
}

#[test]
fn what_was_replaced_is_closed_although_the_manifest_was_not_read() {
    let (mut world, it) = fielded(PS);
    world.remembered(&it).former = vec!["900".to_owned()];
    let old = twin("900", &soda());
    world
        .live
        .former
        .insert("900".to_owned(), infield::model::Reading::Present(old));
    world.guards.set(Guard::Replace, Rule::Ask);
    world.remove_manifest("soda");
    world
        .choices
        .unseen
        .insert("soda".to_owned(), "`x` may hold it".to_owned());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:close-900"]);
    assert_eq!(step(&plan, "soda:close-900").guards, [Guard::Replace]);
}
