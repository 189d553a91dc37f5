//! Guards and limits, all of them: every guard on every action it stands on, at every vendor, under every rule, with
//! each limit absent, met to the cent and exceeded by one, in the survey's currency and in another one.
//!
//! What has to come out is reckoned here from a few whole numbers, without the planner.

use crate::support::*;
use crate::vendors::*;
use infield::marketplace::Markets;
use infield::model::desired::{OnFixedChange, OnRemove, OnTemplateChange};
use infield::model::{Field, Money, Reading, Status, VendorId};
use infield::plan::{Action, Guard, GuardRules, NoteKind, Plan, Rule, refuse_unapproved};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What it is, the world, the steps that it plans, what it adds in the world's currency where that is not their sum, and
/// what is at stake before.
type Scenery = (&'static str, World, Vec<Part>, Option<i64>, i64);

/// A step that a scene leads to.
#[derive(Debug, Clone)]
struct Part {
    id: String,
    action: Action,
    guards: Vec<Guard>,
    /// What it adds to the exposure, in dollars.
    adds: i64,
    /// The step of the same scene that it waits for.
    waits: Option<usize>,
}

/// Something that is wanted of one survey.
struct Scene {
    name: &'static str,
    world: World,
    parts: Vec<Part>,
    /// The price that is written or put in field, in dollars: what `max_cpi` judges.
    price: Option<i64>,
    /// The exposure before the plan, in dollars.
    before: i64,
}

/// What a survey comes to in field, and what another one does that every scene has beside it.
const WORTH: i64 = 400;
const BESIDE: i64 = 200;

/// What is done to one survey, before the plan is looked at.
struct Stage {
    vendor: VendorId,
    it: String,
    scenes: Vec<Scene>,
}

impl Stage {
    /// A world with another survey in field, and what holds the one that a scene is about.
    fn world(&self) -> World {
        let mut world = World::with_libraries();
        let mut other = part(self.vendor);
        other.completes = Field::Set(50);
        world.held_at(self.vendor, "tea");
        world.fielded_at(self.vendor, &fielded_as(self.vendor, "tea"), other);
        world.held_at(self.vendor, "soda");
        world
    }

    /// The same with the survey in a status, and wanted in it.
    fn with(&self, status: Status) -> World {
        let mut world = self.world();
        let mut spec = part(self.vendor);
        spec.status = Field::Set(status);
        world.fielded_at(self.vendor, &self.it, spec);
        world
    }

    fn part(&self, action: Action, guards: &[Guard], adds: i64) -> Part {
        Part {
            id: format!("{}:{action}", self.it),
            action,
            guards: guards.to_vec(),
            adds,
            waits: None,
        }
    }

    fn add(
        &mut self,
        name: &'static str,
        mut world: World,
        parts: Vec<Part>,
        price: Option<i64>,
        before: i64,
    ) {
        // Written once and not for every plan.
        for reading in world
            .live
            .surveys
            .values_mut()
            .chain(world.live.former.values_mut())
        {
            if let Reading::Present(live) = reading
                && live.kept == infield::model::VendorState::default()
            {
                live.kept = infield::model::VendorState::of(&document(live));
            }
        }
        let scene = Scene {
            name,
            world,
            parts,
            price,
            before,
        };
        self.scenes.push(scene);
    }

    /// What goes in field, for the first time or again.
    fn goes(&mut self) {
        let launch = self.part(Action::Launch, &[Guard::Launch], WORTH);
        let create = self.part(Action::Create, &[], 0);

        let mut world = self.world();
        let mut spec = part(self.vendor);
        spec.status = Field::Set(Status::Draft);
        world.want_at(self.vendor, &self.it, spec);
        self.add("a new draft", world, vec![create.clone()], Some(4), BESIDE);

        let mut world = self.world();
        world.want_at(self.vendor, &self.it, part(self.vendor));
        let after = Part {
            waits: Some(0),
            ..launch.clone()
        };
        self.add(
            "a new survey in field",
            world,
            vec![create, after],
            Some(4),
            BESIDE,
        );

        let mut world = self.with(Status::Draft);
        world.spec(&self.it).status = Field::Set(Status::Live);
        self.add("a draft in field", world, vec![launch.clone()], Some(4), BESIDE);

        let mut world = self.with(Status::Paused);
        world.spec(&self.it).status = Field::Set(Status::Live);
        let resume = self.part(Action::Resume, &[Guard::Launch], WORTH);
        self.add("back in field", world, vec![resume], Some(4), BESIDE);

        if self.vendor == IMR {
            let mut world = self.world();
            *world.spec("soda") = container(IMR, Status::Live);
            world.left_as("soda", Status::Draft);
            let job = Part {
                id: "soda:launch".to_owned(),
                adds: 0,
                ..launch
            };
            self.add("what holds groups in field", world, vec![job], None, BESIDE);
        }
    }

    /// What changes in place.
    fn changes(&mut self) {
        let all = BESIDE + WORTH;
        let update = |adds| self.part(Action::Update, &[], adds);
        let targeting = |adds| Part {
            id: format!("{}:update-targeting", self.it),
            ..self.part(Action::Update, &[Guard::EditLiveTargeting], adds)
        };
        let mut scenes: Vec<Scenery> = Vec::new();

        let mut world = self.with(Status::Live);
        world.spec(&self.it).completes = Field::Set(150);
        scenes.push(("a higher goal", world, vec![update(200)], None, all));

        for (name, price, adds) in [("a higher price", 5, 100), ("a lower price", 3, -100)] {
            let mut world = self.with(Status::Live);
            priced(self.vendor, world.spec(&self.it), &format!("{price}.00"));
            scenes.push((name, world, vec![update(adds)], Some(price), all));
        }

        let wider = |mut world: World| {
            world.spec(&self.it).qualifications = Field::Set(vec![years(self.vendor, 18, 74)].into());
            world
        };
        let world = wider(self.with(Status::Live));
        scenes.push(("others are asked in field", world, vec![targeting(0)], None, all));
        let world = wider(self.with(Status::Paused));
        scenes.push(("others are asked later", world, vec![targeting(0)], None, BESIDE));
        let world = wider(self.with(Status::Draft));
        scenes.push((
            "others are asked in a draft",
            world,
            vec![update(0)],
            None,
            BESIDE,
        ));

        let mut world = wider(self.with(Status::Live));
        world.spec(&self.it).completes = Field::Set(150);
        let parts = if self.vendor == CINT {
            // One call writes both.
            vec![targeting(200)]
        } else {
            let second = Part {
                waits: Some(0),
                ..targeting(0)
            };
            vec![update(200), second]
        };
        scenes.push(("more and others are asked", world, parts, None, all));
        for (name, world, parts, price, before) in scenes {
            self.add(name, world, parts, price, before);
        }
    }

    /// What leaves the field, for now or for good.
    fn leaves(&mut self) {
        let all = BESIDE + WORTH;
        let pause = self.part(Action::Pause, &[], -WORTH);
        let close = self.part(Action::Close, &[Guard::Close], -WORTH);
        let idle = Part {
            adds: 0,
            ..close.clone()
        };

        let mut world = self.with(Status::Live);
        world.spec(&self.it).status = Field::Set(Status::Paused);
        self.add("out of field", world, vec![pause.clone()], None, all);
        let mut world = self.with(Status::Live);
        world.spec(&self.it).status = Field::Set(Status::Closed);
        self.add("closed", world, vec![close.clone()], None, all);
        let mut world = self.with(Status::Paused);
        world.spec(&self.it).status = Field::Set(Status::Closed);
        self.add("closed while paused", world, vec![idle.clone()], None, BESIDE);
        // Cint has no way to close a draft.
        if self.vendor != CINT {
            let mut world = self.with(Status::Draft);
            world.spec(&self.it).status = Field::Set(Status::Closed);
            self.add("closed as a draft", world, vec![idle.clone()], None, BESIDE);
        }
        if self.vendor == IMR {
            let mut world = self.world();
            world.spec("soda").status = Field::Set(Status::Closed);
            let job = Part {
                id: "soda:close".to_owned(),
                ..idle
            };
            self.add("what holds groups is closed", world, vec![job], None, BESIDE);
        }
        let forget = self.part(Action::Forget, &[Guard::Remove], 0);
        let pause = self.part(Action::Pause, &[Guard::Remove], -WORTH);
        let close = self.part(Action::Close, &[Guard::Close, Guard::Remove], -WORTH);
        for (name, policy, part) in [
            ("removed and paused", OnRemove::Pause, pause),
            ("removed and closed", OnRemove::Close, close),
            ("removed and forgotten", OnRemove::Forget, forget),
        ] {
            let mut world = self.with(Status::Live);
            world.remembered(&self.it).policy.on_remove = policy;
            world.remove_manifest(&self.it);
            self.add(name, world, vec![part], None, all);
        }
    }

    /// What takes the place of another one.
    fn replaces(&mut self) {
        let all = BESIDE + WORTH;
        let mut world = self.with(Status::Live);
        world.templates(&[15]);
        let manifest = world.manifest(&self.it);
        manifest.policy.on_template_change = OnTemplateChange::Replace;
        manifest.policy.on_fixed_change = OnFixedChange::Replace;
        manifest.spec.completes = Field::Set(150);
        if self.vendor == PS {
            manifest.spec.template = Field::Set(15);
        } else {
            manifest.spec.locale = Field::Set("es-US".to_owned());
        }
        let id = world.seen(&self.it).id.clone();
        let parts = vec![
            self.part(Action::Replace, &[Guard::Replace], 0),
            Part {
                id: format!("{}:close-{id}", self.it),
                waits: Some(0),
                ..self.part(Action::Close, &[Guard::Replace], -WORTH)
            },
            Part {
                waits: Some(1),
                ..self.part(Action::Launch, &[Guard::Launch], 600)
            },
        ];
        self.add("replaced", world, parts, Some(4), all);

        let mut world = self.with(Status::Live);
        world.remembered(&self.it).former = vec!["900".to_owned()];
        let old = twin_at(self.vendor, "900", &part(self.vendor));
        world.live.former.insert("900".to_owned(), Reading::Present(old));
        let close = Part {
            id: format!("{}:close-900", self.it),
            ..self.part(Action::Close, &[Guard::Replace], -WORTH)
        };
        self.add("replaced before", world, vec![close], None, all + WORTH);
    }
}

/// Everything that can be wanted of a survey at a vendor.
fn scenes(vendor: VendorId) -> Vec<Scene> {
    let mut stage = Stage {
        vendor,
        it: fielded_as(vendor, "soda"),
        scenes: Vec::new(),
    };
    stage.goes();
    stage.changes();
    stage.leaves();
    stage.replaces();
    stage.scenes
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Limit {
    Increase,
    Total,
    Price,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Degree {
    Absent,
    Met,
    Exceeded,
}

const LIMITS: [Limit; 3] = [Limit::Increase, Limit::Total, Limit::Price];
const DEGREES: [Degree; 3] = [Degree::Absent, Degree::Met, Degree::Exceeded];
const CURRENCIES: [&str; 2] = ["USD", "EUR"];
const RULES: [Rule; 3] = [Rule::Allow, Rule::Ask, Rule::Deny];

/// A limit of an environment, in cents.
#[derive(Debug, Clone, Copy)]
struct Set {
    limit: Limit,
    cents: i64,
    same_currency: bool,
}

impl Scene {
    /// The guards that stand here. Limits of money are looked at wherever nothing else does.
    fn guards(&self) -> BTreeSet<Guard> {
        let mut guards: BTreeSet<Guard> = self.parts.iter().flat_map(|part| part.guards.clone()).collect();
        if guards.is_empty() || self.parts.iter().any(|part| part.adds > 0) {
            guards.insert(Guard::Exposure);
        }
        guards
    }

    fn change(&self) -> i64 {
        self.parts.iter().map(|part| part.adds).sum()
    }

    /// A limit that the whole scene meets to the cent, or breaks by one.
    fn limit(&self, limit: Limit, degree: Degree, currency: &str) -> Option<Set> {
        let dollars = match limit {
            Limit::Increase => self.change().max(0),
            Limit::Total => self.before + self.change(),
            Limit::Price => self.price.unwrap_or(4),
        };
        let cents = match degree {
            Degree::Absent => return None,
            Degree::Met => dollars * 100,
            Degree::Exceeded => (dollars * 100 - 1).max(0),
        };
        Some(Set {
            limit,
            cents,
            same_currency: currency == "USD",
        })
    }

    /// Which steps stay, by the documentation: what is denied goes first; a price above `max_cpi` is not written; what
    /// raises the exposure goes when the sum of what is left breaks a limit. What waits for a step goes with it.
    fn stay(&self, denied: Option<Guard>, set: Option<Set>) -> Vec<bool> {
        let mut stays = vec![true; self.parts.len()];
        if let (Some(set), Some(price)) = (set, self.price)
            && set.limit == Limit::Price
            && (!set.same_currency || price * 100 > set.cents)
        {
            return vec![false; self.parts.len()];
        }
        let drop = |stays: &mut Vec<bool>, goes: &dyn Fn(&Part) -> bool| {
            for (index, part) in self.parts.iter().enumerate() {
                let lost = part.waits.is_some_and(|first| !stays[first]);
                stays[index] &= !lost && !goes(part);
            }
        };
        drop(&mut stays, &|part| {
            denied.is_some_and(|guard| part.guards.contains(&guard))
        });
        let change = self.kept(&stays);
        let broken = set.is_some_and(|set| {
            let reached = match set.limit {
                Limit::Increase => change,
                Limit::Total => self.before + change,
                Limit::Price => return false,
            };
            change > 0 && (!set.same_currency || reached * 100 > set.cents)
        });
        if broken {
            drop(&mut stays, &|part| part.adds > 0);
        }
        stays
    }

    /// What the steps that stay add.
    fn kept(&self, stays: &[bool]) -> i64 {
        let parts = self.parts.iter().zip(stays);
        parts
            .filter(|(_, stays)| **stays)
            .map(|(part, _)| part.adds)
            .sum()
    }
}

/// The actions on which a guard stands. For `exposure`: those that it refuses.
fn stands_on(guard: Guard) -> &'static [Action] {
    match guard {
        Guard::Launch => &[Action::Launch, Action::Resume],
        Guard::Close => &[Action::Close],
        Guard::Remove => &[Action::Pause, Action::Close, Action::Forget],
        Guard::Replace => &[Action::Replace, Action::Close],
        Guard::EditLiveTargeting => &[Action::Update],
        Guard::Exposure => &[Action::Launch, Action::Resume, Action::Update],
        // There are not many surveys here, and outcomes of transactions are changed by no survey's plan.
        Guard::Changes | Guard::Reconcile | Guard::AcceptList => &[],
    }
}

/// One guard has a rule, and so has the one of limits, which no rule lifts; those that do not stand anywhere here deny.
fn rules(scene: &Scene, guard: Guard, rule: Rule, set: Option<Set>) -> GuardRules {
    let mut rules = GuardRules::default();
    for other in Guard::ALL {
        let stands = scene.parts.iter().any(|part| part.guards.contains(&other));
        rules.set(other, if stands { Rule::Allow } else { Rule::Deny });
    }
    rules.set(Guard::Exposure, rule);
    rules.set(guard, rule);
    if let Some(set) = set {
        let code = if set.same_currency { "USD" } else { "EUR" };
        let limits = match set.limit {
            Limit::Increase => &mut rules.max_increase,
            Limit::Total => &mut rules.max_total,
            Limit::Price => &mut rules.max_cpi,
        };
        let currency = iso_currency::Currency::from_code(code).unwrap();
        limits.insert(code.to_owned(), Money::new(Decimal::new(set.cents, 2), currency));
    }
    rules
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

/// The steps of a scene that stay.
fn expected<'a>(scene: &'a Scene, stays: &[bool]) -> Vec<&'a Part> {
    let parts = scene.parts.iter().zip(stays);
    parts.filter(|(_, stays)| **stays).map(|(part, _)| part).collect()
}

/// Holds a plan against what has to come out.
fn judge(scene: &Scene, rules: &GuardRules, guard: Guard, rule: Rule, set: Option<Set>, mut plan: Plan) {
    let what = format!("{} with {guard}: {rule:?} and {set:?}", scene.name);
    let stays = scene.stay((rule == Rule::Deny).then_some(guard), set);
    let wanted = expected(scene, &stays);
    let names: Vec<&str> = wanted.iter().map(|part| part.id.as_str()).collect();
    assert_eq!(ids(&plan), names, "{what}: {:#?}", plan.notes);
    for (step, part) in plan.steps.iter().zip(wanted) {
        assert_eq!((step.action, &step.guards), (part.action, &part.guards), "{what}");
    }
    let usd: Vec<_> = plan
        .exposure
        .iter()
        .map(|e| (e.before.amount, e.after.amount))
        .collect();
    let after = scene.before + scene.kept(&stays);
    assert_eq!(
        usd,
        [(Decimal::from(scene.before), Decimal::from(after))],
        "{what}"
    );
    let refusals: Vec<&str> = plan
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::Refused)
        .map(|note| note.message.as_str())
        .collect();
    let lost = stays.iter().any(|stays| !stays);
    assert_eq!(!refusals.is_empty(), lost, "{what}: {refusals:?}");
    let reasons = [
        "max_cpi".to_owned(),
        "guard `exposure`".to_owned(),
        format!("guard `{guard}`"),
    ];
    for refusal in refusals {
        assert!(
            reasons.iter().any(|reason| refusal.contains(reason)),
            "{what}: {refusal}"
        );
    }
    // An approval that is asked for and not given is as good as a denial.
    let unapproved = scene.stay((rule != Rule::Allow).then_some(guard), set);
    let gone = refuse_unapproved(rules, &BTreeSet::new(), &mut plan);
    let names: Vec<&str> = expected(scene, &unapproved)
        .iter()
        .map(|part| part.id.as_str())
        .collect();
    assert_eq!(ids(&plan), names, "{what}, not approved: {:#?}", plan.notes);
    let asked = stays.iter().filter(|stays| **stays).count() - names.len();
    assert_eq!(gone.len(), asked, "{what}");
}

#[test]
fn every_guard_and_limit_on_every_action_at_every_vendor() {
    let mut visited = BTreeSet::new();
    for vendor in vendors() {
        for scene in scenes(*vendor) {
            let mut world = scene.world.clone();
            for guard in scene.guards() {
                for rule in RULES {
                    for (limit, degree, currency) in combinations() {
                        let set = scene.limit(limit, degree, currency);
                        world.guards = rules(&scene, guard, rule, set);
                        let plan = world.with_inputs(&Markets::default(), infield::plan::plan);
                        judge(&scene, &world.guards, guard, rule, set, plan);
                        let stands = |part: &&Part| match guard {
                            Guard::Exposure => part.adds > 0,
                            guard => part.guards.contains(&guard),
                        };
                        for part in scene.parts.iter().filter(stands) {
                            visited.insert(format!(
                                "{vendor} {guard} {} {rule:?} {limit:?} {degree:?} {currency}",
                                part.action
                            ));
                        }
                    }
                }
            }
        }
    }
    let mut wanted = BTreeSet::new();
    for vendor in vendors() {
        for guard in Guard::ALL {
            for action in stands_on(guard) {
                for rule in RULES {
                    for (limit, degree, currency) in combinations() {
                        wanted.insert(format!(
                            "{vendor} {guard} {action} {rule:?} {limit:?} {degree:?} {currency}"
                        ));
                    }
                }
            }
        }
    }
    assert_eq!(visited, wanted);
    // 3 vendors, 12 guarded actions, 3 rules, 3 limits of 3 degrees in 2 currencies.
    assert_eq!(visited.len(), 3 * 12 * 3 * 3 * 3 * 2);
}

fn combinations() -> impl Iterator<Item = (Limit, Degree, &'static str)> {
    LIMITS.into_iter().flat_map(|limit| {
        DEGREES.into_iter().flat_map(move |degree| {
            CURRENCIES
                .into_iter()
                .map(move |currency| (limit, degree, currency))
        })
    })
}

#[test]
fn every_guard_has_its_documented_name_and_default() {
    let rules = GuardRules::default();
    let table: Vec<String> = Guard::ALL
        .into_iter()
        .map(|guard| format!("{guard} {:?}", rules.rule(guard)))
        .collect();
    insta::assert_snapshot!(table.join("\n"), @r"
    launch Ask
    close Ask
    remove Ask
    replace Deny
    edit-live-targeting Ask
    exposure Deny
    changes Ask
    reconcile Ask
    accept-list Ask
    ");
    for guard in Guard::ALL {
        assert_eq!(Guard::from_key(guard.key()), Some(guard));
    }
    assert_eq!(Guard::from_key("spend"), None);
}

#[test]
fn a_rule_that_is_set_takes_the_place_of_the_default() {
    let mut rules = GuardRules::default();
    rules.set(Guard::Replace, Rule::Allow);
    assert_eq!(rules.rule(Guard::Replace), Rule::Allow);
    assert_eq!(rules.rule(Guard::Close), Rule::Ask);
    rules.set(Guard::Replace, Rule::Ask);
    assert_eq!(rules.rule(Guard::Replace), Rule::Ask);
}

/// Every vendor, whichever test runs first.
fn vendors() -> &'static [VendorId] {
    infield::marketplace::registry::install();
    VendorId::all()
}
